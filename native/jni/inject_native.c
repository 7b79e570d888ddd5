// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.InjectNative
#include <errno.h>
#include <sys/mman.h>

#include "../wire/cpu.h"
#include "../wire/wire.h"
#include "jni_binding.h"

static jlong inject_open(JNIEnv *env, jclass class, jint backend, jstring netns, jint ifindex, jint slots,
                         jint capacity, jint flags, jlong engine) {
  (void)class;
  if (slots <= 0 || capacity < 0) return -EINVAL;
  const char *path;
  int error = fj_string_get(env, netns, &path);
  if (error) return error;
  struct fj_tx_config config = {
      .backend = (enum fj_backend)backend,
      .netns = path,
      .ifindex = ifindex,
      .slots = (uint32_t)slots,
      .capacity = (uint32_t)capacity,
      .queue = (uint32_t)flags >> 16,
      .flags = flags & 0xffff,
      .engine = fj_from_handle(engine),
  };
  struct fj_tx *tx;
  error = fj_tx_open(&tx, &config);
  fj_string_release(env, netns, path);
  return error ? error : fj_to_handle(tx);
}

static jobject inject_memory(JNIEnv *env, jclass class, jlong handle) {
  (void)class;
  struct fj_tx *tx = fj_from_handle(handle);
  return fj_buffer_over(env, &tx->mapping);
}

static jint inject_send(JNIEnv *env, jclass class, jlong handle, jint first, jint count) {
  (void)env;
  (void)class;
  return fj_tx_send(fj_from_handle(handle), first, count);
}

static jint inject_pace(JNIEnv *env, jclass class, jlong handle, jlong interval) {
  (void)env;
  (void)class;
  return fj_tx_pace(fj_from_handle(handle), (uint64_t)interval);
}

static jint inject_stamp(JNIEnv *env, jclass class, jlong handle, jint offset) {
  (void)env;
  (void)class;
  return offset < 0 ? -EINVAL : fj_tx_stamp(fj_from_handle(handle), (uint32_t)offset);
}

static jint inject_stream(JNIEnv *env, jclass class, jlong handle, jlong sequence, jint count) {
  (void)env;
  (void)class;
  return fj_tx_stream(fj_from_handle(handle), (uint64_t)sequence, count);
}

static jint inject_pin(JNIEnv *env, jclass class, jint index) {
  (void)env;
  (void)class;
  return fj_cpu_pin(index);
}

static void inject_close(JNIEnv *env, jclass class, jlong handle) {
  (void)env;
  (void)class;
  fj_tx_close(fj_from_handle(handle));
}

static void inject_unmap(JNIEnv *env, jclass class, jlong address, jlong length) {
  (void)env;
  (void)class;
  (void)munmap(fj_from_handle(address), (size_t)length);
}

static jlong inject_address(JNIEnv *env, jclass class, jobject buffer) {
  (void)class;
  return fj_to_handle((*env)->GetDirectBufferAddress(env, buffer));
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("open", "(I" FJ_STRING "IIIIJ)J", inject_open),
    FJ_NATIVE("memory", "(J)" FJ_BUFFER, inject_memory),
    FJ_NATIVE("send", "(JII)I", inject_send),
    FJ_NATIVE("pace", "(JJ)I", inject_pace),
    FJ_NATIVE("stamp", "(JI)I", inject_stamp),
    FJ_NATIVE("stream", "(JJI)I", inject_stream),
    FJ_NATIVE("pin", "(I)I", inject_pin),
    FJ_NATIVE("close", "(J)V", inject_close),
    FJ_NATIVE("unmap", "(JJ)V", inject_unmap),
    FJ_NATIVE("address", "(" FJ_BUFFER ")J", inject_address),
};
const struct fj_binding fj_inject_binding = {FJ_CLASS "InjectNative", METHODS, FJ_COUNT(METHODS)};
