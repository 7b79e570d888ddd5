/** All targets, probed, retried and accounted for: the one place that assembles every stage. */
@org.jspecify.annotations.NullMarked
package io.framejet.sweep;
