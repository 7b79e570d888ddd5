/** Which addresses to probe and in which order: ranges, exclusions, permutation, shard. */
@org.jspecify.annotations.NullMarked
package io.framejet.target;
