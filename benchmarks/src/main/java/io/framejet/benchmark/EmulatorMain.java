package io.framejet.benchmark;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.emulate.HostEmulator;
import io.framejet.frame.Ipv4;
import io.framejet.frame.SipHash;
import io.framejet.link.Link;
import io.framejet.target.TargetSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Locale;
import java.util.Set;

/**
 * Emulates hosts, and checks what a sweep says of them. Prints a line with {@code backend} when it
 * answers; then a line for each from stdin, with which it ends: {@code rest} has it leave the link,
 * {@code go on} has it answer again. {@code FIRST LAST FILE} asks how many of these addresses are
 * up, and how many rows of that CSV file name such a host, one that is not, a wrong MAC, or one for
 * the second time; the answer is JSON.
 */
public final class EmulatorMain {
  private EmulatorMain() {}

  /** Options: {@code --link --targets --share --xdp-transmit}. */
  public static void main(String[] args) throws FramejetException, IOException {
    final Arguments arguments =
        new Arguments(args, Set.of("--link", "--targets", "--share"), Set.of("--xdp-transmit"));
    final Link link = Link.find(arguments.text("--link", "v1"));
    HostEmulator hosts = open(link, arguments);
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      System.out.println("backend " + hosts.backend().label());
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        switch (line) {
          case "rest" -> {
            hosts.close();
            System.out.println("resting");
          }
          case "go on" -> {
            hosts = open(link, arguments);
            System.out.println("backend " + hosts.backend().label());
          }
          default -> {
            final String[] words = line.split(" ", 3);
            System.out.println(check(hosts, words[0], words[1], Path.of(words[2])));
          }
        }
      }
    } finally {
      hosts.close();
    }
  }

  private static HostEmulator open(Link link, Arguments arguments) throws FramejetException {
    return HostEmulator.on(link)
        .targets(TargetSet.of(arguments.text("--targets", "10.77.0.0/16")))
        .share(arguments.real("--share", 1))
        .key(new SipHash(7, 0))
        .backend(Backend.XDP)
        .xdpTransmit(arguments.flag("--xdp-transmit"))
        .open();
  }

  private static String check(HostEmulator hosts, String first, String last, Path rows)
      throws IOException {
    final int begin = Ipv4.parse(first);
    final int size = Ipv4.parse(last) - begin + 1;
    long up = 0;
    for (int i = 0; i < size; i++) {
      up += hosts.isUp(begin + i) ? 1 : 0;
    }
    final BitSet seen = new BitSet(size);
    long right = 0;
    long wrong = 0;
    long twice = 0;
    try (BufferedReader in = Files.newBufferedReader(rows)) {
      in.readLine(); // the header
      for (String row = in.readLine(); row != null; row = in.readLine()) {
        final String[] cells = row.split(",", -1);
        final int address = Ipv4.parse(cells[0]);
        if (cells[cells.length - 1].equals("self")) {
          continue;
        }
        final boolean isRight =
            hosts.isUp(address) && cells[1].equals(HostEmulator.macOf(address).toString());
        right += isRight ? 1 : 0;
        wrong += isRight ? 0 : 1;
        if (address - begin < 0 || address - begin >= size) {
          wrong++;
          continue;
        }
        twice += seen.get(address - begin) ? 1 : 0;
        seen.set(address - begin);
      }
    }
    return String.format(
        Locale.ROOT,
        "{\"emulated_up\": %d, \"rows_right\": %d, \"rows_wrong\": %d, \"rows_twice\": %d}",
        up,
        right,
        wrong,
        twice);
  }
}
