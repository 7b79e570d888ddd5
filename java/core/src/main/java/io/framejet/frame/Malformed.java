package io.framejet.frame;

/**
 * What is wrong with a layer. A flyweight answers with one of its few constants, so that bytes from
 * the wire cost no allocation.
 *
 * @param problem in words
 * @param offset of the field that shows it, from the layer's first byte on
 */
record Malformed(String problem, int offset) {}
