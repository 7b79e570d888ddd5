/** Putting frames on a link: injectors, their backends, pacing and transmit counters. */
@org.jspecify.annotations.NullMarked
package io.framejet.inject;
