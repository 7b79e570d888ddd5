/**
 * How many frames per second a link takes, and what becomes of them: injection rates, the
 * throughput search of RFC 2544, losses, latency and pacing, counted by the kernel.
 */
@org.jspecify.annotations.NullMarked
package io.framejet.bench;
