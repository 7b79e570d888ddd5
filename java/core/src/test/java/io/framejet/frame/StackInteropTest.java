package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

/** Frames of every kind: scapy builds the same bytes, tshark reads them without a complaint. */
class StackInteropTest {
  @Test
  void shouldEqualWhatScapyBuilds(@TempDir Path folder) throws Exception {
    final Path script = folder.resolve("stacks.py");
    try (InputStream source = StackInteropTest.class.getResourceAsStream("/frame/stacks.py")) {
      Files.copy(source, script);
    }
    needs(Files.exists(Path.of("/usr/lib/python3/dist-packages/scapy")), "python3-scapy");
    final List<Frame> frames = new ArrayList<>(Stacks.ethernetFrames());
    frames.addAll(Stacks.ipFrames());
    final List<String> expected = run(List.of("/usr/bin/python3", script.toString()), folder);
    for (int i = 0; i < frames.size(); i++) {
      assertThat(frames.get(i).toHex()).as("frame %s", i).isEqualTo(expected.get(i));
    }
    assertThat(expected).hasSameSizeAs(frames);
  }

  @Test
  void shouldBeReadByTsharkWithoutAComplaint(@TempDir Path folder) throws Exception {
    needs(Files.exists(Path.of("/usr/bin/tshark")), "tshark");
    assertThat(complaints(folder, LinkType.ETHERNET, Stacks.ethernetFrames())).isEmpty();
    assertThat(complaints(folder, LinkType.IP, Stacks.ipFrames())).isEmpty();
  }

  @Test
  void shouldHaveTsharkComplainOfWrongChecksums(@TempDir Path folder) throws Exception {
    needs(Files.exists(Path.of("/usr/bin/tshark")), "tshark");
    final Ipv4Builder ip = Frame.ethernet(Stacks.MAC, Stacks.PEER).ipv4(Stacks.A, Stacks.B);
    final List<Frame> frames =
        List.of(
            ip.checksum(1).udp(1, 2).build(),
            ip.udp(1, 2).checksum(1).build(),
            ip.tcp(1, 2).checksum(1).build());
    assertThat(complaints(folder, LinkType.ETHERNET, frames))
        .hasSize(3)
        .allMatch(line -> line.contains("hecksum"));
  }

  /**
   * What tshark says of frames at warning level and above; notes, as of a SYN, are no complaint.
   */
  private static List<String> complaints(Path folder, LinkType linkType, List<Frame> frames)
      throws Exception {
    final Path pcap = folder.resolve(linkType + ".pcap");
    writePcap(pcap, linkType, frames);
    final List<String> command = new ArrayList<>();
    command.addAll(List.of("/usr/bin/tshark", "-n", "-r", pcap.toString()));
    for (String protocol : List.of("ip", "tcp", "udp")) {
      command.addAll(List.of("-o", protocol + ".check_checksum:TRUE"));
    }
    // The payload on port 53 is no DNS message.
    command.addAll(List.of("--disable-protocol", "dns"));
    // Flow analysis would complain of a payload on a connection that it has not seen begin.
    command.addAll(List.of("-o", "tcp.analyze_sequence_numbers:FALSE"));
    command.addAll(List.of("-Y", "_ws.malformed || _ws.expert.severity >= 6291456"));
    command.addAll(List.of("-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message"));
    return run(command, folder);
  }

  private static void writePcap(Path file, LinkType linkType, List<Frame> frames)
      throws IOException {
    final ByteBuffer pcap = ByteBuffer.allocate(10_000);
    pcap.putInt(0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    pcap.putInt(0).putInt(0).putInt(65_535).putInt(linkType.number());
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
