// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.EmulatorNative
#include <errno.h>
#include <string.h>

#include "../wire/emulator.h"
#include "jni_binding.h"

// In the order of EmulatorNative.open().
enum { K0, K1, THRESHOLD, MAX_SEGMENT, PORT_UNREACHABLE, IS_VETH, BY_TRANSMIT, NUMBERS };

static int read_hosts(JNIEnv *env, struct fj_emulator_config *config, struct fj_emulator_hosts *hosts,
                      jlongArray numbers, jbyteArray ports) {
  jlong values[NUMBERS];
  if ((*env)->GetArrayLength(env, numbers) != NUMBERS) return -EINVAL;
  if ((*env)->GetArrayLength(env, ports) != FJ_EMULATOR_PORT_BYTES) return -EINVAL;
  (*env)->GetLongArrayRegion(env, numbers, 0, NUMBERS, values);
  (*env)->GetByteArrayRegion(env, ports, 0, FJ_EMULATOR_PORT_BYTES, (jbyte *)hosts->open_ports);
  hosts->k0 = (uint64_t)values[K0];
  hosts->k1 = (uint64_t)values[K1];
  hosts->threshold = (uint64_t)values[THRESHOLD];
  hosts->max_segment = (uint16_t)values[MAX_SEGMENT];
  hosts->port_unreachable = values[PORT_UNREACHABLE] != 0;
  config->is_veth = values[IS_VETH] != 0;
  config->by_transmit = values[BY_TRANSMIT] != 0;
  return 0;
}

static jlong open_with_ranges(JNIEnv *env, struct fj_emulator_config *config, struct fj_emulator_hosts *hosts,
                              jintArray ranges4, jlongArray ranges6) {
  jlong result = -ENOMEM;
  struct fj_emulator *emulator;
  jint *four = (*env)->GetIntArrayElements(env, ranges4, NULL);
  jlong *six = (*env)->GetLongArrayElements(env, ranges6, NULL);
  if (four && six) {
    hosts->count4 = (uint32_t)(*env)->GetArrayLength(env, ranges4) / 2;
    hosts->count6 = (uint32_t)(*env)->GetArrayLength(env, ranges6) / 4;
    config->hosts = hosts;
    config->ranges4 = (const struct fj_emulator_range4 *)four;
    config->ranges6 = (const struct fj_emulator_range6 *)six;
    result = fj_emulator_open(&emulator, config);
    if (result == 0) result = fj_to_handle(emulator);
  }
  if (six) (*env)->ReleaseLongArrayElements(env, ranges6, six, JNI_ABORT);
  if (four) (*env)->ReleaseIntArrayElements(env, ranges4, four, JNI_ABORT);
  return result;
}

static jlong emulator_open(JNIEnv *env, jclass class, jstring netns, jint ifindex, jlongArray numbers,
                           jbyteArray ports, jintArray ranges4, jlongArray ranges6) {
  (void)class;
  struct fj_emulator_hosts hosts = {0};
  struct fj_emulator_config config = {.ifindex = ifindex};
  int error = read_hosts(env, &config, &hosts, numbers, ports);
  if (error == 0) error = fj_string_get(env, netns, &config.netns);
  if (error) return error;
  jlong result = open_with_ranges(env, &config, &hosts, ranges4, ranges6);
  fj_string_release(env, netns, config.netns);
  return result;
}

static jint emulator_counts(JNIEnv *env, jclass class, jlong handle, jlongArray into) {
  (void)class;
  uint64_t counts[FJ_EMULATOR_COUNTS];
  int error = fj_emulator_counts(fj_from_handle(handle), counts);
  if (error) return error;
  (*env)->SetLongArrayRegion(env, into, 0, FJ_EMULATOR_COUNTS, (const jlong *)counts);
  return 0;
}

static jboolean emulator_is_gone(JNIEnv *env, jclass class, jlong handle) {
  (void)env;
  (void)class;
  return fj_emulator_is_gone(fj_from_handle(handle));
}

static void emulator_stop(JNIEnv *env, jclass class, jlong handle) {
  (void)env;
  (void)class;
  fj_emulator_stop(fj_from_handle(handle));
}

static void emulator_close(JNIEnv *env, jclass class, jlong handle) {
  (void)env;
  (void)class;
  fj_emulator_close(fj_from_handle(handle));
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("open", "(" FJ_STRING "I[J[B[I[J)J", emulator_open),
    FJ_NATIVE("counts", "(J[J)I", emulator_counts),
    FJ_NATIVE("isGone", "(J)Z", emulator_is_gone),
    FJ_NATIVE("stop", "(J)V", emulator_stop),
    FJ_NATIVE("close", "(J)V", emulator_close),
};
const struct fj_binding fj_emulator_binding = {FJ_CLASS "EmulatorNative", METHODS, FJ_COUNT(METHODS)};
