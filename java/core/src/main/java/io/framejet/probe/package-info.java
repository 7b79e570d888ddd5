/** One file per probe: the frame that asks, and how an answer is recognised. Bytes only, no I/O. */
@org.jspecify.annotations.NullMarked
package io.framejet.probe;
