package io.framejet.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.framejet.target.Ipv6TargetSet;
import io.framejet.target.PortSet;
import io.framejet.target.TargetSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** Targets as users write them: one by one, and in files. */
@Tag("fuzz")
class TargetFuzzTest {
  private static final Path FILE = file();

  @FuzzTest
  void parse(byte[] input) throws IOException {
    final String text = new String(input, StandardCharsets.UTF_8);
    Inputs.read(each -> TargetSet.of(each.split(",", -1)).toString(), text);
    Inputs.read(
        each -> checked(TargetSet.builder().add("10.0.0.0/24").exclude(each).build()), text);
    Inputs.read(each -> Ipv6TargetSet.of(each.split(",", -1)).toString(), text);
    Inputs.read(each -> PortSet.parse(each).toString(), text);
    Files.write(FILE, input);
    Inputs.read(each -> checked(TargetSet.builder().addFile(FILE).build()), text);
  }

  private static TargetSet checked(TargetSet set) {
    if (set.size() < 0 || (set.size() > 0 && !set.contains(set.addressAt(set.size() - 1)))) {
      throw new AssertionError(set.toString());
    }
    return set;
  }

  private static Path file() {
    try {
      final Path file = Files.createTempFile("framejet-fuzz-", ".txt");
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
