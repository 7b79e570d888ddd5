package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.testing.Allocation;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProbeAllocationTest {
  private static final int FRAMES = 20_000;
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER = MacAddress.parse("02:00:00:00:00:02");
  private static final int IP = 0x0a4d_0001;
  private static final int TARGET = 0x0a4d_0304;
  private static final SipHash KEY = new SipHash(1, 2);

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(200);
  private final Reply reply = new Reply();
  private int verdicts;

  static Stream<Probe> probes() {
    return Stream.of(
        new ArpProbe(MAC, IP),
        new IcmpProbe(LinkType.ETHERNET, MAC, IP, KEY),
        new TcpProbe(LinkType.ETHERNET, MAC, IP, KEY),
        new UdpProbe(LinkType.ETHERNET, MAC, IP, KEY),
        new NdpProbe(MAC, Ipv6Address.linkLocal(MAC)));
  }

  /** Frames of every kind, as any probe may get to see them. */
  private static Frame[] frames() {
    final Ipv6Address own = Ipv6Address.linkLocal(MAC);
    final Ipv6Address other = Ipv6Address.linkLocal(PEER);
    final byte[] quote = Frame.ipv4(IP, TARGET).udp(50_000, 53).build().toByteArray();
    return new Frame[] {
      Frame.ethernet(PEER, MAC).arpReply(PEER, TARGET, MAC, IP).build(),
      Frame.ethernet(PEER, MAC).ipv4(TARGET, IP).echoReply(1, 2).payload(new byte[8]).build(),
      Frame.ethernet(PEER, MAC).ipv4(TARGET, IP).unreachable(3).payload(quote).build(),
      Frame.ethernet(PEER, MAC).ipv4(TARGET, IP).tcp(443, 50_000).syn().ack().build(),
      Frame.ethernet(PEER, MAC).ipv4(TARGET, IP).udp(53, 50_000).build(),
      Frame.ethernet(PEER, MAC)
          .ipv6(other, own)
          .neighborAdvertisement(other)
          .targetLinkAddress(PEER)
          .build()
    };
  }

  @ParameterizedTest
  @MethodSource("probes")
  void shouldAllocateNothingPerFrame(Probe probe) throws Exception {
    final Frame[] frames = frames();
    work(probe, frames);
    final Allocation allocation = Allocation.ofThisThread();
    work(probe, frames);
    assertThat(allocation.bytes()).as("bytes for " + FRAMES).isLessThan(FRAMES);
    assertThat(verdicts).isPositive();
  }

  private void work(Probe probe, Frame[] frames) {
    for (int i = 0; i < FRAMES; i++) {
      final FrameTemplate template = probe.template(i & 0xffff);
      template.apply(buffer, 0, PEER.toLong(), 0, TARGET + i, i & 0xffff);
      final Frame frame = frames[i % frames.length];
      frame.copyTo(buffer, 100);
      verdicts += probe.read(buffer, 100, frame.length(), reply) == Verdict.OTHER ? 1 : 2;
    }
  }
}
