// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.NetlinkNative
#include <errno.h>
#include <stdlib.h>

#include "../link/link.h"
#include "jni_binding.h"

static jint netlink_open(JNIEnv *env, jclass class, jstring netns) {
  (void)class;
  const char *path;
  int result = fj_string_get(env, netns, &path);
  if (result) return result;
  result = fj_netlink_open(path);
  fj_string_release(env, netns, path);
  return result;
}

static int exchange(JNIEnv *env, int fd, jbyteArray request, jint length, struct fj_answer *answer) {
  if (length <= 0 || length > (*env)->GetArrayLength(env, request)) return -EINVAL;
  jbyte *bytes = malloc((size_t)length);
  if (!bytes) return -ENOMEM;
  (*env)->GetByteArrayRegion(env, request, 0, length, bytes);
  int error = fj_netlink_exchange(fd, bytes, (size_t)length, answer);
  free(bytes);
  return error;
}

static jbyteArray netlink_exchange(JNIEnv *env, jclass class, jint fd, jbyteArray request, jint length,
                                   jintArray status) {
  (void)class;
  struct fj_answer answer = {0};
  jint error = exchange(env, fd, request, length, &answer);
  (*env)->SetIntArrayRegion(env, status, 0, 1, &error);
  jbyteArray result = (*env)->NewByteArray(env, (jsize)answer.length);
  if (result && answer.length > 0)
    (*env)->SetByteArrayRegion(env, result, 0, (jsize)answer.length, (const jbyte *)answer.bytes);
  free(answer.bytes);
  return result;
}

static jint netlink_close(JNIEnv *env, jclass class, jint fd) {
  (void)env;
  (void)class;
  return fj_close_fd(fd);
}

static jint netlink_ifindex(JNIEnv *env, jclass class, jstring netns, jstring name) {
  (void)class;
  const char *path, *chars;
  int result = fj_string_get(env, netns, &path);
  if (result) return result;
  result = fj_string_get(env, name, &chars);
  if (result == 0) result = chars ? fj_link_index(path, chars) : -EINVAL;
  fj_string_release(env, name, chars);
  fj_string_release(env, netns, path);
  return result;
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("open", "(" FJ_STRING ")I", netlink_open),
    FJ_NATIVE("exchange", "(I[BI[I)[B", netlink_exchange),
    FJ_NATIVE("close", "(I)I", netlink_close),
    FJ_NATIVE("ifindex", "(" FJ_STRING FJ_STRING ")I", netlink_ifindex),
};
const struct fj_binding fj_netlink_binding = {FJ_CLASS "NetlinkNative", METHODS, FJ_COUNT(METHODS)};
