/**
 * The native library: its loader, errno, and one {@code *Native} class per C file of {@code
 * native/jni}.
 *
 * <p>Call {@link io.framejet.jni.NativeLibrary#ensureLoaded()} before any native method. Natives
 * give a count, a descriptor or a handle, or a negative errno; {@link io.framejet.jni.Errno} makes
 * an exception of it.
 */
@NullMarked
package io.framejet.jni;

import org.jspecify.annotations.NullMarked;
