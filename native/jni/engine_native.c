// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.EngineNative
#include <errno.h>

#include "../link/link.h"
#include "../wire/engine.h"
#include "jni_binding.h"

static jlong engine_open(JNIEnv *env, jclass class, jstring netns, jint ifindex, jint slots) {
  (void)class;
  if (slots <= 0) return -EINVAL;
  const char *path;
  int error = fj_string_get(env, netns, &path);
  if (error) return error;
  struct fj_engine_config config = {.netns = path, .ifindex = ifindex, .slots = (uint32_t)slots};
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

static jstring engine_program_name(JNIEnv *env, jclass class, jint id) {
  (void)class;
  char name[BPF_OBJ_NAME_LEN];
  fj_engine_program_name((uint32_t)id, name);
  return (*env)->NewStringUTF(env, name);  // of letters, digits, '_' and '.' (kernel/bpf/syscall.c)
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
    FJ_NATIVE("open", "(" FJ_STRING "II)J", engine_open),
    FJ_NATIVE("release", "(J)V", engine_release),
    FJ_NATIVE("programName", "(I)" FJ_STRING, engine_program_name),
    FJ_NATIVE("setGro", "(" FJ_STRING FJ_STRING "Z)I", engine_set_gro),
};
const struct fj_binding fj_engine_binding = {FJ_CLASS "EngineNative", METHODS, FJ_COUNT(METHODS)};
