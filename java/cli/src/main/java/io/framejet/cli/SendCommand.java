package io.framejet.cli;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.capture.Replayer;
import io.framejet.cli.output.Numbers;
import io.framejet.cli.process.Interrupts;
import io.framejet.frame.EthernetBuilder;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.Ipv4;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.link.Route;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code framejet send}. */
@Command(
    name = "send",
    addMethodSubcommands = false,
    description = "Injects a frame, or those of a capture file, once or many times.%n",
    sortOptions = false,
    footer = {
      "%nExamples:",
      "  framejet send -i v0 ffffffffffff 020000000001 0806 0001...",
      "  tcpdump -xx ... | framejet send -i v0 -",
      "  framejet send -i v0 --arp 10.77.0.5 --count 1000 --rate 100",
      "  framejet send -i v0 --pcap x.pcapng --rate 1k"
    })
final class SendCommand implements Callable<Integer> {
  /** Longest sleep: how soon an interrupt is heeded between two frames. */
  private static final long LOOK_NANOS = 50_000_000;

  /** What to send: exactly one of these. */
  static final class What {
    @Parameters(
        paramLabel = "HEX",
        arity = "1..*",
        description = "The frame in hexadecimal, without FCS; - reads it from standard input.")
    @Nullable List<String> hex;

    @Option(
        names = "--arp",
        paramLabel = "ADDRESS",
        required = true,
        converter = Converters.OfIpv4.class,
        description = "An ARP request for this IPv4 address (with --reply: an answer to it).")
    @Nullable Integer target;

    @Option(
        names = "--pcap",
        paramLabel = "FILE",
        required = true,
        description = "The frames of a capture file, pcap or pcapng, one after the other.")
    @Nullable Path pcap;
  }

  @ArgGroup(multiplicity = "1")
  What what;

  @Mixin LinkOptions link;

  @Option(names = "--reply", description = "With --arp: a reply instead of a request; needs --to.")
  boolean reply;

  @Option(
      names = "--to",
      paramLabel = "MAC",
      converter = Converters.OfMac.class,
      description = "With --arp: the frame's destination (default for a request: broadcast).")
  @Nullable MacAddress to;

  @Option(
      names = "--source-ip",
      paramLabel = "ADDRESS",
      converter = Converters.OfIpv4.class,
      description = "With --arp: the sender's IPv4 address (default: the link's).")
  @Nullable Integer sourceIp;

  @Option(
      names = "--source-mac",
      paramLabel = "MAC",
      converter = Converters.OfMac.class,
      description = "With --arp: the sender's MAC address (default: the link's).")
  @Nullable MacAddress sourceMac;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many times (default: ${DEFAULT-VALUE}).")
  long count;

  @Option(
      names = "--rate",
      paramLabel = "PPS",
      converter = Converters.OfRate.class,
      description = "Frames per second: 500, 10k, 1M, or max (default: 10k).")
  @Nullable Rate rate;

  @Mixin BackendOption backend;

  @Mixin QuietOption quiet;

  @Spec CommandSpec spec;

  private volatile boolean cancelled;

  SendCommand() {}

