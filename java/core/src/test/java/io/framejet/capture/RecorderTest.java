package io.framejet.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.LinkType;
import io.framejet.inject.Injector;
import io.framejet.link.LinkCounters;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import io.framejet.testing.Allocation;
import io.framejet.testing.NumberedFrames;
import io.framejet.testing.NumberedPackets;
import io.framejet.testing.Threads;
import io.framejet.testing.TunLab;
import io.framejet.testing.VethLab;
import io.framejet.testing.Wait;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
  @TempDir Path folder;
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

  private void send(int from, int to) throws FramejetException {
    try (Injector injector = Injector.open(lab.near())) {
      FrameBatch batch = injector.newBatch();
      for (int next = from; next < to || !batch.isEmpty(); ) {
        while (next < to
            && batch.add(NumberedFrames.bytes(next, NumberedFrames.length(next, 1514)))) {
          next++;
        }
        injector.send(batch);
      }
    }
  }

  private static String hex(int number) {
    return HexFormat.of()
        .formatHex(NumberedFrames.bytes(number, NumberedFrames.length(number, 1514)));
  }

  @Test
  void shouldWriteEveryFrameUntilItIsStopped() throws Exception {
    Path file = folder.resolve("x.pcapng");
    try (Receiver receiver =
            Receiver.open(lab.far(), ReceiverOptions.defaults().withRingBytes(64 << 20));
        CaptureWriter writer = CaptureWriter.pcapng(file, Recorder.options(receiver))) {
      Recorder recorder = Recorder.of(receiver, writer);
      Threads.Task<Recording> task = Threads.start("recorder", recorder::run);
      Threads.pinned(
          () -> {
            send(0, 20_000);
            return null;
          });
      recorder.stop();
      Recording recording = task.get();
      assertThat(recording.frames()).isEqualTo(20_000);
      assertThat(recording.delivered()).isEqualTo(20_000);
      assertThat(recording.dropped()).isZero();
      assertThat(recorder.recording()).isEqualTo(recording);
    }
    List<Captures.Taken> read = Captures.read(file);
    assertThat(read).hasSize(20_000);
    for (int i = 0; i < 20_000; i++) {
      assertThat(read.get(i).hex()).isEqualTo(hex(i));
    }
    // The kernel's time stamps, in nanoseconds.
    assertThat(read.stream().filter(frame -> frame.timestampNanos() % 1000 != 0).count())
        .isGreaterThan(10_000);
    Captures.needs("capinfos", "tshark");
    assertThat(Captures.run("capinfos", "-M", file.toString()))
        .contains("Number of packets = 20000", "Name = v1", "Number of stat entries = 1");
  }

  @Test
  void shouldGoOnThoughItsThreadIsInterrupted() throws Exception {
    Path file = folder.resolve("x.pcapng");
    try (Receiver receiver =
            Receiver.open(lab.far(), ReceiverOptions.defaults().withRingBytes(64 << 20));
        CaptureWriter writer = CaptureWriter.pcapng(file, Recorder.options(receiver))) {
      Recorder recorder = Recorder.of(receiver, writer).flushEachPoll(true);
      AtomicReference<Thread> thread = new AtomicReference<>();
      Threads.Task<Boolean> task =
          Threads.start(
              "recorder",
              () -> {
                thread.set(Thread.currentThread());
                recorder.run();
                return Thread.currentThread().isInterrupted();
              });
      send(0, 2_000);
      Wait.until(() -> thread.get() != null, "the recorder");
      Objects.requireNonNull(thread.get()).interrupt();
      send(2_000, 5_000);
      recorder.stop();
      assertThat(task.get()).as("still interrupted").isTrue();
      assertThat(Objects.requireNonNull(recorder.recording()).frames()).isEqualTo(5_000);
    }
    assertThat(Captures.read(file)).hasSize(5_000);
  }

  @Test
  void shouldAccountForEveryFrameThatItHadNoRoomFor() throws Exception {
    Path file = folder.resolve("x.pcapng");
    LinkCounters before = lab.farCounters();
    try (Receiver receiver =
            Receiver.open(lab.far(), ReceiverOptions.defaults().withRingBytes(1 << 17));
        CaptureWriter writer = CaptureWriter.pcapng(file, Recorder.options(receiver))) {
      send(0, 5_000); // nobody reads yet
      Recording recording = Recorder.of(receiver, writer).maxDuration(Duration.ofMillis(300)).run();
      assertThat(recording.dropped()).isPositive();
      assertThat(recording.frames() + recording.dropped())
          .isEqualTo(5_000)
          .isEqualTo(lab.farCounters().minus(before).rxPackets());
      assertThat(recording.frames()).isEqualTo(recording.delivered());
    }
    try (CaptureReader reader = CaptureReader.open(file)) {
      long frames = 0;
      while (reader.next() != null) {
        frames++;
      }
      CaptureStatistics said = Objects.requireNonNull(reader.statistics(0));
      assertThat(said.received()).isEqualTo(5_000);
      assertThat(said.systemDropped()).isEqualTo(5_000 - frames);
      assertThat(said.endNanos() - said.startNanos()).isGreaterThan(299_000_000L);
    }
  }

  @Test
  void shouldStopAfterTheWantedNumber() throws Exception {
    Path file = folder.resolve("x.pcap");
    try (Receiver receiver = Receiver.open(lab.far());
        CaptureWriter writer = CaptureWriter.pcap(file, Recorder.options(receiver))) {
      send(0, 100);
      Recording recording = Recorder.of(receiver, writer).maxFrames(40).run();
      assertThat(recording.frames()).isEqualTo(40);
      assertThat(recording.delivered()).isEqualTo(100);
    }
    assertThat(Captures.read(file)).extracting(Captures.Taken::hex).hasSize(40).endsWith(hex(39));
  }

  @Test
  void shouldRotateFilesAndPutTagsBack() throws Exception {
    Path file = folder.resolve("x.pcapng");
    byte[] tagged = NumberedFrames.tagged(7, 100, 0x8100, 0x2064);
    try (Receiver receiver = Receiver.open(lab.far());
        CaptureWriter writer =
            CaptureWriter.rotating(
                file, CaptureFormat.PCAPNG, Recorder.options(receiver), 20_000)) {
      send(0, 100);
      try (Injector injector = Injector.open(lab.near())) {
        assertThat(injector.send(Frame.of(tagged))).isTrue();
      }
      assertThat(Recorder.of(receiver, writer).maxFrames(101).run().frames()).isEqualTo(101);
    }
    List<String> all = new ArrayList<>();
    for (int i = 0; Files.exists(name(file, i)); i++) {
      assertThat(Files.size(name(file, i))).isLessThanOrEqualTo(20_000);
      Captures.read(name(file, i)).forEach(frame -> all.add(frame.hex()));
    }
    assertThat(all).hasSize(101).endsWith(HexFormat.of().formatHex(tagged)).startsWith(hex(0));
  }

  private static Path name(Path file, int number) {
    return number == 0 ? file : file.resolveSibling(file.getFileName() + "" + number);
  }

  @Test
  void shouldShowFramesAsTheyComeToWhoeverReadsAlong() throws Exception {
    try (PipedInputStream in = new PipedInputStream(1 << 16);
        Receiver receiver = Receiver.open(lab.far())) {
      PipedOutputStream out = new PipedOutputStream(in);
      CaptureWriter writer = CaptureWriter.pcap(out, Recorder.options(receiver));
      Recorder recorder = Recorder.of(receiver, writer).flushEachPoll(true);
      Threads.Task<Recording> task = Threads.start("recorder", recorder::run);
      CaptureReader reader = CaptureReader.open(in);
      for (int i = 0; i < 3; i++) {
        send(i, i + 1);
        assertThat(Objects.requireNonNull(reader.next()).length())
            .isEqualTo(NumberedFrames.length(i, 1514));
      }
      recorder.stop();
      assertThat(task.get().frames()).isEqualTo(3);
      writer.close();
    }
  }

  @Test
  void shouldEndWhenTheFileCannotBeWritten() throws Exception {
    try (Receiver receiver = Receiver.open(lab.far())) {
      Full full = new Full(500);
      CaptureWriter writer = CaptureWriter.pcap(full, Recorder.options(receiver));
      Recorder recorder = Recorder.of(receiver, writer).flushEachPoll(true);
      send(0, 10);
      FramejetException fault = catchThrowableOfType(FramejetException.class, recorder::run);
      assertThat(fault.code()).isEqualTo(ErrorCode.SYSTEM_ERROR);
      assertThat(fault).hasMessageContaining("Broken pipe");
      assertThat(Objects.requireNonNull(recorder.recording()).delivered()).isEqualTo(10);
    }
  }

  /** Takes some bytes and then no more. */
  private static final class Full implements WritableByteChannel {
    private int left;

    Full(int left) {
      this.left = left;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (bytes.remaining() > left) {
        throw new IOException("Broken pipe");
      }
      int count = bytes.remaining();
      left -= count;
      bytes.position(bytes.limit());
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void shouldOutliveALinkThatGoesDownAndEndWhenItIsGone() throws Exception {
    Path file = folder.resolve("x.pcapng");
    Recorder recorder;
    try (Receiver receiver = Receiver.open(lab.far());
        CaptureWriter writer = CaptureWriter.pcapng(file, Recorder.options(receiver))) {
      recorder = Recorder.of(receiver, writer);
      Threads.Task<Recording> task = Threads.start("recorder", recorder::run);
      send(0, 10);
      lab.farEditor().down(VethLab.FAR);
      lab.farEditor().up(VethLab.FAR);
      lab.awaitCarrier();
      send(10, 20);
      Wait.until(() -> receiver.statistics().delivered() == 20, "20 frames");
      lab.farEditor().delete(VethLab.FAR);
      assertThat(task.failure())
          .isInstanceOfSatisfying(
              FramejetException.class,
              fault -> assertThat(fault.code()).isEqualTo(ErrorCode.LINK_GONE));
    }
    assertThat(Objects.requireNonNull(recorder.recording()).frames()).isEqualTo(20);
    assertThat(Captures.read(file)).hasSize(20);
  }

  @Test
  void shouldRecordALinkWithoutALinkHeader() throws Exception {
    Captures.needs("tshark", "tshark");
    Path file = folder.resolve("x.pcapng");
    try (TunLab tun = TunLab.open();
        Receiver receiver = Receiver.open(tun.far());
        Injector injector = Injector.open(tun.near());
        CaptureWriter writer = CaptureWriter.pcapng(file, Recorder.options(receiver))) {
      assertThat(injector.send(NumberedPackets.ipv4(5, 40))).isTrue();
      Recorder.of(receiver, writer).maxFrames(1).maxDuration(Duration.ofSeconds(20)).run();
    }
    try (CaptureReader reader = CaptureReader.open(file)) {
      assertThat(Objects.requireNonNull(reader.next()).toByteArray())
          .isEqualTo(NumberedPackets.ipv4(5, 40).toByteArray());
      assertThat(reader.interfaces().get(0).linkType()).isEqualTo(LinkType.IP.number());
    }
    assertThat(Captures.run("tshark", "-r", file.toString()))
        .contains("10.99.0.1")
        .contains("10.99.0.2");
  }

  @Test
  void shouldAllocateNothingPerFrame() throws Exception {
    try (Receiver receiver =
            Receiver.open(lab.far(), ReceiverOptions.defaults().withRingBytes(64 << 20));
        CaptureWriter writer =
            CaptureWriter.pcapng(folder.resolve("x"), Recorder.options(receiver))) {
      send(0, 10_000);
      Recorder.of(receiver, writer).maxFrames(5_000).run();
      Allocation allocation = Allocation.ofThisThread();
      Recording recording = Recorder.of(receiver, writer).maxFrames(5_000).run();
      assertThat(recording.frames()).isEqualTo(5_000);
      // Some for the account at the end, nothing for a frame: the smallest object has 16 bytes.
      assertThat(allocation.bytes()).isLessThan(5_000 * 16);
    }
  }
}
