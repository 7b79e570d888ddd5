package io.framejet.fault;

import io.framejet.FramejetException;
import io.framejet.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The library and its declared dependencies, as a program has them that knows nothing of this tree.
 */
final class Library {
  private Library() {}

  /** The core's jar, or folder of classes, and the jars that its pom declares. */
  static List<Path> entries() {
    List<Path> entries = new ArrayList<>();
    entries.add(home(FramejetException.class));
    entries.addAll(ChildJvm.entries("slf4j-api", "jspecify", "ipaddress"));
    return entries;
  }

  static Path home(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static String classPath(List<Path> entries) {
    return entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** Copies entries into {@code folder}, readable by everybody; gives the copies. */
  static List<Path> copyTo(Path folder, List<Path> entries) throws IOException {
    List<Path> copies = new ArrayList<>();
    for (Path entry : entries) {
      Path copy = folder.resolve(copies.size() + "-" + entry.getFileName());
      copyTree(entry, copy);
      copies.add(copy);
    }
    openToAll(folder, "rwxr-xr-x");
    return copies;
  }

  static void openToAll(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(
          file -> {
            try {
              Path target = to.resolve(from.relativize(file).toString());
              Files.copy(file, target);
              openToAll(target, Files.isDirectory(target) ? "rwxr-xr-x" : "rw-r--r--");
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
