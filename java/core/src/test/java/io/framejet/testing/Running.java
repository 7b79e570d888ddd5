package io.framejet.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A program that was started by a test. Closing it ends it. */
public final class Running implements AutoCloseable {
  private final String command;
  private final Process process;
  private final Output output;
  private final Output errors;

  Running(String command, Process process) {
    this.command = command;
    this.process = process;
    this.output = new Output(process.getInputStream());
    this.errors = new Output(process.getErrorStream());
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** Whether it has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Waits until it has written {@code part}; fails the test when it ends before, or takes too long.
   */
  public void awaitText(String part) {
    Wait.until(
        () -> output.text().contains(part) || errors.text().contains(part) || !process.isAlive(),
        () -> command + " to write '" + part + "', it wrote: " + text());
    if (!process.isAlive()) {
      output.join();
      errors.join();
    }
    if (!output.text().contains(part) && !errors.text().contains(part)) {
      throw new AssertionError(command + " ended without writing '" + part + "': " + text());
    }
  }

  /** Sends it a signal by name, such as {@code INT}. */
  public void signal(String name) {
    Command.of("kill", "-s", name, Long.toString(pid())).succeed();
  }

  /** Waits for its end; fails the test when it takes longer than {@code limit}. */
  public Command.Result await(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " did not end within " + limit + ": " + text());
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + command, e);
    }
    output.join();
    errors.join();
    return new Command.Result(process.exitValue(), output.text(), errors.text());
  }

  private String text() {
    return output.text() + errors.text();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    boolean interrupted = false;
    while (true) {
      try {
        process.waitFor();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Collects a stream as it comes. */
  private static final class Output {
    private final StringBuilder text = new StringBuilder(); // guarded by itself
    private final Thread reader;

    Output(InputStream stream) {
      reader = new Thread(() -> read(stream), "output of a program");
      reader.setDaemon(true);
      reader.start();
    }

    private void read(InputStream stream) {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
        char[] chunk = new char[4096];
        for (int count = lines.read(chunk); count >= 0; count = lines.read(chunk)) {
          synchronized (text) {
            text.append(chunk, 0, count);
          }
        }
      } catch (IOException e) {
        synchronized (text) {
          text.append(e);
        }
      }
    }

    String text() {
      synchronized (text) {
        return text.toString();
      }
    }

    void join() {
      try {
        reader.join(5000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
