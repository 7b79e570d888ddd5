// SPDX-License-Identifier: Apache-2.0
// The bindings, called through the tables that they register with a JVM that is none and whose calls fail.
#include "../jni/jni_binding.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab.h"

static struct {
  bool buffers, strings, classes, arrays;  // whether the call works
  void *address;                           // of the last buffer that was asked for
  jlong capacity;
  int strings_held, registered;
} jvm;

static jobject JNICALL new_buffer(JNIEnv *env, void *address, jlong capacity) {
  (void)env;
  jvm.address = address;
  jvm.capacity = capacity;
  return jvm.buffers ? (jobject)address : NULL;
}

static int cleared;
static void JNICALL clear_exception(JNIEnv *env) {
  (void)env;
  cleared++;
}

static const char *JNICALL get_chars(JNIEnv *env, jstring string, jboolean *is_copy) {
  (void)env;
  (void)is_copy;
  if (jvm.strings) jvm.strings_held++;
  return jvm.strings ? (const char *)string : NULL;
}

static void JNICALL release_chars(JNIEnv *env, jstring string, const char *chars) {
  (void)env;
  assert_ptr_equal(string, chars);
  jvm.strings_held--;
}

static jclass JNICALL find_class(JNIEnv *env, const char *name) {
  (void)env;
  assert_memory_equal(name, "io/framejet/jni/", 16);
  return jvm.classes ? (jclass)(intptr_t)name : NULL;
}

static jint JNICALL register_natives(JNIEnv *env, jclass class, const JNINativeMethod *methods, jint count) {
  (void)env;
  (void)class;
  for (jint i = 0; i < count; i++)
    assert_true(methods[i].name && methods[i].signature[0] == '(' && methods[i].fnPtr);
  jvm.registered += count;
  return JNI_OK;
}

static void JNICALL delete_local(JNIEnv *env, jobject object) {
  (void)env;
  (void)object;
}

static jsize JNICALL length_of(JNIEnv *env, jarray array) {
  (void)env;
  (void)array;
  return 64;
}

static void JNICALL get_bytes(JNIEnv *env, jbyteArray array, jsize start, jsize count, jbyte *to) {
  (void)env;
  (void)array;
  (void)start;
  memset(to, 0, (size_t)count);
}

static jint last_status;
static void JNICALL set_ints(JNIEnv *env, jintArray array, jsize start, jsize count, const jint *from) {
  (void)env;
  (void)array;
  (void)start;
  if (count == 1) last_status = *from;
}

static jarray JNICALL new_array(JNIEnv *env, jsize length) {
  (void)env;
  (void)length;
  return jvm.arrays ? (jarray)&jvm : NULL;
}

static const struct JNINativeInterface_ FUNCTIONS = {
    .NewDirectByteBuffer = new_buffer,
    .ExceptionClear = clear_exception,
    .GetStringUTFChars = get_chars,
    .ReleaseStringUTFChars = release_chars,
    .FindClass = find_class,
    .RegisterNatives = register_natives,
    .DeleteLocalRef = delete_local,
    .GetArrayLength = length_of,
    .GetByteArrayRegion = get_bytes,
    .SetIntArrayRegion = set_ints,
    .NewByteArray = (jbyteArray(JNICALL *)(JNIEnv *, jsize))new_array,
    .NewIntArray = (jintArray(JNICALL *)(JNIEnv *, jsize))new_array,
};
static JNIEnv env = &FUNCTIONS;

static jint JNICALL get_env(JavaVM *vm, void **to, jint version) {
  (void)vm;
  assert_int_equal(version, JNI_VERSION_1_8);
  *to = &env;
  return JNI_OK;
}
static const struct JNIInvokeInterface_ INVOKE = {.GetEnv = get_env};
static JavaVM vm = &INVOKE;

static void *native(const struct fj_binding *binding, const char *name) {
  for (jint i = 0; i < binding->count; i++)
    if (strcmp(binding->methods[i].name, name) == 0) return binding->methods[i].fnPtr;
  fail_msg("no native method %s", name);
  return NULL;
}

typedef jlong tx_open(JNIEnv *, jclass, jint, jstring, jint, jint, jint, jint);
typedef jlong rx_open(JNIEnv *, jclass, jint, jstring, jint, jint, jint, jint, jint, jint, jlongArray, jlong);
typedef jobject memory(JNIEnv *, jclass, jlong);
typedef void close_handle(JNIEnv *, jclass, jlong);
typedef void unmap(JNIEnv *, jclass, jlong, jlong);

