/** A network of made-up hosts that answer, as real ones would, for tests and demos. */
@org.jspecify.annotations.NullMarked
package io.framejet.emulate;
