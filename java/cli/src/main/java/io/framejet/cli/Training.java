package io.framejet.cli;

import io.framejet.FramejetException;
import io.framejet.link.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs what users run, in a lab, so that the JVM can note which classes that takes: {@code
 * ./framejet} makes its archive of classes from it. Not a command.
 */
final class Training {
  private static final String NETWORK = "10.77.0.0/24";

  private Training() {}

  /** Takes no arguments; what it prints is of no interest. */
  public static void main(String[] args) throws IOException {
    try (Lab lab = lab()) {
      String namespace = String.valueOf(lab.nearNamespace().path());
      for (String format : List.of("table", "csv", "jsonl")) {
        run(
            "sweep arp "
                + NETWORK
                + " -i v0 --rate max --grace 150ms --summary /dev/null --format "
                + format,
            namespace);
      }
      run("sweep arp " + NETWORK + " -i v0 --rate max --quiet --backend xdp", namespace);
      run("sweep icmp " + NETWORK + " -i v0 --rate max --quiet", namespace);
      run("sweep tcp " + NETWORK + " -i v0 --ports 22,80 --rate max --quiet", namespace);
      run("sweep ndp 2001:db8::/120 -i v0 --dry-run", namespace);
      run("resolve 10.77.0.9 -i v0", namespace);
      run("send -i v0 --arp 10.77.0.9 --count 3", namespace);
      Path file = Files.createTempFile("framejet-training", ".pcapng");
      try {
        run("capture -q -i v0 --duration 20ms -w " + file, namespace);
        run("replay -q -i v0 --speed max " + file, namespace);
      } finally {
        Files.delete(file);
      }
      run("links", namespace);
      run("routes", namespace);
      run("doctor", namespace);
    }
    run("--help", "");
  }

  /** One that the XDP engine can sweep, where there is such. */
  private static Lab lab() throws FramejetException {
    try {
      return Lab.builder().answering(NETWORK).gro(true).open();
    } catch (FramejetException e) {
      return Lab.builder().answering(NETWORK).open();
    }
  }

  private static void run(String command, String namespace) {
    List<String> words = new ArrayList<>(Arrays.asList(command.split(" ", -1)));
    if (!namespace.isEmpty()) {
      words.addAll(List.of("--netns", namespace));
    }
    int unused =
        Main.commandLine(words.get(0), words.size() > 1 ? words.get(1) : "")
            .execute(words.toArray(String[]::new));
  }
}
