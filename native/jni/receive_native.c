// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.ReceiveNative
#include <errno.h>
#include <linux/bpf_common.h>
#include <stdlib.h>

#include "../wire/wire.h"
#include "jni_binding.h"

static struct sock_filter unpack(jlong packed) {
  uint64_t bits = (uint64_t)packed;
  return (struct sock_filter){(uint16_t)bits, (uint8_t)(bits >> 16), (uint8_t)(bits >> 24),
                              (uint32_t)(bits >> 32)};
}

static jlong pack(const struct sock_filter *instruction) {
  return (jlong)((uint64_t)instruction->code | (uint64_t)instruction->jt << 16 |
                 (uint64_t)instruction->jf << 24 | (uint64_t)instruction->k << 32);
}

// The instructions, to be freed; NULL with 0 for a null array.
static int filter_get(JNIEnv *env, jlongArray array, struct sock_filter **filter, uint16_t *length) {
  *filter = NULL;
  *length = 0;
  if (!array) return 0;
  jsize count = (*env)->GetArrayLength(env, array);
  if (count <= 0 || count > BPF_MAXINSNS) return -EINVAL;
  struct sock_filter *instructions = calloc((size_t)count, sizeof *instructions);
  if (!instructions) return -ENOMEM;
  for (jsize i = 0; i < count; i++) {
    jlong packed;
    (*env)->GetLongArrayRegion(env, array, i, 1, &packed);
    instructions[i] = unpack(packed);
  }
  *filter = instructions;
  *length = (uint16_t)count;
  return 0;
}

static jlong receive_open(JNIEnv *env, jclass class, jint backend, jstring netns, jint ifindex,
                          jint block_size, jint blocks, jint retire_ms, jint snaplen, jint flags,
                          jlongArray filter, jlong engine) {
  (void)class;
  if (block_size <= 0 || blocks <= 0 || retire_ms < 0 || snaplen <= 0) return -EINVAL;
  struct sock_filter *instructions;
  struct fj_rx_config config = {
      .backend = (enum fj_backend)backend,
      .ifindex = ifindex,
      .block_size = (uint32_t)block_size,
      .blocks = (uint32_t)blocks,
      .retire_ms = (uint32_t)retire_ms,
      .snaplen = (uint32_t)snaplen,
      .flags = flags,
      .engine = fj_from_handle(engine),
  };
  int error = filter_get(env, filter, &instructions, &config.filter_length);
  if (error) return error;
  config.filter = instructions;
  struct fj_rx *rx = NULL;
  error = fj_string_get(env, netns, &config.netns);
  if (error) goto free_filter;
  error = fj_rx_open(&rx, &config);
  fj_string_release(env, netns, config.netns);
free_filter:
  free(instructions);
  return error ? error : fj_to_handle(rx);
}

static jobject receive_memory(JNIEnv *env, jclass class, jlong handle) {
  (void)class;
  struct fj_rx *rx = fj_from_handle(handle);
  return fj_buffer_over(env, &rx->mapping);
}

static jint receive_await(JNIEnv *env, jclass class, jlong handle, jlong timeout_ns) {
  (void)env;
  (void)class;
  return fj_rx_await(fj_from_handle(handle), timeout_ns);
}

static void receive_wake(JNIEnv *env, jclass class, jlong handle) {
  (void)env;
  (void)class;
  (void)fj_rx_wake(fj_from_handle(handle));
}

static jint receive_refill(JNIEnv *env, jclass class, jlong handle, jint block) {
  (void)env;
  (void)class;
  return fj_rx_refill(fj_from_handle(handle), block);
}

static jint receive_statistics(JNIEnv *env, jclass class, jlong handle) {
  (void)env;
  (void)class;
  return fj_rx_statistics(fj_from_handle(handle));
}

static void receive_close(JNIEnv *env, jclass class, jlong handle) {
  (void)env;
  (void)class;
  fj_rx_close(fj_from_handle(handle));
}

// --- compile
// --------------------------------------------------------------------------------------------------

enum { ERROR_TEXT = 256 };  // PCAP_ERRBUF_SIZE

static void give_program(JNIEnv *env, const struct sock_filter *program, jsize count, jlongArray to) {
  for (jsize i = 0; i < count; i++) {
    jlong packed = pack(&program[i]);
    (*env)->SetLongArrayRegion(env, to, i, 1, &packed);
  }
}

static void give_error(JNIEnv *env, const char *text, jbyteArray to) {
  jsize room = (*env)->GetArrayLength(env, to);
  (*env)->SetByteArrayRegion(env, to, 0, room < ERROR_TEXT ? room : ERROR_TEXT, (const jbyte *)text);
}

static jint receive_compile(JNIEnv *env, jclass class, jstring netns, jint ifindex, jint snaplen,
                            jstring expression, jlongArray to, jbyteArray error_to) {
  (void)class;
  struct sock_filter program[BPF_MAXINSNS];
  char text[ERROR_TEXT] = "";
  jsize room = (*env)->GetArrayLength(env, to);
  struct fj_filter_request request = {
      .ifindex = ifindex,
      .snaplen = snaplen,
      .program = program,
      .program_room = room < BPF_MAXINSNS ? (size_t)room : BPF_MAXINSNS,
      .error = text,
      .error_room = sizeof text,
  };
  int result = fj_string_get(env, netns, &request.netns);
  if (result) return result;
  result = fj_string_get(env, expression, &request.expression);
  if (result == 0) result = request.expression ? fj_filter_compile(&request) : -EINVAL;
  fj_string_release(env, expression, request.expression);
  fj_string_release(env, netns, request.netns);
  if (result == -ENOMEM && !request.expression) return result;  // with an OutOfMemoryError pending
  if (result > 0) give_program(env, program, result, to);
  if (result < 0) give_error(env, text, error_to);
  return result;
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("open", "(I" FJ_STRING "IIIIII[JJ)J", receive_open),
    FJ_NATIVE("memory", "(J)" FJ_BUFFER, receive_memory),
    FJ_NATIVE("await", "(JJ)I", receive_await),
    FJ_NATIVE("wake", "(J)V", receive_wake),
    FJ_NATIVE("refill", "(JI)I", receive_refill),
    FJ_NATIVE("statistics", "(J)I", receive_statistics),
    FJ_NATIVE("close", "(J)V", receive_close),
    FJ_NATIVE("compile", "(" FJ_STRING "II" FJ_STRING "[J[B)I", receive_compile),
};
const struct fj_binding fj_receive_binding = {FJ_CLASS "ReceiveNative", METHODS, FJ_COUNT(METHODS)};
