package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.testing.Command;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What probes send: scapy builds the same bytes, tshark reads them as what they are to be. */
class ProbeInteropTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER = MacAddress.parse("02:00:00:00:00:02");
  private static final int IP = Ipv4.parse("10.77.0.1");
  private static final int TARGET = Ipv4.parse("10.77.3.4");
  private static final Ipv6Address IP6 = Ipv6Address.parse("2001:db8::1");
  private static final Ipv6Address TARGET6 = Ipv6Address.parse("2001:db8::1:2345:6789");
  private static final SipHash KEY = new SipHash(0x1234_5678, 0x9abc_def0);
  private static final int[] PORTS = {0, 443, 4711, 53, 111, 123, 137, 161, 3478, 5353, 5683};

  /** In the order of {@code probes.py}: each over IPv4 with and without an Ethernet header. */
  private static List<Frame> frames() {
    final List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < PORTS.length; i++) {
      for (LinkType linkType : LinkType.values()) {
        final Probe probe =
            switch (i) {
              case 0 -> new IcmpProbe(linkType, MAC, IP, KEY);
              case 1 -> new TcpProbe(linkType, MAC, IP, KEY);
              default -> new UdpProbe(linkType, MAC, IP, KEY);
            };
        frames.add(question(probe, linkType, 0, TARGET, PORTS[i]));
      }
    }
    final Probe ndp = new NdpProbe(MAC, IP6);
    frames.add(question(ndp, LinkType.ETHERNET, TARGET6.high(), TARGET6.low(), 0));
    frames.add(question(new AllNodesProbe(MAC, IP6, KEY), LinkType.ETHERNET, 0, 0, 0));
    return frames;
  }

  private static Frame question(Probe probe, LinkType linkType, long high, long low, int port) {
    final byte[] bytes = new byte[probe.template(port).length()];
    probe.template(port).apply(ByteBuffer.wrap(bytes), 0, PEER.toLong(), high, low, port);
    return Frame.of(linkType, bytes);
  }

  private static List<String> cookies() {
    final List<String> cookies = new ArrayList<>();
    for (int port : PORTS) {
      cookies.add(Long.toHexString(KEY.cookie(0, TARGET, port)));
    }
    cookies.add(Long.toHexString(KEY.cookie(0xff02_0000_0000_0000L, 1, 0)));
    cookies.add(Long.toHexString(KEY.cookie(0, IP, 0)));
    return cookies;
  }

  @Test
  void shouldEqualWhatScapyBuilds(@TempDir Path folder) throws IOException {
    needs(Files.exists(Path.of("/usr/lib/python3/dist-packages/scapy")), "python3-scapy");
    final Path script = folder.resolve("probes.py");
    try (InputStream source = ProbeInteropTest.class.getResourceAsStream("/frame/probes.py")) {
      Files.copy(source, script);
    }
    final List<String> built =
        Command.of("/usr/bin/python3", script.toString())
            .with(cookies().toArray(new String[0]))
            .succeed()
            .lines()
            .toList();
    final List<Frame> frames = frames();
    for (int i = 0; i < frames.size(); i++) {
      assertThat(frames.get(i).toHex()).as("frame %s", i).isEqualTo(built.get(i));
    }
    assertThat(built).hasSameSizeAs(frames);
  }

  @Test
  void shouldBeReadByTsharkAsWhatItIs(@TempDir Path folder) throws IOException {
    needs(Files.exists(Path.of("/usr/bin/tshark")), "tshark");
    final List<Frame> frames =
        frames().stream().filter(frame -> frame.linkType() == LinkType.ETHERNET).toList();
    final Path pcap = folder.resolve("probes.pcap");
    writePcap(pcap, frames);
    final String fields =
        Command.of("/usr/bin/tshark", "-n", "-r", pcap.toString())
            .with("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")
            .with("-o", "udp.check_checksum:TRUE", "-T", "fields", "-E", "separator=,")
            .with("-e", "_ws.col.Protocol", "-e", "_ws.malformed")
            .succeed();
    assertThat(fields.lines())
        .containsExactly(
            "ICMP,",
            "TCP,",
            "UDP,",
            "DNS,",
            "Portmap,",
            "NTP,",
            "NBNS,",
            "SNMP,",
            "STUN,",
            "MDNS,",
            "CoAP,",
            "ICMPv6,",
            "ICMPv6,");
    final String complaints =
        Command.of("/usr/bin/tshark", "-n", "-r", pcap.toString())
            .with("-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE")
            .with("-o", "udp.check_checksum:TRUE")
            .with("-Y", "_ws.malformed || _ws.expert.severity >= 6291456")
            .succeed();
    assertThat(complaints).isEmpty();
  }

  private static void writePcap(Path file, List<Frame> frames) throws IOException {
    final ByteBuffer pcap = ByteBuffer.allocate(10_000);
    pcap.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    pcap.putInt(0).putInt(0).putInt(65_535).putInt(LinkType.ETHERNET.number());
    for (Frame frame : frames) {
      pcap.putInt(0).putInt(0).putInt(frame.length()).putInt(frame.length());
      pcap.put(frame.toByteArray());
    }
    final byte[] bytes = new byte[pcap.position()];
    pcap.get(0, bytes);
    Files.write(file, bytes);
  }

  /** Skips where the tool is missing, but not in CI: there it has to be installed. */
  private static void needs(boolean there, String debianPackage) {
    if ("true".equals(System.getenv("CI"))) {
      assertThat(there).as("installed: " + debianPackage).isTrue();
    }
    assumeTrue(there, debianPackage + " is not installed");
  }
}
