// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.EngineNative
#include <errno.h>

#include "../link/link.h"
#include "../wire/demux.h"
#include "../wire/engine.h"
#include "jni_binding.h"

enum { RECOGNITION = 8, VERDICTS = 5, MOST_REPLIES = 1 << 20 };

static struct fj_recognition recognition_of(const jlong numbers[RECOGNITION]) {
  struct fj_recognition recognition = {.kind = (uint32_t)numbers[0],
                                       .consume = (uint32_t)numbers[1],
                                       .key0 = (uint64_t)numbers[2],
                                       .key1 = (uint64_t)numbers[3],
                                       .high = (uint64_t)numbers[4],
                                       .low = (uint64_t)numbers[5],
                                       .replies = (uint32_t)numbers[7]};
  for (int i = 0; i < 6; i++) recognition.mac[i] = (uint8_t)(numbers[6] >> (40 - 8 * i));
  return recognition;
}

static jlong engine_open(JNIEnv *env, jclass class, jstring netns, jint ifindex, jint slots, jint targets,
                         jbyteArray template, jlongArray asked) {
  (void)class;
  struct fj_xdp_template baked;
  jlong numbers[RECOGNITION] = {0};
  if (slots <= 0 || targets < 0) return -EINVAL;
  if (template) {
    if ((*env)->GetArrayLength(env, template) != sizeof baked) return -EINVAL;
    (*env)->GetByteArrayRegion(env, template, 0, sizeof baked, (jbyte *)&baked);
  }
  if (asked) {
    if ((*env)->GetArrayLength(env, asked) != RECOGNITION) return -EINVAL;
    (*env)->GetLongArrayRegion(env, asked, 0, RECOGNITION, numbers);
  }
  if (numbers[7] < 0 || numbers[7] > MOST_REPLIES || numbers[7] & (numbers[7] - 1)) return -EINVAL;
  struct fj_recognition recognition = recognition_of(numbers);
  const char *path;
  int error = fj_string_get(env, netns, &path);
  if (error) return error;
  struct fj_engine_config config = {.netns = path,
                                    .ifindex = ifindex,
                                    .slots = (uint32_t)slots,
                                    .targets = (uint32_t)targets,
                                    .template_ = template ? &baked : NULL,
                                    .recognition = asked ? &recognition : NULL};
  struct fj_engine *engine;
  error = fj_engine_open(&engine, &config);
  fj_string_release(env, netns, path);
  return error ? error : fj_to_handle(engine);
}

static void engine_release(JNIEnv *env, jclass class, jlong handle) {
  (void)env;
  (void)class;
  fj_engine_release(fj_from_handle(handle));
}

static void engine_verdicts(JNIEnv *env, jclass class, jlong handle, jlongArray to) {
  (void)class;
  const struct fj_demux *demux = fj_engine_demux(fj_from_handle(handle));
  const struct fj_verdicts *verdicts = &demux->state->verdicts;
  const __u64 *counters[VERDICTS] = {&verdicts->replies, &verdicts->others, &verdicts->refused,
                                     &verdicts->malformed, &verdicts->undecided};
  jlong counts[VERDICTS];
  for (int i = 0; i < VERDICTS; i++) counts[i] = (jlong)__atomic_load_n(counters[i], __ATOMIC_RELAXED);
  counts[0] = (jlong)fj_demux_replies(demux);
  if ((*env)->GetArrayLength(env, to) == VERDICTS) (*env)->SetLongArrayRegion(env, to, 0, VERDICTS, counts);
}

static jstring engine_program_name(JNIEnv *env, jclass class, jint id) {
  (void)class;
  char name[BPF_OBJ_NAME_LEN];
  fj_engine_program_name((uint32_t)id, name);
  return (*env)->NewStringUTF(env, name);  // of letters, digits, '_' and '.' (kernel/bpf/syscall.c)
}

static jlong engine_features(JNIEnv *env, jclass class, jstring netns, jint ifindex) {
  (void)class;
  const char *path;
  int error = fj_string_get(env, netns, &path);
  if (error) return error;
  jlong features = fj_link_ask_xdp_features(path, ifindex);
  fj_string_release(env, netns, path);
  return features;
}

static jint engine_set_gro(JNIEnv *env, jclass class, jstring netns, jstring name, jboolean on) {
  (void)class;
  const char *path, *chars = NULL;
  int error = fj_string_get(env, netns, &path);
  if (error) return error;
  error = fj_string_get(env, name, &chars);
  if (error == 0) error = chars ? fj_link_set_gro(path, chars, on) : -EINVAL;
  fj_string_release(env, name, chars);
  fj_string_release(env, netns, path);
  return error;
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("open", "(" FJ_STRING "III[B[J)J", engine_open),
    FJ_NATIVE("release", "(J)V", engine_release),
    FJ_NATIVE("verdicts", "(J[J)V", engine_verdicts),
    FJ_NATIVE("programName", "(I)" FJ_STRING, engine_program_name),
    FJ_NATIVE("features", "(" FJ_STRING "I)J", engine_features),
    FJ_NATIVE("setGro", "(" FJ_STRING FJ_STRING "Z)I", engine_set_gro),
};
const struct fj_binding fj_engine_binding = {FJ_CLASS "EngineNative", METHODS, FJ_COUNT(METHODS)};
