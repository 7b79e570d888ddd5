package io.framejet.testing;

import io.framejet.FramejetException;
import io.framejet.link.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A program to run beside a test, in a network namespace where asked. Immutable. */
public final class Command {
  /** How long a program may take before it is ended and the test fails. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<String> words;
  private final Map<String, String> environment;

  private Command(List<String> words, Map<String, String> environment) {
    this.words = List.copyOf(words);
    this.environment = Map.copyOf(environment);
  }

  /** A program and its arguments. */
  public static Command of(String... words) {
    return new Command(List.of(words), Map.of());
  }

  /** A program and its arguments. */
  public static Command of(List<String> words) {
    return new Command(words, Map.of());
  }

  /** With more arguments. */
  public Command with(String... more) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(more));
    return new Command(all, environment);
  }

  /**
   * Run by another program, such as {@code setpriv}, that takes a command as its last arguments.
   */
  public Command by(String... runner) {
    List<String> all = new ArrayList<>(List.of(runner));
    all.addAll(words);
    return new Command(all, environment);
  }

  /** Run inside of a namespace. nsenter replaces itself by the program, so the process id stays. */
  public Command in(NetworkNamespace namespace) throws FramejetException {
    return by("nsenter", "--net=" + namespace.externalPath(), "--");
  }

  /** With an environment variable. */
  public Command environment(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(environment);
    all.put(name, value);
    return new Command(words, all);
  }

  /** Starts it. */
  public Running start() {
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().putAll(environment);
    builder.redirectInput(Path.of("/dev/null").toFile());
    try {
      return new Running(toString(), builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(toString(), e);
    }
  }

  /** Runs it to its end, whatever that is. */
  public Result run() {
    try (Running running = start()) {
      return running.await(PATIENCE);
    }
  }

  /** Runs it to its end; fails the test unless its exit code is 0. Gives its standard output. */
  public String succeed() {
    Result result = run();
    if (result.exitCode() != 0) {
      throw new AssertionError(this + " failed: " + result);
    }
    return result.output();
  }

  @Override
  public String toString() {
    return String.join(" ", words);
  }

  /**
   * How a program ended.
   *
   * @param exitCode its exit code; 128 and the signal's number when it was ended by one
   * @param output what it wrote to standard output
   * @param errors what it wrote to standard error
   */
  public record Result(int exitCode, String output, String errors) {}
}
