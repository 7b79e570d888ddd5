package io.framejet.bench;

import io.framejet.Backend;
import io.framejet.inject.Rate;

/**
 * What is injected, and how. Immutable: each method that sets something returns a changed copy.
 *
 * @param backend the kernel path
 * @param frameSize as RFC 2544 counts it, FCS included: 64 to 65,553
 * @param batch most frames handed over by one call, 1 to 65,536
 * @param cores threads that inject, each with an injector of its own, 1 to 64
 * @param qdiscBypass whether frames skip the link's queueing discipline (PACKET_QDISC_BYPASS)
 * @param rate frames per second of all threads together, or {@link Rate#MAX}
 */
public record Load(
    Backend backend, int frameSize, int batch, int cores, boolean qdiscBypass, Rate rate) {
  /** A link's MTU is 65,535 at most. */
  private static final int MAX_SIZE = 65_535 + FrameSizes.OVERHEAD;

  private static final int MAX_BATCH = 1 << 16;
  private static final int MAX_CORES = 64;

  /** Checks the ranges. */
  public Load {
    require("frameSize", frameSize, FrameSizes.MIN, MAX_SIZE);
    require("batch", batch, 1, MAX_BATCH);
    require("cores", cores, 1, MAX_CORES);
  }

  /** The smallest frames, in batches of 256, by one thread, through the qdisc, at any rate. */
  public static Load of(Backend backend) {
    return new Load(backend, FrameSizes.MIN, 256, 1, false, Rate.MAX);
  }

  /** With frames of this size, FCS included. */
  public Load withFrameSize(int size) {
    return new Load(backend, size, batch, cores, qdiscBypass, rate);
  }

  /** With at most this many frames by one call. */
  public Load withBatch(int frames) {
    return new Load(backend, frameSize, frames, cores, qdiscBypass, rate);
  }

  /** With this many threads. */
  public Load withCores(int threads) {
    return new Load(backend, frameSize, batch, threads, qdiscBypass, rate);
  }

  /** With or without the link's queueing discipline. */
  public Load withQdiscBypass(boolean bypass) {
    return new Load(backend, frameSize, batch, cores, bypass, rate);
  }

  /** At this rate. */
  public Load withRate(Rate framesPerSecond) {
    return new Load(backend, frameSize, batch, cores, qdiscBypass, framesPerSecond);
  }

  private static void require(String name, int value, int from, int to) {
    if (value < from || value > to) {
      throw new IllegalArgumentException(name + "=" + value + ": " + from + " to " + to);
    }
  }
}
