package io.framejet.target;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A file of targets: one a line, comments from a {@code #} on, blank lines skipped. */
final class TargetFile {
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private TargetFile() {}

  /**
   * Hands over what each line names.
   *
   * @param parser throws {@code IllegalArgumentException} when a line is malformed
   * @throws IllegalArgumentException if the file cannot be read or a line is malformed; the message
   *     names the file and the line
   */
  static void read(Path file, Consumer<String> parser) {
    // This reader replaces what is not UTF-8 rather than throw, so that a bad byte in a comment
    // does no harm and a bad byte elsewhere is reported with its line.
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      int number = 1;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        readLine(line, file, number++, parser);
      }
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("cannot read " + file + ": there is no such file", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static void readLine(String line, Path file, int number, Consumer<String> parser) {
    String text = line;
    if (number == 1 && text.startsWith(BYTE_ORDER_MARK)) {
      text = text.substring(1);
    }
    final int comment = text.indexOf('#');
    if (comment >= 0) {
      text = text.substring(0, comment);
    }
    if (text.isBlank()) {
      return;
    }
    try {
      parser.accept(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ":" + number + ": " + e.getMessage(), e);
    }
  }
}
