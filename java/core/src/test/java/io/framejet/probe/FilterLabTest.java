package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.LinkBuilder;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.ReceiverOptions;
import io.framejet.testing.Collector;
import io.framejet.testing.VethLab;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The kernel takes every probe's filter, and takes by it what the probe could want. */
class FilterLabTest {
  private static final MacAddress MAC = VethLab.NEAR_MAC;
  private static final MacAddress PEER = VethLab.FAR_MAC;

  // Not the links' own: nothing is on them but what the test sends.
  private static final int IP = Ipv4.parse("192.0.2.1");
  private static final int TARGET = Ipv4.parse("192.0.2.2");
  private static final Ipv6Address IP6 = Ipv6Address.linkLocal(MAC);
  private static final Ipv6Address TARGET6 = Ipv6Address.linkLocal(PEER);
  private static final SipHash KEY = new SipHash(3, 4);

  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.open();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private static List<Probe> probes() {
    return List.of(
        new ArpProbe(MAC, IP),
        new IcmpProbe(LinkType.ETHERNET, MAC, IP, KEY),
        new TcpProbe(LinkType.ETHERNET, MAC, IP, KEY),
        new UdpProbe(LinkType.ETHERNET, MAC, IP, KEY),
        new NdpProbe(MAC, IP6),
        new AllNodesProbe(MAC, IP6, KEY));
  }

  /** What may come in, each untagged and tagged. */
  private static List<Frame> frames() {
    final List<Frame> frames = new ArrayList<>();
    final LinkBuilder ethernet = Frame.ethernet(PEER, MAC);
    Stream.of(ethernet, Frame.ethernet(PEER, MAC).vlan(7)).forEach(link -> addTo(frames, link));
    return frames;
  }

  private static void addTo(List<Frame> frames, LinkBuilder link) {
    frames.add(link.arpReply(PEER, TARGET, MAC, IP).build());
    frames.add(link.ipv4(TARGET, IP).echoReply(1, 2).build());
    frames.add(link.ipv4(TARGET, IP).options(new byte[8]).echoReply(1, 2).build());
    frames.add(link.ipv4(TARGET, IP + 9).echoReply(1, 2).build());
    frames.add(link.ipv4(TARGET, IP).echoRequest(1, 2).build());
    for (int protocol : new int[] {1, 6, 17}) {
      final byte[] quote =
          Frame.ipv4(IP, TARGET).payload(protocol, new byte[8]).build().toByteArray();
      frames.add(link.ipv4(TARGET, IP).unreachable(3).payload(quote).build());
      frames.add(link.ipv4(TARGET, IP).options(new byte[4]).timeExceeded(0).payload(quote).build());
      frames.add(link.ipv4(TARGET, IP).icmp(12, 0, 0).payload(quote).build());
    }
    for (int flags : new int[] {0x12, 0x14, 0x04, 0x10, 0x02}) {
      frames.add(link.ipv4(TARGET, IP).tcp(443, 50_000).flags(flags).build());
      frames.add(link.ipv4(TARGET, IP).tcp(443, 49_151).flags(flags).build());
    }
    frames.add(link.ipv4(TARGET, IP).udp(53, 49_152).build());
    frames.add(link.ipv4(TARGET, IP).moreFragments().udp(53, 49_152).build());
    frames.add(link.ipv4(TARGET, IP).udp(53, 1024).build());
    frames.add(link.ipv6(TARGET6, IP6).neighborAdvertisement(TARGET6).build());
    frames.add(link.ipv6(TARGET6, Ipv6Address.ALL_NODES).neighborAdvertisement(TARGET6).build());
    frames.add(link.ipv6(TARGET6, IP6).echoReply(1, 2).build());
    frames.add(link.ipv6(TARGET6, IP6).echoRequest(1, 2).build());
  }

  @ParameterizedTest
  @EnumSource(
      value = Backend.class,
      names = {"SOCKET", "RING", "PCAP"},
      mode = Mode.INCLUDE)
  void shouldTakeInTheKernelWhatTheInterpreterTakes(Backend backend) throws FramejetException {
    for (Probe probe : probes()) {
      final long[] filter = probe.filter();
      final List<String> expected = new ArrayList<>();
      for (Frame frame : frames()) {
        if (FilterMachine.accepts(filter, frame.toByteArray(), false)) {
          expected.add(frame.toHex());
        }
      }
      assertThat(expected).isNotEmpty().hasSizeLessThan(frames().size() / 4);
      final ReceiverOptions options =
          ReceiverOptions.defaults().withBackend(backend).withFilter(CaptureFilter.of(filter));
      try (Collector near = Collector.on(lab.near(), options);
          Injector far =
              Injector.open(lab.far(), InjectorOptions.defaults().withBackend(Backend.SOCKET))) {
        for (Frame frame : frames()) {
          assertThat(far.send(frame)).isTrue();
        }
        // Frames of one sender arrive in order: the last to pass is behind all others.
        final Frame last = Frame.ofHex(expected.get(expected.size() - 1));
        assertThat(far.send(last)).isTrue();
        expected.add(last.toHex());
        assertThat(near.await(expected.size()).stream().map(taken -> hex(taken.bytes())))
            .as(probe.name())
            .containsExactlyElementsOf(expected);
      }
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
