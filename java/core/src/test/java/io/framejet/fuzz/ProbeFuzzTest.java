package io.framejet.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.probe.AllNodesProbe;
import io.framejet.probe.ArpProbe;
import io.framejet.probe.IcmpProbe;
import io.framejet.probe.NdpProbe;
import io.framejet.probe.Probe;
import io.framejet.probe.Reply;
import io.framejet.probe.TcpProbe;
import io.framejet.probe.UdpProbe;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** What probes make of received frames. */
@Tag("fuzz")
class ProbeFuzzTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");

  private static final int IPV4 = 0x0a4d0001;
  private static final Ipv6Address IPV6 = Ipv6Address.parse("fd00::1");
  private static final SipHash KEY = new SipHash(1, 2);

  /** Every probe there is: a new one belongs here. */
  static final List<Probe> PROBES =
      List.of(
          new ArpProbe(MAC, IPV4),
          new IcmpProbe(LinkType.ETHERNET, MAC, IPV4, KEY),
          new IcmpProbe(LinkType.IP, MAC, IPV4, KEY),
          new TcpProbe(LinkType.ETHERNET, MAC, IPV4, KEY),
          new TcpProbe(LinkType.IP, MAC, IPV4, KEY),
          new UdpProbe(LinkType.ETHERNET, MAC, IPV4, KEY),
          new UdpProbe(LinkType.IP, MAC, IPV4, KEY),
          new NdpProbe(MAC, IPV6),
          new AllNodesProbe(MAC, IPV6, KEY));

  private static final Reply REPLY = new Reply();

  @FuzzTest
  void demultiplex(byte[] frame) {
    exercise(Inputs.frame(frame), 0, frame.length);
  }

  /** Asks all probes; gives something that depends on all answers. */
  static int exercise(ByteBuffer buffer, int offset, int length) {
    int sum = 0;
    for (Probe probe : PROBES) {
      sum = 31 * sum + probe.read(buffer, offset, length, REPLY).name().hashCode();
    }
    return sum;
  }
}
