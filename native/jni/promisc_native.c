// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.PromiscNative
#include "../link/link.h"
#include "jni_binding.h"

static jint promisc_open(JNIEnv *env, jclass class, jstring netns, jint ifindex) {
  (void)class;
  const char *path;
  int result = fj_string_get(env, netns, &path);
  if (result) return result;
  result = fj_promisc_open(path, ifindex);
  fj_string_release(env, netns, path);
  return result;
}

static jint promisc_flags(JNIEnv *env, jclass class, jint fd, jint ifindex) {
  (void)env;
  (void)class;
  return fj_link_flags(fd, ifindex);
}

static jint promisc_change(JNIEnv *env, jclass class, jint fd, jint ifindex, jint set, jint clear) {
  (void)env;
  (void)class;
  return fj_promisc_change(fd, ifindex, set, clear);
}

static jint promisc_close(JNIEnv *env, jclass class, jint fd) {
  (void)env;
  (void)class;
  return fj_close_fd(fd);
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("open", "(" FJ_STRING "I)I", promisc_open),
    FJ_NATIVE("flags", "(II)I", promisc_flags),
    FJ_NATIVE("change", "(IIII)I", promisc_change),
    FJ_NATIVE("close", "(I)I", promisc_close),
};
const struct fj_binding fj_promisc_binding = {FJ_CLASS "PromiscNative", METHODS, FJ_COUNT(METHODS)};
