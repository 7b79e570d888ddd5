package io.framejet.capture;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What went wrong with a file, in words for a user: Java puts the names of classes there. */
final class Reason {
  private Reason() {}

  static String of(IOException fault) {
    if (fault instanceof NoSuchFileException) {
      return "there is no such file or folder";
    }
    if (fault instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (fault instanceof ClosedChannelException) {
      return "it is closed";
    }
    final String said =
        fault instanceof FileSystemException file ? file.getReason() : fault.getMessage();
    return said == null ? fault.toString() : said;
  }
}