  @Override
  public Integer call() throws Exception {
    if (count < 1) {
      throw usage("--count is at least 1: " + count);
    }
    if (what.pcap != null) {
      return sendFile(what.pcap);
    }
    Link on;
    Frame frame;
    try {
      Integer target = what.target;
      if (target == null) {
        frame = fromHex();
        on = link.find();
      } else {
        on = link.find();
        frame = arp(on, target);
      }
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    send(on, frame);
    return Interrupts.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
  }

  private int sendFile(Path file) throws IOException {
    requireNoArpOptions();
    announceRate();
    Link on = link.find();
    Rate pace = rate == null ? Rate.of(10_000) : rate;
    long frames = AutoBackend.frames(file, count);
    Backend by = AutoBackend.of(backend, on, AutoBackend.job(frames, pace), 0, quiet.wanted);
    try (Injector injector = Injector.open(on, InjectorOptions.defaults().withBackend(by))) {
      Replayer replayer = Replayer.on(injector).rate(pace).loops(count);
      return new ReplaySession(replayer, injector, file, quiet.wanted).run();
    }
  }

  private void announceRate() {
    if (!quiet.wanted && rate == null && (count > 1 || what.pcap != null)) {
      System.err.println(
          "Sending "
              + (what.pcap == null ? Numbers.grouped(count) + " frames" : what.pcap)
              + " at 10,000 pps (the default; --rate 1M for more)");
    }
  }

  private void send(Link on, Frame frame) throws IOException {
    Rate pace = rate == null ? Rate.of(10_000) : rate;
    PrintStream err = System.err;
    announceRate();
    // A batch needs no room for more than is to be sent.
    int batch = (int) Math.min(count, InjectorOptions.defaults().batch());
    InjectorOptions options =
        InjectorOptions.defaults()
            .withBackend(
                AutoBackend.of(
                    backend, on, AutoBackend.job(count, pace), frame.length(), quiet.wanted))
            .withBatch(batch);
    try (Injector injector = Injector.open(on, options);
        Interrupts.Registration registration = Interrupts.onInterrupt(() -> cancelled = true)) {
      if (what.target != null && injector.linkType() != LinkType.ETHERNET) {
        throw new FramejetException(
            ErrorCode.NOT_SUPPORTED,
            "frames on "
                + on.name()
                + " by "
                + injector.backend().label()
                + " begin with an IP header: ARP needs an Ethernet header");
      }
      Frame fitting = Frame.of(injector.linkType(), frame.toByteArray());
      if (frame.length() > injector.newBatch().maxFrame()) {
        throw new FramejetException(
            ErrorCode.FRAME_TOO_LARGE,
            "the frame has "
                + frame.length()
                + " bytes, link "
                + on.name()
                + " takes "
                + injector.maxFrame()
                + " (its MTU"
                + (injector.linkType() == LinkType.ETHERNET ? " and the Ethernet header)" : ")"));
      }
      long started = System.nanoTime();
      long sent = 0;
      try {
        sent = repeat(injector, fitting, Pacer.of(injector, pace));
      } finally {
        if (!quiet.wanted && injector.statistics().frames() > 0) {
          report(injector, fitting, System.nanoTime() - started, err);
        }
      }
      if (sent < count && !cancelled) {
        throw new IOException(
            "only "
                + Numbers.grouped(sent)
                + " of "
                + Numbers.grouped(count)
                + " frames were sent");
      }
    }
  }

  private long repeat(Injector injector, Frame frame, Pacer pacer) throws IOException {
    // A queue that stays full takes nothing; some 10 s without a single frame is an answer too.
    int patience = 1000;
    long sent = 0;
    FrameBatch batch = injector.newBatch();
    while (sent < count && !cancelled && patience > 0) {
      long now = System.nanoTime();
      int due = (int) Math.min(pacer.due(now), count - sent);
      if (due == 0) {
        LockSupport.parkNanos(Math.min(pacer.nanosToNext(now), LOOK_NANOS));
        continue;
      }
      while (batch.size() < due && frame.addTo(batch)) {
        // Until it is full, or all that is due is in it.
      }
      int taken = injector.send(batch);
      // As of before the send: what that took is part of the gap to the next burst.
      pacer.sent(taken, now);
      sent += taken;
      patience = taken > 0 ? 1000 : patience - 1;
    }
    return sent;
  }

  private static void report(Injector injector, Frame frame, long nanos, PrintStream err) {
    long frames = injector.statistics().frames();
    StringBuilder text = new StringBuilder();
    text.append("Sent ").append(Numbers.count(frames, "frame"));
    text.append(" of ")
        .append(Math.max(frame.length(), frame.linkType().minFrame()))
        .append(" bytes on ");
    text.append(injector.link().name()).append(" by ").append(injector.backend().label());
    if (frames > 1) {
      text.append(" in ").append(Numbers.duration(nanos));
      text.append(", ").append(Numbers.rate(frames * 1e9 / Math.max(1, nanos)));
    }
    long unconfirmed = injector.statistics().unconfirmed();
    if (unconfirmed > 0) {
      text.append("; ")
          .append(Numbers.grouped(unconfirmed))
          .append(" more may have left as the link went down");
    }
    err.println(text);
  }

  private void requireNoArpOptions() {
    if (reply || to != null || sourceIp != null || sourceMac != null) {
      throw usage("--reply, --to, --source-ip and --source-mac go with --arp");
    }
  }

  private Frame fromHex() throws IOException {
    requireNoArpOptions();
    List<String> digits = what.hex == null ? List.of() : what.hex;
    if (digits.equals(List.of("-"))) {
      return Frame.ofHex(new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
    }
    return Frame.ofHex(String.join(" ", digits));
  }

  private Frame arp(Link on, int target) throws IOException {
    MacAddress mac = sourceMac == null ? on.mac() : sourceMac;
    int ip = sourceIp == null ? address(on, target) : sourceIp;
    if (!reply) {
      return Frame.ethernet(mac, to == null ? MacAddress.BROADCAST : to)
          .arpRequest(mac, ip, target)
          .build();
    }
    if (to == null) {
      throw new IllegalArgumentException("--reply needs --to MAC: a reply goes to one host");
    }
    EthernetBuilder ethernet = Frame.ethernet(mac, to);
    return ethernet.arpReply(mac, ip, to, target).build();
  }

  // The address that the kernel would use, if it would use this link.
  private static int address(Link on, int target) throws IOException {
    InetAddress source = null;
    try {
      Route route = Route.to(Ipv4.toInet(target), on.namespace());
      source = route.link().index() == on.index() ? route.source() : null;
    } catch (FramejetException e) {
      // No route: any address of the link will do.
    }
    if (source instanceof Inet4Address known) {
      return Ipv4.fromInet(known);
    }
    return on.addresses().stream()
        .filter(each -> each.address() instanceof Inet4Address)
        .mapToInt(each -> Ipv4.fromInet((Inet4Address) each.address()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "link " + on.name() + " has no IPv4 address: name one with --source-ip"));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
