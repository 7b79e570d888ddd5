/** The XDP program of a link: its frame map, its attachment, and why it may not be had. */
@org.jspecify.annotations.NullMarked
package io.framejet.engine;
