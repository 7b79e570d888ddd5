// SPDX-License-Identifier: Apache-2.0
// io.framejet.jni.DriverNative
#include "../link/link.h"
#include "jni_binding.h"

enum { NAME_ROOM = 32, NUMBERS = 6 };
_Static_assert(sizeof((struct fj_driver *)0)->name == NAME_ROOM, "DriverNative.NAME_ROOM");

static jint driver_ask(JNIEnv *env, jclass class, jstring netns, jint ifindex, jbyteArray names,
                       jlongArray numbers) {
  (void)class;
  const char *path;
  int result = fj_string_get(env, netns, &path);
  if (result) return result;
  struct fj_driver driver;
  result = fj_driver_ask(path, ifindex, &driver);
  fj_string_release(env, netns, path);
  if (result) return result;
  const jlong values[NUMBERS] = {driver.speed_mbps, driver.tx_queues, driver.rx_queues,
                                 driver.tx_ring,    driver.rx_ring,   (jlong)driver.offloads};
  (*env)->SetLongArrayRegion(env, numbers, 0, NUMBERS, values);
  (*env)->SetByteArrayRegion(env, names, 0, NAME_ROOM, (const jbyte *)driver.name);
  (*env)->SetByteArrayRegion(env, names, NAME_ROOM, NAME_ROOM, (const jbyte *)driver.version);
  (*env)->SetByteArrayRegion(env, names, 2 * NAME_ROOM, NAME_ROOM, (const jbyte *)driver.bus);
  return 0;
}

static const JNINativeMethod METHODS[] = {
    FJ_NATIVE("ask", "(" FJ_STRING "I[B[J)I", driver_ask),
};
const struct fj_binding fj_driver_binding = {FJ_CLASS "DriverNative", METHODS, FJ_COUNT(METHODS)};
