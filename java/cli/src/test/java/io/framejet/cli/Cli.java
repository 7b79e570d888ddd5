package io.framejet.cli;

import io.framejet.link.NetworkNamespace;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The command line as a process of its own, from a copy of the class path that every user can read
 * (a build as root has most of it under /root).
 */
final class Cli {
  /** An ordinary user without any privilege. */
  static final List<String> NOBODY =
      List.of(
          "setpriv",
          "--reuid",
          "65534",
          "--regid",
          "65534",
          "--clear-groups",
          "--inh-caps",
          "-all",
          "--bounding-set",
          "-all");

  /** An ordinary user who may open raw sockets. */
  static final List<String> NOBODY_WITH_NET_RAW =
      List.of(
          "setpriv",
          "--reuid",
          "65534",
          "--regid",
          "65534",
          "--clear-groups",
          "--inh-caps",
          "+net_raw",
          "--ambient-caps",
          "+net_raw",
          "--bounding-set",
          "-all,+net_raw");

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path CLASS_PATH = readableClassPath();

  private final List<String> wrapper = new ArrayList<>();
  private final List<String> java = new ArrayList<>();

  /** How a run ended. */
  record Result(int code, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }
  }

  /** In the namespace that this test runs in, as its user. */
  Cli() {
    // A build that was started in the background ignores SIGINT, and so would its children.
    wrapper.addAll(List.of("env", "--default-signal=INT", "HOME=/", "LC_ALL=C.UTF-8"));
  }

  Cli in(NetworkNamespace namespace) throws IOException {
    wrapper.addAll(List.of("nsenter", "--net=" + namespace.externalPath()));
    return this;
  }

  Cli as(List<String> user) {
    wrapper.addAll(user);
    return this;
  }

  Cli jvm(String... options) {
    java.addAll(List.of(options));
    return this;
  }

  List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-Xcheck:jni", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    if (Runtime.version().feature() > 17) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(java);
    command.addAll(
        List.of("-cp", CLASS_PATH + "/classes:" + CLASS_PATH + "/*", "io.framejet.cli.Main"));
    command.addAll(List.of(arguments));
    return command;
  }

  Process start(String... arguments) throws IOException {
    Process process = new ProcessBuilder(command(arguments)).directory(new File("/")).start();
    process.getOutputStream().close();
    return process;
  }

  Result run(String... arguments) throws Exception {
    return finish(start(arguments));
  }

  static Result finish(Process process) throws Exception {
    CompletableFuture<String> out =
        CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running after " + PATIENCE + ": " + out.join() + err.join());
    }
    return new Result(process.exitValue(), out.join(), err.join());
  }

  /** Sends a signal by name, as {@code kill} does. */
  static void signal(Process process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
        .inheritIO()
        .start()
        .waitFor();
  }

  private static String read(InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path readableClassPath() {
    try {
      Path copy = Files.createTempDirectory("framejet-cli-test-");
      Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(copy)));
      for (String entry :
          List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))) {
        Path from = Path.of(entry);
        if (Files.isDirectory(from) && !entry.endsWith("test-classes")) {
          copyTree(from, copy.resolve("classes"));
        } else if (entry.endsWith(".jar")
            && !entry.contains("junit")
            && !entry.contains("assertj")) {
          copyFile(from, copy.resolve(from.getFileName()));
        }
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // Several class folders go into one; what services they name is added up.
  private static void copyTree(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.endsWith("module-info.class")) {
              copyFile(file, to.resolve(from.relativize(file).toString()));
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void copyFile(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private static void delete(Path tree) {
    try (var files = Files.walk(tree)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      // It is below /tmp.
    }
  }
}
