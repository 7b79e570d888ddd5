package io.framejet.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.capture.Captures.Taken;
import io.framejet.frame.LinkType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Other tools read what we write without a complaint, and we read what they write. */
class CaptureInteropTest {
  private static final long TIME = 1_700_000_000_123_456_789L;
  private static final CaptureStatistics SAID =
      new CaptureStatistics(TIME, TIME + 1_000_000_001L, 1000, 33, 44);

  @TempDir private Path folder;

  private static final CaptureOptions OPTIONS =
      CaptureOptions.defaults().withName("veth0").withFilter("arp").withSnaplen(300);

  /** Frames of all paddings, some cut short, 1 s and 1 ns apart. */
  private List<Taken> write(CaptureFormat format, Path file, CaptureOptions options)
      throws Exception {
    final List<Taken> written = new ArrayList<>();
    final ByteBuffer frame = Captures.pattern(400);
    try (CaptureWriter writer = Captures.writer(format, file, options)) {
      for (int i = 0; i < 20; i++) {
        final int length = i == 19 ? 400 : 60 + i;
        final long time = TIME + i * 1_000_000_001L;
        writer.write(frame, 3, length, length, time);
        final byte[] kept = new byte[Math.min(length, 300)];
        frame.get(3, kept);
        final long unit = format == CaptureFormat.PCAP && !options.nanoseconds() ? 1000 : 1;
        final String hex = HexFormat.of().formatHex(kept);
        written.add(new Taken(hex, length, time / unit * unit, 0));
      }
      writer.statistics(SAID);
    }
    return written;
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  @ParameterizedTest
  @CsvSource({"PCAP,true", "PCAP,false", "PCAPNG,true"})
  void shouldBeReadByCapinfosAndTshark(CaptureFormat format, boolean nanos) throws Exception {
    Captures.needs("capinfos", "wireshark-common");
    Captures.needs("tshark", "tshark");
    final String file = path("x");
    final List<Taken> written = write(format, Path.of(file), OPTIONS.withNanoseconds(nanos));

    final String infos = Captures.run("capinfos", "-M", file);
    final String type = format == CaptureFormat.PCAPNG ? "pcapng" : nanos ? "nsecpcap" : "pcap";
    assertThat(infos)
        .containsPattern("File type: +" + type + "\n")
        .containsPattern("File encapsulation: +ether")
        .containsPattern("Number of packets: +20")
        .containsPattern("Capture length = 300")
        .containsPattern("Strict time order: +True");
    if (format == CaptureFormat.PCAPNG) {
      assertThat(infos)
          .contains("Capture application: Framejet")
          .contains("Name = veth0")
          .contains("Filter string = arp")
          .contains("Time precision = nanoseconds (9)")
          .contains("Number of stat entries = 1")
          .contains("Number of packets = 20");
    }

    final List<String> rows = new ArrayList<>();
    for (Taken taken : written) {
      final long time = taken.timestampNanos();
      rows.add(
          String.format(
              "%d.%09d,%d,%d",
              time / 1_000_000_000L,
              time % 1_000_000_000L,
              taken.originalLength(),
              taken.hex().length() / 2));
    }
    assertThat(tshark(file)).containsExactlyElementsOf(rows);
    // Standard input, which does not seek.
    assertThat(Captures.run("sh", "-c", "tshark -n -r - " + FIELDS + " < " + file).lines())
        .containsExactlyElementsOf(rows);
  }

  @Test
  void shouldShowTsharkItsStatistics() throws Exception {
    Captures.needs("tshark", "tshark");
    write(CaptureFormat.PCAPNG, Path.of(path("x")), OPTIONS);
    // Dissects the file itself, block by block, instead of the frames in it.
    assertThat(Captures.run("tshark", "-r", path("x"), "-X", "read_format:MIME Files Format", "-V"))
        .contains("Block: Interface Statistics Block")
        .contains("Number of Received Packets = 1000")
        .contains("Number of Dropped Packets = 33")
        .contains("Number of Packets Dropped by OS = 44")
        .contains("22:13:21.123456790 UTC")
        .doesNotContain("Malformed")
        .doesNotContain("Expert");
  }

  private static final String FIELDS =
      "-T fields -e frame.time_epoch -e frame.len -e frame.cap_len -E separator=,";

  private static List<String> tshark(String file) {
    final List<String> words = new ArrayList<>(List.of("tshark", "-n", "-r", file));
    words.addAll(List.of(FIELDS.split(" ")));
    return Captures.run(words.toArray(String[]::new)).lines().toList();
  }

  @ParameterizedTest
  @CsvSource({
    "PCAP,pcap",
    "PCAP,nsecpcap",
    "PCAP,pcapng",
    "PCAPNG,pcap",
    "PCAPNG,nsecpcap",
    "PCAPNG,pcapng"
  })
  void shouldReadWhatEditcapMakesOfIt(CaptureFormat format, String to) throws Exception {
    Captures.needs("editcap", "wireshark-common");
    final List<Taken> written = write(format, Path.of(path("x")), OPTIONS);
    Captures.run("editcap", "-F", to, path("x"), path("y"));
    assertThat(Captures.read(Path.of(path("y")))).isEqualTo(atPrecision(written, to));
    try (CaptureReader reader = CaptureReader.open(Path.of(path("y")))) {
      while (reader.next() != null) {}
      final CaptureInterface link = reader.interfaces().get(0);
      assertThat(link.linkType()).isEqualTo(LinkType.NUMBER_ETHERNET);
      if (format == CaptureFormat.PCAPNG && to.equals("pcapng")) {
        assertThat(link.name()).isEqualTo("veth0");
        assertThat(link.filter()).isEqualTo("arp");
      }
    }
  }

  private static List<Taken> atPrecision(List<Taken> written, String format) {
    final long unit = format.equals("pcap") ? 1000 : 1;
    return written.stream()
        .map(
            taken ->
                new Taken(
                    taken.hex(), taken.originalLength(), taken.timestampNanos() / unit * unit, 0))
        .toList();
  }

  @Test
  void shouldReadWhatTcpdumpWrites() throws Exception {
    Captures.needs("tcpdump", "tcpdump");
    final List<Taken> written = write(CaptureFormat.PCAP, Path.of(path("x")), OPTIONS);
    for (String precision : List.of("micro", "nano")) {
      Captures.run(
          "tcpdump",
          "-Z",
          "root",
          "--time-stamp-precision=" + precision,
          "-r",
          path("x"),
          "-w",
          path("y"));
      assertThat(Captures.read(Path.of(path("y"))))
          .isEqualTo(atPrecision(written, precision.equals("micro") ? "pcap" : "nsecpcap"));
    }
    // And it reads our pcapng.
    write(CaptureFormat.PCAPNG, Path.of(path("z")), OPTIONS);
    assertThat(Captures.run("tcpdump", "-Z", "root", "-n", "-r", path("z")).lines()).isNotEmpty();
  }

  @Test
  void shouldReadTheInterfacesThatMergecapBringsTogether() throws Exception {
    Captures.needs("mergecap", "wireshark-common");
    final List<Taken> written = write(CaptureFormat.PCAPNG, Path.of(path("x")), OPTIONS);
    write(CaptureFormat.PCAPNG, Path.of(path("y")), OPTIONS.withName("veth1"));
    Captures.run("mergecap", "-a", "-I", "none", "-w", path("z"), path("x"), path("y"));
    final List<Taken> merged = Captures.read(Path.of(path("z")));
    assertThat(merged).hasSize(40);
    assertThat(merged.subList(0, 20)).isEqualTo(written);
    assertThat(merged.subList(20, 40)).allMatch(taken -> taken.interfaceIndex() == 1);
    try (CaptureReader reader = CaptureReader.open(Path.of(path("z")))) {
      while (reader.next() != null) {}
      assertThat(reader.interfaces().stream().map(CaptureInterface::name))
          .containsExactly("veth0", "veth1");
    }
    // Two files one after the other are one file of two sections.
    Captures.run("sh", "-c", "cat " + path("x") + " " + path("y") + " > " + path("w"));
    assertThat(Captures.read(Path.of(path("w")))).isEqualTo(merged);
    assertThat(tshark(path("w"))).hasSize(40);
  }

  @Test
  void shouldReadWhatScapyWrites() throws Exception {
    Captures.needs("scapy", "python3-scapy");
    final Path script = folder.resolve("captures.py");
    copyScript(script);
    // Debian's own python: another one on the PATH does not see Debian's python3-scapy.
    Captures.run("/usr/bin/python3", script.toString(), folder.toString());
    for (String name : List.of("le-us", "le-ns", "be-us", "be-ns")) {
      final List<Taken> expected = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        final byte[] bytes = new byte[60 + i];
        Captures.pattern(60 + i).get(3, bytes);
        final long time = (1_700_000_000L + i) * 1_000_000_000L + 500_000_000L;
        expected.add(new Taken(HexFormat.of().formatHex(bytes), 60 + i, time, 0));
      }
      assertThat(Captures.read(folder.resolve("scapy-" + name + ".pcap"))).isEqualTo(expected);
    }
  }

  private static void copyScript(Path to) throws IOException {
    try (InputStream source =
        CaptureInteropTest.class.getResourceAsStream("/capture/captures.py")) {
      if (source == null) {
        throw new IOException("no captures.py");
      }
      Files.copy(source, to);
    }
  }
}
