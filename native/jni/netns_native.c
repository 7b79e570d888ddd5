// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.NetnsNative
#include <errno.h>
#include <stddef.h>

#include "../link/link.h"
#include "jni_binding.h"

static jint netns_create(JNIEnv *env, jclass class) {
  (void)env;
  (void)class;
  return fj_netns_create();
}

static jint netns_open(JNIEnv *env, jclass class, jstring path) {
  (void)class;
  const char *chars;
  int result = fj_string_get(env, path, &chars);
  if (result) return result;
  result = fj_netns_open(chars);
  fj_string_release(env, path, chars);
  return result;
}

static jlong netns_inode(JNIEnv *env, jclass class, jint fd) {
  (void)env;
  (void)class;
  return fj_netns_inode(fd);
}

static jint netns_close(JNIEnv *env, jclass class, jint fd) {
  (void)env;
  (void)class;
  return fj_close_fd(fd);
}

static jint netns_enter(JNIEnv *env, jclass class, jint fd) {
  (void)env;
  (void)class;
  return fj_netns_enter(fd);
}

static jint netns_leave(JNIEnv *env, jclass class, jint former) {
  (void)env;
  (void)class;
  return fj_netns_leave(former);
}

static jint netns_write_sysctl(JNIEnv *env, jclass class, jint fd, jstring path, jstring value) {
  (void)class;
  const char *path_chars, *value_chars = NULL;
  int result = fj_string_get(env, path, &path_chars);
  if (result) return result;
  result = fj_string_get(env, value, &value_chars);
  if (result == 0)
    result = path_chars && value_chars ? fj_netns_write_sysctl(fd, path_chars, value_chars) : -EINVAL;
  fj_string_release(env, value, value_chars);
  fj_string_release(env, path, path_chars);
  return result;
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("create", "()I", netns_create),
    FJ_NATIVE("open", "(" FJ_STRING ")I", netns_open),
    FJ_NATIVE("inode", "(I)J", netns_inode),
    FJ_NATIVE("close", "(I)I", netns_close),
    FJ_NATIVE("enter", "(I)I", netns_enter),
    FJ_NATIVE("leave", "(I)I", netns_leave),
    FJ_NATIVE("writeSysctl", "(I" FJ_STRING FJ_STRING ")I", netns_write_sysctl),
};
const struct fj_binding fj_netns_binding = {FJ_CLASS "NetnsNative", METHODS, FJ_COUNT(METHODS)};
