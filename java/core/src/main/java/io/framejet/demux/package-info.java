/** Telling which probe a received frame answers; asking one question and waiting for its answer. */
@org.jspecify.annotations.NullMarked
package io.framejet.demux;
