/**
 * What reads bytes or text that others made, fed with anything. A class is a target: {@code ci/fuzz
 * SECONDS [TARGET...]} lets Jazzer look for an input that makes it fail, and the normal test run
 * feeds it its seeds, which are in the folder of its name among the resources ({@code
 * FrameFuzzTestInputs/decode}). What was found once becomes a seed.
 *
 * <p>To add a target: a class here, tagged {@code fuzz}, with one {@code @FuzzTest} method, and a
 * folder of seeds. To add a probe: a line in {@code ProbeFuzzTest}.
 */
@org.jspecify.annotations.NullMarked
package io.framejet.fuzz;
