package io.framejet.cli;

import io.framejet.capture.CaptureFormat;
import io.framejet.capture.CaptureOptions;
import io.framejet.capture.CaptureWriter;
import io.framejet.capture.Recorder;
import io.framejet.capture.Recording;
import io.framejet.cli.output.Numbers;
import io.framejet.cli.output.Unwritable;
import io.framejet.cli.process.Interrupts;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code framejet capture}. */
@Command(
    name = "capture",
    addMethodSubcommands = false,
    description = {
      "Writes the frames of a link into a file, as the link has them, both ways.",
      "Frames that the kernel had no room for are counted exactly: in the file (pcapng) and on stderr.%n"
    },
    sortOptions = false,
    footer = {
      "%nExamples:",
      "  framejet capture -i eth0 -w x.pcapng --duration 10s",
      "  framejet capture -i eth0 -w - --filter 'arp or icmp' | tshark -r -",
      "  framejet capture -i eth0 -w x.pcap --rotate-size 100M"
    })
final class CaptureCommand implements Callable<Integer> {
  private static final String STDOUT = "-";
  private static final long MAX_SNAPLEN = 1 << 17;

  @Mixin LinkOptions link;

  @Option(
      names = {"-w", "--write"},
      paramLabel = "FILE",
      required = true,
      description = "The file, which is emptied if it is there; - is standard output.")
  String file;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "pcap or pcapng (default: pcap for a file of that ending, else pcapng).")
  @Nullable CaptureFormat format;

  @Option(
      names = "--filter",
      paramLabel = "EXPR",
      defaultValue = "",
      description = "Which frames, in tcpdump's language (default: all; takes libpcap).")
  String filter;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "Stop after so many frames (default: go on until interrupted).")
  @Nullable Long count;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = Converters.OfDuration.class,
      description = "Stop after that time, such as 500ms, 10s or 2min.")
  @Nullable Duration duration;

  @Option(
      names = "--ring-size",
      paramLabel = "SIZE",
      defaultValue = "64M",
      converter = Converters.OfSize.class,
      description = "Memory for frames not yet written (default: ${DEFAULT-VALUE}).")
  long ringSize;

  @Option(
      names = "--rotate-size",
      paramLabel = "SIZE",
      converter = Converters.OfSize.class,
      description = "Begin FILE1, FILE2 and so on when a file would get longer than this.")
  @Nullable Long rotateSize;

  @Option(
      names = "--snaplen",
      paramLabel = "SIZE",
      defaultValue = "64K",
      converter = Converters.OfSize.class,
      description = "Keep no more bytes of a frame than this (default: ${DEFAULT-VALUE}).")
  long snaplen;

  @Option(names = "--in-only", description = "Leave out what this host sends.")
  boolean inOnly;

  @Option(
      names = "--promiscuous",
      description = "Frames for other hosts too, while the capture runs.")
  boolean promiscuous;

  @Mixin BackendOption backend;

  @Option(
      names = {"-q", "--quiet"},
      description = "Nothing on stderr but errors and drops.")
  boolean quiet;

  @Spec CommandSpec spec;

  CaptureCommand() {}

  @Override
  public Integer call() throws Exception {
    ReceiverOptions options = options();
    try (Receiver receiver = Receiver.open(link.find(), options)) {
      capture(receiver);
    }
    return Interrupts.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
  }

  private ReceiverOptions options() {
    if (rotateSize != null && (file.equals(STDOUT) || rotateSize < 1)) {
      throw usage(
          rotateSize < 1
              ? "--rotate-size is at least 1 byte"
              : "--rotate-size needs files: standard output is one stream");
    }
    if (ringSize > Integer.MAX_VALUE || snaplen < 1 || snaplen > MAX_SNAPLEN) {
      throw usage("--ring-size is 128K to 1G, --snaplen 14 to 131,072 bytes");
    }
    try {
      return ReceiverOptions.defaults()
          .withBackend(backend.backend())
          .withFilter(CaptureFilter.expression(filter))
          .withRingBytes((int) ringSize)
          .withSnaplen((int) snaplen)
          .withPromiscuous(promiscuous)
          .withIncludeOutgoing(!inOnly);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private void capture(Receiver receiver) throws IOException {
    CaptureFormat as = format != null ? format : formatByName();
    CaptureOptions options =
        Recorder.options(receiver)
            .withSnaplen((int) snaplen)
            .withFilter(filter.isBlank() ? null : filter)
            .withApplication("Framejet " + Version.text());
    Recording recording = null;
    CaptureWriter written = null;
    try (CaptureWriter writer = open(as, options)) {
      written = writer;
      Recorder recorder = limited(Recorder.of(receiver, writer).flushEachPoll(file.equals(STDOUT)));
      if (!quiet) {
        System.err.println(
            "Capturing on "
                + receiver.link().name()
                + " by "
                + receiver.backend().label()
                + " into "
                + (file.equals(STDOUT) ? "standard output" : file)
                + (count == null && duration == null ? "; Ctrl-C ends it" : ""));
      }
      try (Interrupts.Registration registration = Interrupts.onInterrupt(recorder::stop)) {
        recording = recorder.run();
      } finally {
        recording = recorder.recording();
      }
    } catch (IOException e) {
      // The library names a file, and can not know what the channel is.
      throw file.equals(STDOUT) && e.getCause() instanceof IOException cause
          ? Unwritable.of(null, cause)
          : e;
    } finally {
      if (recording != null && written != null && (!quiet || recording.dropped() > 0)) {
        System.err.println(describe(recording, written.flushedFrames()));
      }
    }
  }

  private Recorder limited(Recorder recorder) {
    try {
      if (count != null) {
        recorder.maxFrames(count);
      }
      if (duration != null) {
        recorder.maxDuration(duration);
      }
      return recorder;
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private CaptureWriter open(CaptureFormat as, CaptureOptions options) throws IOException {
    if (file.equals(STDOUT)) {
      // Not System.out: a PrintStream swallows the error that tells of a reader that has left.
      FileOutputStream out = new FileOutputStream(FileDescriptor.out);
      return as == CaptureFormat.PCAP
          ? CaptureWriter.pcap(out.getChannel(), options)
          : CaptureWriter.pcapng(out.getChannel(), options);
    }
    Path path = Path.of(file);
    if (rotateSize != null) {
      return CaptureWriter.rotating(path, as, options, rotateSize);
    }
    return as == CaptureFormat.PCAP
        ? CaptureWriter.pcap(path, options)
        : CaptureWriter.pcapng(path, options);
  }

  private CaptureFormat formatByName() {
    String name = file.toLowerCase(Locale.ROOT);
    return name.endsWith(".pcap") || name.endsWith(".cap")
        ? CaptureFormat.PCAP
        : CaptureFormat.PCAPNG;
  }

  /** What was done; {@code written} frames are in the file: fewer when it could not be written. */
  static String describe(Recording recording, long written) {
    boolean whole = written == recording.frames();
    StringBuilder text = new StringBuilder(160);
    text.append("Captured ").append(Numbers.count(written, "frame"));
    text.append(whole ? " (" + Numbers.count(recording.bytes(), "byte") + ")" : "").append(" in ");
    text.append(Numbers.duration(recording.endNanos() - recording.startNanos()));
    text.append("; dropped by the kernel: ").append(Numbers.grouped(recording.dropped()));
    if (recording.linkMissed() > 0) {
      text.append(", by the device: ").append(Numbers.grouped(recording.linkMissed()));
    }
    long unwritten = recording.delivered() - written;
    if (unwritten > 0) {
      text.append(whole ? "; delivered and not wanted: " : "; delivered and not written: ");
      text.append(Numbers.grouped(unwritten));
    }
    return text.toString();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