static bool is_mapped(void *address) {
  unsigned char present;
  return mincore(address, 1, &present) == 0;
}

static int reset(void **state) {
  memset(&jvm, 0, sizeof jvm);
  jvm.strings = jvm.classes = jvm.arrays = jvm.buffers = true;
  return lab_reset(state);
}

static void check_memory(const struct fj_binding *binding, jlong handle) {
  assert_true(handle > 0);
  int before = cleared;
  jobject buffer = ((memory *)native(binding, "memory"))(&env, NULL, handle);
  assert_int_equal(cleared - before, !jvm.buffers);  // the JVM's own exception would keep Java from closing
  ((close_handle *)native(binding, "close"))(&env, NULL, handle);
  assert_int_equal(buffer != NULL, jvm.buffers);
  assert_int_equal(is_mapped(jvm.address), jvm.buffers);  // freed at once when no buffer could be made
  if (!buffer) return;
  ((unmap *)native(&fj_inject_binding, "unmap"))(&env, NULL, fj_to_handle(jvm.address), jvm.capacity);
  assert_false(is_mapped(jvm.address));
}

static void frees_memory_without_buffer(void **state) {
  (void)state;
  for (int backend = FJ_SOCKET; backend <= FJ_PCAP; backend++) {
    int ifindex = lab_index("v0");
    for (int buffers = 0; buffers < 2; buffers++) {
      jvm.buffers = buffers;
      check_memory(&fj_inject_binding, ((tx_open *)native(&fj_inject_binding, "open"))(
                                           &env, NULL, backend, NULL, ifindex, 16, 0, 0));
      check_memory(&fj_receive_binding,
                   ((rx_open *)native(&fj_receive_binding, "open"))(&env, NULL, backend, NULL, ifindex,
                                                                    1 << 16, 2, 1, 2000, 0, NULL, 0));
    }
  }
}

static void gives_up_without_string(void **state) {
  (void)state;
  int fds = lab_count_fds();
  jstring path = (jstring)(intptr_t) "/proc/self/ns/net";
  tx_open *open = (tx_open *)native(&fj_inject_binding, "open");
  jvm.strings = false;
  assert_int_equal(open(&env, NULL, FJ_RING, path, lab_index("v0"), 16, 0, 0), -ENOMEM);
  typedef jint ifindex(JNIEnv *, jclass, jstring, jstring);
  assert_int_equal(((ifindex *)native(&fj_netlink_binding, "ifindex"))(&env, NULL, path, path), -ENOMEM);
  jvm.strings = true;
  assert_int_equal(((ifindex *)native(&fj_netlink_binding, "ifindex"))(&env, NULL, path, NULL), -EINVAL);
  assert_int_equal(open(&env, NULL, FJ_RING, path, 9999, 16, 0, 0), -ENODEV);
  assert_int_equal(open(&env, NULL, FJ_RING, path, 1, -1, 0, 0), -EINVAL);
  assert_int_equal(jvm.strings_held, 0);  // each was released
  assert_int_equal(lab_count_fds(), fds);
}

static void gives_null_without_array(void **state) {
  (void)state;
  typedef jbyteArray exchange(JNIEnv *, jclass, jint, jbyteArray, jint, jintArray);
  typedef jintArray layout(JNIEnv *, jclass);
  jvm.arrays = false;
  assert_null(((exchange *)native(&fj_netlink_binding, "exchange"))(&env, NULL, -1, NULL, 65, NULL));
  assert_int_equal(last_status, -EINVAL);
  assert_null(((layout *)native(&fj_library_binding, "layout"))(&env, NULL));
}

static void registers_all_classes(void **state) {
  (void)state;
  assert_int_equal(JNI_OnLoad(&vm, NULL), JNI_VERSION_1_8);
  // inject, receive, netlink, netns, promisc, library, engine, driver, emulator, thread
  assert_int_equal(jvm.registered, 10 + 8 + 4 + 7 + 4 + 2 + 6 + 1 + 5 + 5);
  jvm.classes = false;
  assert_int_equal(JNI_OnLoad(&vm, NULL), JNI_ERR);
  JNI_OnUnload(&vm, NULL);
}

int main(void) {
  lab_enter();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(frees_memory_without_buffer, reset),
      cmocka_unit_test_setup(gives_up_without_string, reset),
      cmocka_unit_test_setup(gives_null_without_array, reset),
      cmocka_unit_test_setup(registers_all_classes, reset),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
