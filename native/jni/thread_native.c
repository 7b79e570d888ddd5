// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.ThreadNative
#include "../wire/thread.h"
#include "jni_binding.h"

static jlong thread_hurry(JNIEnv *env, jclass class) {
  (void)env;
  (void)class;
  return (jlong)fj_thread_hurry();
}

static void thread_relax(JNIEnv *env, jclass class, jlong before) {
  (void)env;
  (void)class;
  fj_thread_relax((uint64_t)before);
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("hurry", "()J", thread_hurry),
    FJ_NATIVE("relax", "(J)V", thread_relax),
};
const struct fj_binding fj_thread_binding = {FJ_CLASS "ThreadNative", METHODS, FJ_COUNT(METHODS)};
