/** {@code framejet bench}: what is measured in which order, and how results are shown and kept. */
@org.jspecify.annotations.NullMarked
package io.framejet.cli.bench;
