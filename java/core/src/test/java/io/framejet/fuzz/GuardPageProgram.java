package io.framejet.fuzz;

import io.framejet.frame.LinkType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Decodes frames that end where memory ends, in a JVM of its own: to read a byte too many ends it.
 */
final class GuardPageProgram {
  private static final int MUTATIONS = 40_000;

  private GuardPageProgram() {}

  /** Arguments: the library, the folder of seeds; or, instead of that, "overread". */
  public static void main(String[] arguments) throws IOException {
    final GuardPage guard = new GuardPage(Path.of(arguments[0]));
    if (arguments[1].equals("overread")) {
      final int at = guard.put(new byte[20], 0, 20);
      System.out.println("read " + guard.memory().get(at + 20));
      return;
    }
    final List<byte[]> seeds = seeds(Path.of(arguments[1]));
    int frames = 0;
    for (byte[] seed : seeds) {
      for (int length = 0; length <= seed.length; length++) {
        exercise(guard, seed, length);
        frames++;
      }
    }
    final Random random = new Random(17);
    for (int i = 0; i < MUTATIONS; i++) {
      final byte[] mutant = seeds.get(random.nextInt(seeds.size())).clone();
      for (int k = random.nextInt(5); k >= 0 && mutant.length > 0; k--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
      }
      exercise(guard, mutant, random.nextInt(mutant.length + 1));
      frames++;
    }
    System.out.println("decoded " + frames + " frames of " + seeds.size() + " seeds");
  }

  private static void exercise(GuardPage guard, byte[] frame, int length) {
    final int at = guard.put(frame, 0, length);
    for (LinkType linkType : LinkType.values()) {
      final int unused = FrameFuzzTest.exercise(linkType, guard.memory(), at, length);
    }
    final int unused = ProbeFuzzTest.exercise(guard.memory(), at, length);
  }

  /**
   * Those of frames, without the byte that says what they begin with, those of probes, and more.
   */
  private static List<byte[]> seeds(Path folder) throws IOException {
    final List<byte[]> seeds = new ArrayList<>();
    for (String target : List.of("FrameFuzzTestInputs/decode", "ProbeFuzzTestInputs/demultiplex")) {
      try (Stream<Path> files = Files.list(folder.resolve(target))) {
        for (Path file : files.sorted().toList()) {
          final byte[] bytes = Files.readAllBytes(file);
          final int from = target.startsWith("Frame") ? 1 : 0;
          seeds.add(Arrays.copyOfRange(bytes, from, bytes.length));
        }
      }
    }
    seeds.addAll(goldenFrames());
    return seeds;
  }

  /** One of every kind that can be built. */
  private static List<byte[]> goldenFrames() throws IOException {
    try (InputStream golden = GuardPageProgram.class.getResourceAsStream("/frame/stacks.hex")) {
      return new String(golden.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .map(HexFormat.of()::parseHex)
          .toList();
    }
  }
}
