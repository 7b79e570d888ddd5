package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.framejet.frame.FrameTemplate.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Other tools read what we write, and write what we read: scapy builds the same bytes, tshark
 * dissects them without a complaint.
 */
class FrameInteropTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final MacAddress PEER = MacAddress.parse("02:00:00:00:00:02");
  private static final int IP = Ipv4.parse("192.0.2.1");
  private static final int PEER_IP = Ipv4.parse("192.0.2.2");

  /** In the order of {@code frames.py}. */
  private static List<Frame> frames() {
    final byte[] payload = new byte[100];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) i;
    }
    return List.of(
        Frame.ethernet(MAC, MacAddress.BROADCAST).arpRequest(MAC, IP, PEER_IP).build(),
        Frame.ethernet(PEER, MAC).arpReply(PEER, PEER_IP, MAC, IP).build(),
        Frame.ethernet(MAC, MacAddress.BROADCAST).rarpRequest(MAC, MAC).build(),
        Frame.ethernet(PEER, MAC).rarpReply(PEER, PEER_IP, MAC, IP).build(),
        Frame.ethernet(MAC, PEER).payload(0x88b5, payload).build());
  }

  @Test
  void shouldEqualWhatScapyBuilds(@TempDir Path folder) throws Exception {
    final Path script = folder.resolve("frames.py");
    try (InputStream source = FrameInteropTest.class.getResourceAsStream("/frame/frames.py")) {
      Files.copy(source, script);
    }
    // Debian's own python: another one on the PATH does not see Debian's python3-scapy.
    final Path python = Path.of("/usr/bin/python3");
    needs(
        Files.exists(python) && Files.exists(Path.of("/usr/lib/python3/dist-packages/scapy")),
        "python3-scapy");
    assertThat(run(List.of(python.toString(), script.toString()), folder))
        .containsExactlyElementsOf(frames().stream().map(Frame::toHex).toList());
  }

  @Test
  void shouldBeReadByTsharkWithoutAComplaint(@TempDir Path folder) throws Exception {
    needs(Files.exists(Path.of("/usr/bin/tshark")), "tshark");
    final List<Frame> frames = new ArrayList<>(frames());
    final FrameTemplate template =
        FrameTemplate.of(frames.get(0)).vary(38, 4, Source.TARGET).build();
    final ByteBuffer stamped = Golden.buffer(60);
    template.apply(stamped, 0, Ipv4.parse("192.0.2.99"));
    frames.add(Frame.of(stamped, 0, 60));
    final Path pcap = folder.resolve("frames.pcap");
    writePcap(pcap, frames);

    final List<String> command = new ArrayList<>();
    command.addAll(List.of("/usr/bin/tshark", "-n", "-r", pcap.toString(), "-T", "fields"));
    for (String field :
        List.of(
            "frame.len",
            "eth.src",
            "eth.dst",
            "eth.type",
            "arp.opcode",
            "arp.src.hw_mac",
            "arp.src.proto_ipv4",
            "arp.dst.hw_mac",
            "arp.dst.proto_ipv4",
            "_ws.malformed",
            "_ws.expert.message")) {
      command.addAll(List.of("-e", field));
    }
    command.addAll(List.of("-E", "separator=,"));
    final String none = "00:00:00:00:00:00";
    final String all = "ff:ff:ff:ff:ff:ff";
    assertThat(run(command, folder))
        .containsExactly(
            row(60, MAC, all, "0x0806", 1, MAC, "192.0.2.1", none, "192.0.2.2"),
            row(60, PEER, MAC, "0x0806", 2, PEER, "192.0.2.2", MAC, "192.0.2.1"),
            row(60, MAC, all, "0x8035", 3, MAC, "0.0.0.0", MAC, "0.0.0.0"),
            row(60, PEER, MAC, "0x8035", 4, PEER, "192.0.2.2", MAC, "192.0.2.1"),
            row(114, MAC, PEER, "0x88b5", "", "", "", "", ""),
            row(60, MAC, all, "0x0806", 1, MAC, "192.0.2.1", none, "192.0.2.99"));
  }

  /** Fields as tshark prints them, the two for complaints empty. */
  private static String row(Object... fields) {
    return String.join(",", List.of(fields).stream().map(Object::toString).toList()) + ",,";
  }

  private static void writePcap(Path file, List<Frame> frames) throws IOException {
    final ByteBuffer pcap = ByteBuffer.allocate(10_000);
    pcap.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    pcap.putInt(0).putInt(0).putInt(65_535).putInt(1);
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

  private static List<String> run(List<String> command, Path folder) throws Exception {
    final Path errors = folder.resolve("stderr");
    final Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      final String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
      return output.lines().toList();
    } finally {
      process.destroyForcibly();
    }
  }
}
