// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.ThreadNative
#include <sys/syscall.h>
#include <unistd.h>

#include "../wire/cpu.h"
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

static jint thread_id(JNIEnv *env, jclass class) {
  (void)env;
  (void)class;
  return (jint)syscall(SYS_gettid);  // in glibc from 2.30 on
}

static jlong thread_keep_off(JNIEnv *env, jclass class, jint thread) {
  (void)env;
  (void)class;
  return fj_to_handle(fj_cpu_keep_off(thread));
}

static void thread_let_back(JNIEnv *env, jclass class, jint thread, jlong before) {
  (void)env;
  (void)class;
  fj_cpu_let_back(thread, fj_from_handle(before));
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("hurry", "()J", thread_hurry),
    FJ_NATIVE("relax", "(J)V", thread_relax),
    FJ_NATIVE("id", "()I", thread_id),
    FJ_NATIVE("keepOff", "(I)J", thread_keep_off),
    FJ_NATIVE("letBack", "(IJ)V", thread_let_back),
};
const struct fj_binding fj_thread_binding = {FJ_CLASS "ThreadNative", METHODS, FJ_COUNT(METHODS)};
