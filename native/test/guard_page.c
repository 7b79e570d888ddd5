// SPDX-License-Identifier: Apache-2.0
// io.framejet.fuzz.GuardPage: memory behind which nothing may be read. For the Java tests, in a library of
// its own that is not shipped.
#include <jni.h>
#include <sys/mman.h>
#include <unistd.h>

// Two pages, of which the second is unreadable. The buffer spans both, so that its own bounds stop nobody.
JNIEXPORT jobject JNICALL Java_io_framejet_fuzz_GuardPage_map(JNIEnv *env, jclass class) {
  (void)class;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  void *base = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return NULL;
  if (mprotect((char *)base + page, page, PROT_NONE)) {
    (void)munmap(base, 2 * page);
    return NULL;
  }
  return (*env)->NewDirectByteBuffer(env, base, (jlong)(2 * page));
}
