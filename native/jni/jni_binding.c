// SPDX-License-Identifier: Apache-2.0
#include "jni_binding.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

static const struct fj_binding *const BINDINGS[] = {
    &fj_inject_binding, &fj_receive_binding, &fj_netlink_binding, &fj_netns_binding,    &fj_promisc_binding,
    &fj_driver_binding, &fj_library_binding, &fj_engine_binding,  &fj_emulator_binding, &fj_thread_binding,
};

int fj_string_get(JNIEnv *env, jstring string, const char **chars) {
  *chars = NULL;
  if (!string) return 0;
  *chars = (*env)->GetStringUTFChars(env, string, NULL);
  return *chars ? 0 : -ENOMEM;
}

void fj_string_release(JNIEnv *env, jstring string, const char *chars) {
  if (chars) (*env)->ReleaseStringUTFChars(env, string, chars);
}

int fj_close_fd(int fd) {
  // Not retried on EINTR: Linux has closed it by then (man 2 close).
  return close(fd) && errno != EINTR ? -errno : 0;
}

static int bind_class(JNIEnv *env, const struct fj_binding *binding) {
  jclass class = (*env)->FindClass(env, binding->class_name);
  if (!class) return JNI_ERR;
  jint result = (*env)->RegisterNatives(env, class, binding->methods, binding->count);
  (*env)->DeleteLocalRef(env, class);
  return result == JNI_OK ? JNI_OK : JNI_ERR;
}

// On failure the JVM throws what FindClass or RegisterNatives left pending.
JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved) {
  (void)reserved;
  JNIEnv *env;
  if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_8) != JNI_OK) return JNI_ERR;
  for (size_t i = 0; i < sizeof BINDINGS / sizeof *BINDINGS; i++)
    if (bind_class(env, BINDINGS[i]) != JNI_OK) return JNI_ERR;
  return JNI_VERSION_1_8;
}

// Nothing is kept between calls, so there is nothing to let go; handles are their owners'.
JNIEXPORT void JNICALL JNI_OnUnload(JavaVM *vm, void *reserved) {
  (void)vm;
  (void)reserved;
}

jobject fj_buffer_over(JNIEnv *env, struct fj_mapping *mapping) {
  jobject buffer = (*env)->NewDirectByteBuffer(env, mapping->base, (jlong)mapping->length);
  if (buffer)
    mapping->shared = 1;
  else
    (*env)->ExceptionClear(env);
  return buffer;
}
