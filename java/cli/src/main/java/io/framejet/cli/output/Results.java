package io.framejet.cli.output;

import io.framejet.sweep.HostResult;
import io.framejet.sweep.HostState;
import io.framejet.sweep.SweepPlan;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The result rows of a sweep, written while it runs by a thread of their own: the sweeping thread
 * must never wait for a disk, a pipe or a terminal, or it would miss replies. Handing a row over
 * costs it one small object and no system call.
 */
public final class Results implements AutoCloseable {
  // How long a row may wait for the next look at the queue. To be woken for each would cost the
  // sweeping thread more
  // than all the rest of its work for that row.
  private static final long LOOK_NANOS = 100_000_000;

  private static final int IPV4_WIDTH = 15;
  private static final int IPV6_WIDTH = 25; // of a link-local address; longer ones are whole too

  private final Queue<Finding> queue = new ConcurrentLinkedQueue<>();
  private final @Nullable Path file;
  private final Writer out;
  private final HostWriter rows;
  private final Progress progress;
  private final Runnable onFailure;
  private final Thread thread;

  private volatile boolean closing;
  private volatile @Nullable IOException failure;

  /** What the sweep hands over; the row is made of it by the thread that writes it. */
  private record Finding(HostResult host, boolean conflict) {
    HostRow row() {
      return conflict ? HostRow.conflicting(host) : HostRow.of(host);
    }
  }

  private Results(
      @Nullable Path file,
      OutputStream stream,
      Format format,
      SweepPlan plan,
      Progress progress,
      Runnable onFailure)
      throws IOException {
    this.file = file;
    this.out = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), 1 << 16);
    this.rows = HostWriter.of(format, Columns.of(plan.probe()), addressWidth(plan), out);
    this.progress = progress;
    this.onFailure = onFailure;
    this.thread = new Thread(this::run, "results");
    thread.setDaemon(true);
  }

  private static int addressWidth(SweepPlan plan) {
    return plan.sourceIpv6() == null ? IPV4_WIDTH : IPV6_WIDTH;
  }

  /**
   * Begins to write rows.
   *
   * @param plan the sweep's, which says what columns there are
   * @param file where to, or null for standard output
   * @param progress what shares the terminal with the rows
   * @param onFailure called once, by the writing thread, when rows can no longer be written
   */
  public static Results open(
      @Nullable Path file, Format format, SweepPlan plan, Progress progress, Runnable onFailure)
      throws IOException {
    // Not System.out: a PrintStream swallows the error that tells of a reader that has left.
    OutputStream stream =
        file == null ? new FileOutputStream(FileDescriptor.out) : Files.newOutputStream(file);
    Results results = new Results(file, stream, format, plan, progress, onFailure);
    results.thread.start();
    return results;
  }

  /** Hands over a host that answered. */
  public void host(HostResult host) {
    queue.add(new Finding(host, false));
  }

  /** Hands over a further claim of an address. */
  public void conflict(HostResult host) {
    queue.add(new Finding(host, true));
  }

  /** Hands over a target that is not up. */
  public void absent(HostResult host) {
    if (host.state() != HostState.UP) {
      queue.add(new Finding(host, false));
    }
  }

  /**
   * Writes what is left.
   *
   * @throws BrokenPipeException if the reader of standard output has left
   * @throws IOException if anything could not be written
   */
  @Override
  public void close() throws IOException {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while writing results", e);
    }
    IOException fault = failure;
    if (fault != null) {
      throw Unwritable.of(file, fault);
    }
  }

  private void run() {
    try (out) {
      rows.begin();
      flush();
      boolean last;
      do {
        last = closing;
        if (drain()) {
          flush();
        } else if (!last) {
          LockSupport.parkNanos(this, LOOK_NANOS);
        }
      } while (!last);
    } catch (IOException e) {
      failure = e;
      onFailure.run();
    } catch (RuntimeException | Error e) {
      failure = new IOException(e.toString(), e);
      onFailure.run();
    }
  }

  private boolean drain() throws IOException {
    boolean any = false;
    for (Finding found = queue.poll(); found != null; found = queue.poll()) {
      rows.row(found.row());
      any = true;
    }
    return any;
  }

  private void flush() throws IOException {
    rows.flush();
    progress.aside(out::flush);
  }
}
