/** How fast each stage is, and the programs that the scripts under {@code benchmarks/} run. */
package io.framejet.benchmark;
