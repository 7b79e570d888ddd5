/** Frames as bytes: headers, builder, template and the batch they are written into. No I/O. */
@org.jspecify.annotations.NullMarked
package io.framejet.frame;
