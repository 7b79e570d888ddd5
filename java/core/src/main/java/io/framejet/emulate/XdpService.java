package io.framejet.emulate;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.engine.HostProgram;
import io.framejet.link.Link;
import io.framejet.link.Promiscuous;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.PortSet;
import io.framejet.target.TargetSet;
import org.jspecify.annotations.Nullable;

/**
 * Answers within the kernel, by an XDP program: nothing of Java runs for a frame. A link that is
 * set down and up again keeps its program.
 */
final class XdpService implements Service {
  private static final int PORTS = 1 << 16;

  private final Link link;
  private final HostProgram program;
  private final Promiscuous promiscuous;
  private EmulatorStatistics last = new EmulatorStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private XdpService(Link link, HostProgram program, Promiscuous promiscuous) {
    this.link = link;
    this.program = program;
    this.promiscuous = promiscuous;
  }

  static XdpService open(Link link, HostSet hosts, Ports ports, boolean byTransmit)
      throws FramejetException {
    HostProgram program = HostProgram.open(link, describe(hosts, ports, link.mtu(), byTransmit));
    try {
      // The hosts' MACs are not the link's.
      return new XdpService(link, program, Promiscuous.enable(link, Promiscuous.Mode.MEMBERSHIP));
    } catch (FramejetException | RuntimeException | Error e) {
      program.close();
      throw e;
    }
  }

  private static HostProgram.Hosts describe(
      HostSet hosts, Ports ports, int mtu, boolean byTransmit) {
    return new HostProgram.Hosts(
        hosts.key().key0(),
        hosts.key().key1(),
        hosts.threshold(),
        ranges(hosts.ipv4()),
        ranges(hosts.ipv6()),
        bits(ports.open()),
        TcpAnswers.maxSegment(mtu),
        ports.portUnreachable(),
        byTransmit);
  }

  private static int[] ranges(TargetSet set) {
    int[] ends = new int[2 * set.ranges().size()];
    int at = 0;
    for (TargetSet.Range range : set.ranges()) {
      ends[at++] = range.first();
      ends[at++] = range.last();
    }
    return ends;
  }

  private static long[] ranges(Ipv6TargetSet set) {
    long[] ends = new long[4 * set.ranges().size()];
    int at = 0;
    for (Ipv6TargetSet.Range range : set.ranges()) {
      ends[at++] = range.firstHigh();
      ends[at++] = range.firstLow();
      ends[at++] = range.lastHigh();
      ends[at++] = range.lastLow();
    }
    return ends;
  }

  private static byte[] bits(@Nullable PortSet ports) {
    byte[] bits = new byte[PORTS / Byte.SIZE];
    for (int i = 0; ports != null && i < ports.size(); i++) {
      int port = ports.portAt(i);
      bits[port >> 3] = (byte) (bits[port >> 3] | 1 << (port & 7));
    }
    return bits;
  }

  @Override
  public Backend backend() {
    return Backend.XDP;
  }

  @Override
  public synchronized EmulatorStatistics statistics() {
    try {
      last = EmulatorStatistics.of(program.counts(), 0);
    } catch (FramejetException closed) {
      return last; // of when it was
    }
    return last;
  }

  @Override
  public @Nullable FramejetException fault() {
    if (!program.isGone()) {
      return null;
    }
    return new FramejetException(
        ErrorCode.LINK_GONE,
        "link " + link.name() + " is gone, and its made-up hosts with it",
        0,
        "linux/xdp",
        link.name(),
        null);
  }

  @Override
  public void close() {
    program.stop();
    EmulatorStatistics unused = statistics();
    program.close();
    promiscuous.close();
  }
}
