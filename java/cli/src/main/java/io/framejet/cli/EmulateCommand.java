package io.framejet.cli;

import io.framejet.FramejetException;
import io.framejet.cli.Converters.BackendChoice;
import io.framejet.cli.output.EmulatorProgress;
import io.framejet.cli.output.Numbers;
import io.framejet.cli.process.Interrupts;
import io.framejet.emulate.HostEmulator;
import io.framejet.frame.SipHash;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.PortSet;
import io.framejet.target.TargetSet;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code framejet emulate}. */
@Command(
    name = "emulate",
    addMethodSubcommands = false,
    description = {
      "Answers for made-up hosts: ARP, ping, TCP, UDP, and for IPv6 neighbor discovery and ping.",
      "Each host has a MAC of its own: 02:04: and the octets of its IPv4 address, or 06: and the last five bytes of",
      "its IPv6 address. Addresses that this machine owns are left out. Use it on networks of your own only.%n"
    },
    sortOptions = false,
    footer = {
      "%nExamples:",
      "  framejet emulate 10.77.0.0/16 -i v1",
      "  framejet emulate 10.77.0.0/16 2001:db8::/112 -i v1 --up 10%% --seed 7 --ports 22,80"
    })
final class EmulateCommand implements Callable<Integer> {
  private static final long STEP_MILLIS = 200;

  @Parameters(
      paramLabel = "TARGETS",
      arity = "1..*",
      description =
          "Whom to answer for: 10.0.0.0/16, 10.0.0.1-10.0.0.99, 10.0.0.7, 2001:db8::/112.")
  List<String> targets = new ArrayList<>();

  @Mixin LinkOptions link;

  @Option(
      names = "--exclude",
      paramLabel = "TARGETS",
      split = ",",
      description = "Whom not to answer for, comma-separated; exclusions always win.")
  List<String> excludes = new ArrayList<>();

  @Option(
      names = "--exclude-file",
      paramLabel = "FILE",
      description = "Files of IPv4 addresses not to answer for.")
  List<Path> excludeFiles = new ArrayList<>();

  @Option(
      names = "--up",
      paramLabel = "SHARE",
      defaultValue = "1",
      converter = Converters.OfShare.class,
      description = "What part of the hosts is up: 0.1, or 10%% (default: all).")
  double share;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Fixes which hosts are up (default: random): the key of that number and 0.")
  @Nullable Long seed;

  @Option(
      names = "--key",
      paramLabel = "HEX",
      description = "The same by the 32 hex digits of a SipHash key.")
  @Nullable String key;

  @Option(
      names = {"-p", "--ports"},
      paramLabel = "PORTS",
      converter = Converters.OfPorts.class,
      description = "TCP ports that are open on each host: 22,80,8000-8100 (default: none).")
  @Nullable PortSet ports;

  @Option(names = "--no-udp", description = "No answer to UDP, as from behind a firewall.")
  boolean noUdp;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      converter = Converters.OfBackend.class,
      description = "The kernel path: auto, xdp, ring, socket (default: ${DEFAULT-VALUE}).")
  BackendChoice backend;

  @Option(
      names = "--xdp-transmit",
      description =
          "Answers by xdp leave a veth link by XDP_TX, which is faster. They arrive only while the"
              + " far end has an XDP program, as it has while it sweeps by xdp.")
  boolean xdpTransmit;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = Converters.OfDuration.class,
      description = "Stop after that time, such as 10s or 2min (default: go on until interrupted).")
  @Nullable Duration duration;

  @Mixin QuietOption quiet;

  @Spec CommandSpec spec;

  EmulateCommand() {}

  @Override
  public Integer call() throws Exception {
    SipHash hash = hash();
    HostEmulator emulator = open(hash);
    try (emulator) {
      if (!quiet.wanted) {
        describe(emulator, hash);
      }
      answer(emulator);
    } finally {
      if (!quiet.wanted) {
        System.err.println(EmulatorProgress.describe(emulator.statistics()));
      }
    }
    return Interrupts.interrupted() ? ExitCode.INTERRUPTED : ExitCode.DONE;
  }

  private SipHash hash() {
    if (key != null && seed != null) {
      throw usage("either --seed or --key");
    }
    if (key == null) {
      return seed == null ? SipHash.random() : new SipHash(seed, 0);
    }
    try {
      return SipHash.of(HexFormat.of().parseHex(key));
    } catch (IllegalArgumentException e) {
      throw usage("--key is 32 hex digits, not '" + key + "'");
    }
  }

  private HostEmulator open(SipHash hash) throws FramejetException {
    try {
      TargetSet.Builder ipv4 = TargetSet.builder();
      Ipv6TargetSet.Builder ipv6 = Ipv6TargetSet.builder();
      for (String target : targets) {
        if (isIpv6(target)) {
          ipv6.add(target);
        } else {
          ipv4.add(target);
        }
      }
      for (String exclude : excludes) {
        if (isIpv6(exclude)) {
          ipv6.exclude(exclude);
        } else {
          ipv4.exclude(exclude);
        }
      }
      excludeFiles.forEach(ipv4::excludeFile);
      TargetSet hosts = ipv4.build();
      Ipv6TargetSet hosts6 = ipv6.build();
      if (hosts.isEmpty() && hosts6.isEmpty()) {
        throw usage("no hosts are left: all TARGETS are excluded");
      }
      return HostEmulator.on(link.find())
          .targets(hosts)
          .targets(hosts6)
          .share(share)
          .key(hash)
          .openPorts(ports)
          .portUnreachable(!noUdp)
          .backend(backend.backend())
          .xdpTransmit(xdpTransmit)
          .open();
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private static boolean isIpv6(String text) {
    return text.indexOf(':') >= 0;
  }

  private void describe(HostEmulator emulator, SipHash hash) {
    StringBuilder text = new StringBuilder(200);
    text.append("Answering for ");
    text.append(Numbers.grouped(emulator.ipv4().size() + emulator.ipv6().size()));
    text.append(" addresses on ").append(emulator.link().name());
    text.append(" by ").append(emulator.backend().label());
    if (!emulator.reason().isEmpty()) {
      text.append(" (").append(emulator.reason()).append(')');
    }
    text.append(duration == null ? "; Ctrl-C ends it" : "");
    System.err.println(text);
    if (share < 1) {
      System.err.println("Up: " + share + " of the hosts, by --key " + text(hash));
    }
    for (InetAddress own : emulator.leftOut()) {
      System.err.println("Left out: " + own.getHostAddress() + ", which this machine owns");
    }
  }

  private static String text(SipHash hash) {
    // As SipHash.of(byte[]) reads it.
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(Long.reverseBytes(hash.key0()))
        + hex.toHexDigits(Long.reverseBytes(hash.key1()));
  }

  private void answer(HostEmulator emulator) throws FramejetException, InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    long end = duration == null ? 0 : System.nanoTime() + duration.toNanos();
    try (Interrupts.Registration registration = Interrupts.onInterrupt(ended::countDown);
        EmulatorProgress progress = EmulatorProgress.onStderr(quiet.wanted)) {
      boolean over = false;
      while (!over) {
        long left =
            duration == null
                ? STEP_MILLIS
                : TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()) + 1;
        over = left <= 0 || ended.await(Math.min(left, STEP_MILLIS), TimeUnit.MILLISECONDS);
        over |= duration != null && end - System.nanoTime() <= 0;
        progress.show(emulator.statistics());
        FramejetException fault = emulator.fault();
        if (fault != null) {
          throw fault;
        }
      }
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
