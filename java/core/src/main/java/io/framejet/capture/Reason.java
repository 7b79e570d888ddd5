package io.framejet.capture;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What went wrong with a file, in words for a user: Java puts the names of classes there. */
final class Reason {
  private static final String NOT_THERE = "there is no such file or folder";

  private Reason() {}

  static String of(IOException fault) {
    if (fault instanceof NoSuchFileException) {
      return NOT_THERE;
    }
    if (fault instanceof ClosedByInterruptException) {
      return "the thread was interrupted, which closes a channel";
    }
    if (fault instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (fault instanceof ClosedChannelException) {
      return "it is closed";
    }
    final String said =
        fault instanceof FileSystemException file ? file.getReason() : fault.getMessage();
    if (said == null) {
      return fault.toString();
    }
    return fault instanceof FileNotFoundException ? ofStream(said) : said;
  }

  /** A stream's words are {@code FILE (reason of the system)}. */
  private static String ofStream(String said) {
    final int begin = said.lastIndexOf('(');
    final String reason =
        begin >= 0 && said.endsWith(")") ? said.substring(begin + 1, said.length() - 1) : said;
    return switch (reason) {
      case "No such file or directory" -> NOT_THERE;
      case "Permission denied" -> "permission denied";
      default -> reason;
    };
  }
}
