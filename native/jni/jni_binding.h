// SPDX-License-Identifier: Apache-2.0
// Marshalling only: unwrap, call, return. One C file per bound class, each with its table for
// RegisterNatives.
#pragma once
#include <jni.h>
#include <stdint.h>

#include "../wire/mapping.h"

struct fj_binding {
  const char *class_name;
  const JNINativeMethod *methods;
  jint count;
};

extern const struct fj_binding fj_inject_binding, fj_receive_binding, fj_netlink_binding, fj_netns_binding,
    fj_promisc_binding, fj_driver_binding, fj_library_binding, fj_engine_binding, fj_emulator_binding,
    fj_thread_binding;

#define FJ_CLASS "io/framejet/jni/"
#define FJ_STRING "Ljava/lang/String;"
#define FJ_BUFFER "Ljava/nio/ByteBuffer;"
#define FJ_COUNT(table) ((jint)(sizeof(table) / sizeof *(table)))
#define FJ_NATIVE(name, signature, function) \
  { (char *)(name), (char *)(signature), (void *)(function) }

// A Java string that may be null. 0, or -ENOMEM with an OutOfMemoryError pending.
int fj_string_get(JNIEnv *env, jstring string, const char **chars);
void fj_string_release(JNIEnv *env, jstring string, const char *chars);

// A direct buffer over all of a mapping, which then stays mapped when its owner closes; NULL when none can be
// made, with no exception pending: Java closes the handle, and throws its own.
jobject fj_buffer_over(JNIEnv *env, struct fj_mapping *mapping);

static inline jlong fj_to_handle(void *pointer) {
  return (jlong)(intptr_t)pointer;
}
static inline void *fj_from_handle(jlong handle) {
  return (void *)(intptr_t)handle;
}

int fj_close_fd(int fd);
