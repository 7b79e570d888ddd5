package io.framejet.cli.output;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What could not be written, in words: the JDK says why, but not which file it was. */
public final class Unwritable {
  private Unwritable() {}

  /**
   * The fault to be thrown instead: it names the file, or it is a {@link BrokenPipeException}.
   *
   * @param file null for standard output
   */
  public static IOException of(@Nullable Path file, IOException fault) {
    IOException named = BrokenPipeException.of(fault);
    if (named != fault || fault instanceof FileSystemException) {
      return named;
    }
    return new IOException(
        "cannot write " + (file == null ? "standard output" : file) + ": " + fault.getMessage(),
        fault);
  }
}
