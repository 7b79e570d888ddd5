package io.framejet.inject;

import io.framejet.Backend;
import io.framejet.engine.Engine;
import org.jspecify.annotations.Nullable;

/**
 * How to open an {@link Injector}. Immutable: each method that sets something returns a changed
 * copy.
 *
 * @param backend the kernel path, or null to take the best that is available
 * @param batch most frames in a batch, 1 to 65,536
 * @param slots wanted slots in the ring, at least {@code batch}; rounded up to whole blocks
 * @param maxFrame longest frame that a slot has to hold, in bytes without FCS; 0 for what the
 *     link's MTU allows
 * @param qdiscBypass whether frames skip the link's queueing discipline (PACKET_QDISC_BYPASS):
 *     faster, but a full device queue then drops instead of queueing; xdp and xsk always do
 * @param pcapCall which of libpcap's two calls the pcap backend uses
 * @param engine the link's XDP program, for the backend xdp; null for one that its injectors share
 * @param queue which of the link's queues the xsk backend sends by, from 0; each injector has one
 */
public record InjectorOptions(
    @Nullable Backend backend,
    int batch,
    int slots,
    int maxFrame,
    boolean qdiscBypass,
    PcapCall pcapCall,
    @Nullable Engine engine,
    int queue) {
  /** The two ways in which libpcap sends a frame. They differ in what they return. */
  public enum PcapCall {
    /** {@code pcap_inject}. */
    INJECT,
    /** {@code pcap_sendpacket}. */
    SENDPACKET
  }

  private static final int MAX_SLOTS = 1 << 16;

  /** Checks the ranges. */
  public InjectorOptions {
    require(batch >= 1 && batch <= MAX_SLOTS, "batch", batch, "1 to 65,536 frames");
    require(
        slots >= batch && slots <= MAX_SLOTS, "slots", slots, "at least the batch, at most 65,536");
    require(maxFrame >= 0 && maxFrame <= 1 << 17, "maxFrame", maxFrame, "0 to 131,072 bytes");
    require(queue >= 0 && queue < MAX_SLOTS, "queue", queue, "0 to 65,535");
  }

  /**
   * The best backend, batches of 256, 512 slots, frames as long as the MTU allows, through the
   * qdisc.
   *
   * <p>The slots are two batches: one that is written while a device still reads the other. More
   * only spread what is touched over more of the cache.
   */
  public static InjectorOptions defaults() {
    return new InjectorOptions(null, 256, 512, 0, false, PcapCall.INJECT, null, 0);
  }

  /** With this kernel path; null for the best that is available. */
  public InjectorOptions withBackend(@Nullable Backend value) {
    return new InjectorOptions(value, batch, slots, maxFrame, qdiscBypass, pcapCall, engine, queue);
  }

  /**
   * With at most this many frames in a batch; the slots grow to two batches where they were fewer.
   */
  public InjectorOptions withBatch(int frames) {
    int grown = (int) Math.min(MAX_SLOTS, Math.max(slots, 2L * frames));
    return new InjectorOptions(
        backend, frames, grown, maxFrame, qdiscBypass, pcapCall, engine, queue);
  }

  /** With this many slots wanted. */
  public InjectorOptions withSlots(int value) {
    return new InjectorOptions(
        backend, batch, value, maxFrame, qdiscBypass, pcapCall, engine, queue);
  }

  /** With slots for frames of this many bytes. */
  public InjectorOptions withMaxFrame(int bytes) {
    return new InjectorOptions(backend, batch, slots, bytes, qdiscBypass, pcapCall, engine, queue);
  }

  /** With or without the link's queueing discipline. */
  public InjectorOptions withQdiscBypass(boolean value) {
    return new InjectorOptions(backend, batch, slots, maxFrame, value, pcapCall, engine, queue);
  }

  /** With one of libpcap's calls. */
  public InjectorOptions withPcapCall(PcapCall value) {
    return new InjectorOptions(backend, batch, slots, maxFrame, qdiscBypass, value, engine, queue);
  }

  /** With the backend {@code xdp}, by this engine; null for the one that is shared. */
  public InjectorOptions withEngine(@Nullable Engine value) {
    final Backend path = value == null ? backend : Backend.XDP;
    return new InjectorOptions(path, batch, slots, maxFrame, qdiscBypass, pcapCall, value, queue);
  }

  /** With this queue of the link. */
  public InjectorOptions withQueue(int value) {
    return new InjectorOptions(
        backend, batch, slots, maxFrame, qdiscBypass, pcapCall, engine, value);
  }

  private static void require(boolean holds, String name, int value, String range) {
    if (!holds) {
      throw new IllegalArgumentException(name + "=" + value + ": " + range);
    }
  }
}
