package io.framejet.link;

import io.framejet.FramejetException;
import io.framejet.jni.DriverNative;
import io.framejet.jni.NativeLibrary;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a link's driver, and its queues, are like at one moment (linux/ethtool.h, rtnetlink). Most
 * virtual links tell little: texts are empty then and numbers {@link #UNKNOWN}.
 *
 * @param name the driver's: {@code veth}, {@code ixgbe}
 * @param version the driver's; the kernel's where it has none of its own
 * @param bus where the device is, as a PCI address
 * @param speedMbps Mbit/s; a veth claims 10,000
 * @param txQueues queues for sending that are in use
 * @param rxQueues queues for receiving that are in use
 * @param txRing frames that the device's ring for sending holds
 * @param rxRing frames that the device's ring for receiving holds
 * @param qdisc the queueing discipline: {@code noqueue}, {@code mq}, {@code fq_codel}
 * @param offloads what the device does for the kernel and is switched on, by {@code ethtool}'s
 *     names
 */
public record LinkDriver(
    String name,
    String version,
    String bus,
    long speedMbps,
    long txQueues,
    long rxQueues,
    long txRing,
    long rxRing,
    String qdisc,
    List<String> offloads) {
  /** The driver does not tell. */
  public static final long UNKNOWN = -1;

  /** In the order of {@code enum fj_offload}. */
  private static final List<String> OFFLOADS =
      List.of(
          "rx-checksumming",
          "tx-checksumming",
          "scatter-gather",
          "tcp-segmentation-offload",
          "generic-segmentation-offload",
          "generic-receive-offload",
          "large-receive-offload",
          "rx-vlan-offload",
          "tx-vlan-offload");

  /** Copies the list. */
  public LinkDriver {
    offloads = List.copyOf(offloads);
  }

  /**
   * Asks now. Takes no capability as long as the calling thread is in the link's namespace.
   *
   * @throws FramejetException LINK_GONE, or when its namespace cannot be entered
   */
  public static LinkDriver of(Link link) throws FramejetException {
    NativeLibrary.ensureLoaded();
    final byte[] names = new byte[DriverNative.NAMES * DriverNative.NAME_ROOM];
    final long[] numbers = new long[DriverNative.NUMBERS];
    final int error =
        link.namespace().withPath(path -> DriverNative.ask(path, link.index(), names, numbers));
    if (error < 0) {
      final FramejetException fault =
          Faults.of(
              error,
              "ask the driver of link " + link.name(),
              "linux/ethtool",
              link.name(),
              Faults.CAP_SYS_ADMIN);
      throw Link.isMissing(fault) ? link.gone() : fault;
    }
    final Link.Queues queues = link.queues();
    return new LinkDriver(
        text(names, 0),
        text(names, 1),
        text(names, 2),
        numbers[DriverNative.SPEED_MBPS],
        known(numbers[DriverNative.TX_QUEUES], queues.tx()),
        known(numbers[DriverNative.RX_QUEUES], queues.rx()),
        numbers[DriverNative.TX_RING],
        numbers[DriverNative.RX_RING],
        queues.discipline(),
        offloads(numbers[DriverNative.OFFLOADS]));
  }

  private static long known(long one, long other) {
    return one == UNKNOWN ? other : one;
  }

  private static List<String> offloads(long bits) {
    final List<String> found = new ArrayList<>();
    for (int i = 0; i < OFFLOADS.size(); i++) {
      if ((bits >>> i & 1) != 0) {
        found.add(OFFLOADS.get(i));
      }
    }
    return found;
  }

  private static String text(byte[] names, int index) {
    final int from = index * DriverNative.NAME_ROOM;
    int to = from;
    while (to < from + DriverNative.NAME_ROOM && names[to] != 0) {
      to++;
    }
    return new String(names, from, to - from, StandardCharsets.UTF_8);
  }
}
