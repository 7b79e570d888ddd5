package io.framejet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.capture.CaptureOptions;
import io.framejet.capture.CaptureReader;
import io.framejet.capture.CaptureWriter;
import io.framejet.capture.CapturedFrame;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.link.Lab;
import io.framejet.link.LinkCounters;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptureReplayEndToEndTest {
  private static final long START = 1_700_000_000_000_000_000L;

  @TempDir Path folder;
  private Lab lab;

  @BeforeEach
  void open() throws IOException {
    Privileges.requireLab();
    lab = Lab.open();
  }

  @AfterEach
  void close() {
    if (lab != null) {
      lab.close();
    }
  }

  private static byte[] frame(int number, int length) {
    byte[] bytes = new byte[length];
    ByteBuffer.wrap(bytes)
        .putInt(0, 0x02000000)
        .putInt(8, 0x00000001)
        .putShort(12, (short) 0x88b5)
        .putInt(14, number);
    for (int i = 18; i < length; i++) {
      bytes[i] = (byte) (number + i);
    }
    return bytes;
  }

  private void inject(int count) throws IOException {
    try (Injector injector = Injector.open(lab.near())) {
      FrameBatch batch = injector.newBatch();
      for (int next = 0; next < count || !batch.isEmpty(); ) {
        while (next < count && batch.add(frame(next, 60 + next % 1000))) {
          next++;
        }
        injector.send(batch);
      }
    }
  }

  private Process startCapture(String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of("capture", "-i", "v1"));
    all.addAll(List.of(options));
    return new Cli().in(lab.farNamespace()).start(all.toArray(String[]::new));
  }

  /** Waits until the capture runs: it says so when its socket is bound. */
  private static BufferedReader awaitStart(Process process) throws IOException {
    BufferedReader err =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    String line = err.readLine();
    while (line != null && line.startsWith("Running as user")) {
      line = err.readLine(); // tshark's, which shares the stream
    }
    assertThat(line).startsWith("Capturing on v1 by ring");
    return err;
  }

  private Path write(String name, CaptureOptions options, int count, long gap) throws IOException {
    Path file = folder.resolve(name);
    try (CaptureWriter writer =
        name.endsWith("pcap")
            ? CaptureWriter.pcap(file, options)
            : CaptureWriter.pcapng(file, options)) {
      for (int i = 0; i < count; i++) {
        byte[] bytes = frame(i, 60 + i % 1000);
        writer.write(ByteBuffer.wrap(bytes), 0, bytes.length, bytes.length, START + i * gap);
      }
    }
    return file;
  }

  private static List<byte[]> read(Path file) throws IOException {
    List<byte[]> frames = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(file)) {
      CapturedFrame frame;
      while ((frame = reader.next()) != null) {
        frames.add(frame.toByteArray());
      }
    }
    return frames;
  }

  private Cli.Result near(String... arguments) throws Exception {
    return new Cli().in(lab.nearNamespace()).run(arguments);
  }

  private static String tool(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    try (InputStream out = process.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(text).isZero();
      return text;
    }
  }

  // --- capture

  @ParameterizedTest
  @ValueSource(strings = {"x.pcap", "x.pcapng"})
  void shouldCaptureUntilInterrupted(String name) throws Exception {
    Path file = folder.resolve(name);
    Process process = startCapture("-w", file.toString());
    BufferedReader err = awaitStart(process);
    inject(5_000);
    Cli.signal(process, "INT");
    assertThat(err.readLine())
        .startsWith("Captured 5,000 frames")
        .endsWith("dropped by the kernel: 0");
    assertThat(process.waitFor()).isEqualTo(130);
    List<byte[]> frames = read(file);
    assertThat(frames).hasSize(5_000);
    for (int i = 0; i < 5_000; i++) {
      assertThat(frames.get(i)).isEqualTo(frame(i, 60 + i % 1000));
    }
    String said = tool("capinfos", "-M", "-t", "-c", file.toString());
    assertThat(said)
        .containsPattern("Number of packets: +5000")
        .contains(name.endsWith("ng") ? "pcapng" : "pcap");
    assertThat(tool("tcpdump", "-r", file.toString(), "--count")).contains("5000 packets");
  }

  @Test
  void shouldStopByItselfAndSayWhatWasDropped() throws Exception {
    Path file = folder.resolve("x.pcapng");
    Process process =
        startCapture("-w", file.toString(), "--duration", "700ms", "--ring-size", "128K");
    BufferedReader err = awaitStart(process);
    Cli.signal(process, "STOP"); // nobody reads the ring
    inject(3_000);
    Cli.signal(process, "CONT");
    String said = err.readLine();
    assertThat(process.waitFor()).isZero();
    int captured = read(file).size();
    assertThat(captured).isLessThan(3_000);
    assertThat(said).endsWith("dropped by the kernel: " + grouped(3_000 - captured));
    try (CaptureReader reader = CaptureReader.open(file)) {
      while (reader.next() != null) {
        // To the statistics, which stand at the end.
      }
      assertThat(reader.statistics(0))
          .isNotNull()
          .satisfies(
              statistics -> {
                assertThat(statistics.received()).isEqualTo(3_000);
                assertThat(statistics.systemDropped()).isEqualTo(3_000 - captured);
              });
    }
  }

  private static String grouped(int number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  @Test
  void shouldFilterCountAndCut() throws Exception {
    Path file = folder.resolve("x.pcap");
    Process process =
        startCapture(
            "-w", file.toString(), "--count", "3", "--snaplen", "100", "--filter", "greater 1000");
    BufferedReader err = awaitStart(process);
    inject(2_000);
    assertThat(err.readLine()).startsWith("Captured 3 frames");
    assertThat(process.waitFor()).isZero();
    try (CaptureReader reader = CaptureReader.open(file)) {
      for (CapturedFrame frame = reader.next(); frame != null; frame = reader.next()) {
        assertThat(frame.length()).isEqualTo(100);
        assertThat(frame.originalLength()).isGreaterThanOrEqualTo(1000);
      }
      assertThat(reader.frames()).isEqualTo(3);
    }
  }

  @Test
  void shouldRotate() throws Exception {
    Path file = folder.resolve("x.pcap");
    Process process = startCapture("-w", file.toString(), "--count", "100", "--rotate-size", "4K");
    try (BufferedReader err = awaitStart(process)) {
      inject(100);
      assertThat(process.waitFor()).isZero();
      assertThat(err.readLine()).startsWith("Captured 100 frames");
    }
    int frames = 0;
    int files = 0;
    for (Path next = file; Files.exists(next); next = Path.of(file + "" + ++files)) {
      assertThat(Files.size(next)).isLessThanOrEqualTo(4096);
      frames += read(next).size();
    }
    assertThat(files).isGreaterThan(1);
    assertThat(frames).isEqualTo(100);
  }

  @Test
  void shouldFeedTsharkAsFramesCome() throws Exception {
    String command =
        String.join(" ", new Cli().in(lab.farNamespace()).command("capture", "-i", "v1", "-w", "-"))
            + " | tshark -l -n -r - -c 2";
    Process pipe = new ProcessBuilder("sh", "-c", command).start();
    pipe.getOutputStream().close();
    BufferedReader err = awaitStart(pipe);
    BufferedReader out =
        new BufferedReader(new InputStreamReader(pipe.getInputStream(), StandardCharsets.UTF_8));
    Frame arp =
        Frame.ethernet(lab.near().mac(), MacAddress.BROADCAST)
            .arpRequest(lab.near().mac(), 0x0a4d0001, 0x0a4d0903)
            .build();
    try (Injector injector = Injector.open(lab.near())) {
      for (int i = 0; i < 2; i++) {
        // The second one only once the first was shown.
        assertThat(injector.send(arp)).isTrue();
        assertThat(out.readLine()).contains("Who has 10.77.9.3? Tell 10.77.0.1");
      }
      // tshark has left: the next frames find nobody, and that is no fault.
      while (pipe.isAlive()) {
        assertThat(injector.send(arp)).isTrue();
        Thread.sleep(20);
      }
    }
    assertThat(pipe.waitFor()).isZero();
    assertThat(err.lines().filter(line -> line.startsWith("framejet:"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--rotate-size 1M -w -",
        "--count 0 -w /dev/null",
        "--ring-size 1K -w /dev/null",
        "--snaplen 3 -w /dev/null",
        "--duration 0s -w /dev/null",
        "--ring-size lots -w /dev/null",
        "--format gif -w /dev/null",
        "--count 1"
      })
  void shouldRefuseWhatMakesNoSense(String options) throws Exception {
    Process process = startCapture(options.split(" "));
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).doesNotContain("\tat ").contains("framejet: ");
  }

  @Test
  void shouldFailInOneSentence() throws Exception {
    Cli.Result filter = Cli.finish(startCapture("-w", "/dev/null", "--filter", "no such thing"));
    assertThat(filter.code()).isEqualTo(1);
    assertThat(filter.err()).startsWith("framejet: filter 'no such thing'");
    Cli.Result file = Cli.finish(startCapture("-w", "/nowhere/x.pcap", "--count", "1"));
    assertThat(file.code()).isEqualTo(1);
    assertThat(file.err()).contains("cannot create /nowhere/x.pcap").doesNotContain("\tat ");
    Cli.Result full = Cli.finish(startCapture("-w", "/dev/full", "--count", "1"));
    assertThat(full.code()).isEqualTo(1);
    assertThat(full.err()).contains("framejet: cannot write /dev/full: No space left on device");
    List<String> command =
        new Cli().in(lab.farNamespace()).command("capture", "-i", "v1", "-w", "-", "--count", "1");
    full =
        Cli.finish(
            new ProcessBuilder(command).redirectOutput(Path.of("/dev/full").toFile()).start());
    assertThat(full.code()).isEqualTo(1);
    assertThat(full.err())
        .contains("framejet: cannot write standard output: No space left on device");
  }

  @Test
  void shouldCountWhatIsInAFileThatGotTooLong() throws Exception {
    Path file = folder.resolve("x.pcapng");
    Process process = startCapture("-w", file.toString(), "--ring-size", "64M");
    try (BufferedReader err = awaitStart(process)) {
      tool("prlimit", "--fsize=262144", "--pid", Long.toString(process.pid()));
      long header = Files.size(file);
      inject(20);
      for (int i = 0; i < 2000 && Files.size(file) == header; i++) {
        Thread.sleep(10); // what lies about is written when the link is quiet
      }
      inject(5_000);
      String captured = err.readLine();
      assertThat(captured)
          .startsWith("Captured 20 frames in ")
          .contains("delivered and not written");
      assertThat(err.readLine()).isEqualTo("framejet: cannot write " + file + ": File too large");
      assertThat(process.waitFor()).isEqualTo(1);
    }
    assertThat(read(file)).hasSize(20);
  }

  // --- replay

  @ParameterizedTest
  @ValueSource(strings = {"pcap", "pcapng"})
  void shouldReplayByteForByte(String format) throws Exception {
    Path file = write("x." + format, CaptureOptions.defaults(), 300, 1_000_000);
    try (Receiver receiver =
        Receiver.open(lab.far(), ReceiverOptions.defaults().withRingBytes(64 << 20))) {
      long begin = System.nanoTime();
      // By one thread: frames of two CPUs may overtake each other in a veth pair.
      Cli.Result result = near("replay", file.toString(), "-i", "v0", "--no-standby");
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(System.nanoTime() - begin).isGreaterThan(299_000_000L);
      assertThat(result.err()).contains("Sent 300 of 300 frames").contains("after it was due");
      List<byte[]> frames = new ArrayList<>();
      while (receiver.await(200_000_000)) {
        receiver.poll(frame -> frames.add(frame.toByteArray()), 1000);
      }
      assertThat(frames).hasSize(300);
      for (int i = 0; i < 300; i++) {
        assertThat(frames.get(i)).isEqualTo(frame(i, 60 + i % 1000));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--speed max", "--speed 1000x", "--rate max", "--rate 50k"})
  void shouldReplayFaster(String options) throws Exception {
    Path file = write("x.pcapng", CaptureOptions.defaults(), 500, 100_000_000);
    LinkCounters before = lab.far().counters();
    List<String> arguments =
        new ArrayList<>(List.of("replay", file.toString(), "-i", "v0", "--loop", "3"));
    arguments.addAll(List.of(options.split(" ")));
    Cli.Result result = near(arguments.toArray(String[]::new));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("Sent 1,500 of 1,500 frames");
    assertThat(lab.far().counters().minus(before).rxPackets()).isEqualTo(1_500);
  }

  /** By two injectors, of which a queue of AF_XDP too has its part for each. */
  @ParameterizedTest
  @ValueSource(strings = {"socket", "ring", "pcap", "xsk"})
  void shouldReplayAtItsOwnPaceByAnyBackend(String backend) throws Exception {
    Path file = write("x.pcapng", CaptureOptions.defaults(), 100, 1_000_000);
    LinkCounters before = lab.far().counters();
    Cli.Result result = near("replay", file.toString(), "-i", "v0", "--backend", backend);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("Sent 100 of 100 frames").contains(" by " + backend);
    assertThat(lab.far().counters().minus(before).rxPackets()).isEqualTo(100);
  }

  @Test
  void shouldStopReplayingWhenInterrupted() throws Exception {
    Path file = write("x.pcap", CaptureOptions.defaults(), 1_000, 20_000_000);
    Process process =
        new Cli().in(lab.nearNamespace()).start("replay", file.toString(), "-i", "v0");
    LinkCounters before = lab.far().counters();
    while (process.isAlive() && lab.far().counters().minus(before).rxPackets() < 5) {
      Thread.sleep(10);
    }
    Cli.signal(process, "INT");
    Cli.Result result = Cli.finish(process);
    assertThat(result.code()).as(result.err()).isEqualTo(130);
    assertThat(result.err()).contains("Sent ");
  }

  @Test
  void shouldReplayAFileThatIsLargerThanItsMemory() throws Exception {
    Path file = folder.resolve("large.pcap");
    byte[] frame = frame(1, 1514);
    try (CaptureWriter writer = CaptureWriter.pcap(file, CaptureOptions.defaults())) {
      for (int i = 0; i < 100_000; i++) {
        writer.write(ByteBuffer.wrap(frame), 0, frame.length, frame.length, START);
      }
    }
    assertThat(Files.size(file)).isGreaterThan(150_000_000);
    LinkCounters before = lab.far().counters();
    Cli.Result result =
        new Cli()
            .in(lab.nearNamespace())
            .jvm("-Xmx24m", "-XX:MaxDirectMemorySize=8m")
            .run("replay", file.toString(), "-i", "v0", "--speed", "max");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(lab.far().counters().minus(before).rxPackets()).isEqualTo(100_000);
  }

  @Test
  void shouldCountWhatItLeavesOut() throws Exception {
    Path file = folder.resolve("x.pcapng");
    try (CaptureWriter writer = CaptureWriter.pcapng(file, CaptureOptions.defaults())) {
      writer.write(ByteBuffer.wrap(frame(1, 60)), 0, 60, 60, START);
      writer.write(ByteBuffer.wrap(new byte[2000]), 0, 2000, 2000, START);
      writer.write(ByteBuffer.wrap(frame(1, 60)), 0, 5, 5, START);
      writer.write(ByteBuffer.wrap(frame(1, 60)), 0, 60, 90, START);
    }
    Cli.Result result = near("replay", file.toString(), "-i", "v0");
    assertThat(result.code()).isZero();
    assertThat(result.err())
        .contains("Sent 1 of 4 frames")
        .contains("1 too large (the link takes 1514 bytes)")
        .contains("1 without an Ethernet header")
        .contains("1 cut short by the capture");
  }

  @Test
  void shouldRefuseFilesOfAnotherLinkType() throws Exception {
    Path file = write("x.pcap", CaptureOptions.defaults().withLinkType(LinkType.IP), 1, 0);
    for (String command : List.of("replay", "send")) {
      Cli.Result result =
          command.equals("send")
              ? near("send", "-i", "v0", "--pcap", file.toString())
              : near("replay", file.toString(), "-i", "v0");
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err())
          .contains("are of link type RAW")
          .contains("begin with an Ethernet header")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void shouldSendTheFramesOfAFile() throws Exception {
    Path file = write("x.pcapng", CaptureOptions.defaults(), 50, 1_000_000_000);
    LinkCounters before = lab.far().counters();
    Cli.Result result =
        near("send", "-i", "v0", "--pcap", file.toString(), "--count", "4", "--rate", "max");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("Sent 200 of 200 frames");
    assertThat(lab.far().counters().minus(before).rxPackets()).isEqualTo(200);
  }

  @Test
  void shouldSendPacketsByRawSockets() throws Exception {
    String packet =
        "4500001c000100004001664f0a4d00010a4d0002" + "0800f7fe00000001"; // an ICMP echo request
    try (Receiver receiver = Receiver.open(lab.far())) {
      Cli.Result result = near("send", "-i", "v0", "--backend", "rawip", packet);
      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.err()).contains("Sent 1 frame of 28 bytes on v0 by rawip");
      List<String> frames = new ArrayList<>();
      while (receiver.await(300_000_000)) {
        receiver.poll(frame -> frames.add(Frame.of(frame.toByteArray()).toString()), 100);
      }
      // The stack has found the neighbor by itself.
      assertThat(frames).anyMatch(frame -> frame.contains("echo request"));
    }
    Cli.Result arp = near("send", "-i", "v0", "--backend", "rawip", "--arp", "10.77.0.2");
    assertThat(arp.code()).isEqualTo(1);
    assertThat(arp.err()).contains("ARP needs an Ethernet header").doesNotContain("\tat ");
  }

  @Test
  void shouldTellAboutEveryBackend() throws Exception {
    Cli.Result result = near("doctor", "-i", "v0");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .containsPattern("rawip +inject +yes")
        .containsPattern("rawip +receive +no +rawip injects only");
  }
}
