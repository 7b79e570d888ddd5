package io.framejet.benchmark;

import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.inject.Injector;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a send costs before the first frame: the guarded crossing, and what the backend asks of the
 * kernel.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EmptySendBenchmark {
  /** The kernel path. */
  @Param({"socket", "ring", "pcap"})
  public String backend;

  private BenchmarkLab lab;
  private Injector injector;
  private FrameBatch empty;

  /** Makes the lab. */
  @Setup
  public void setUp() throws IOException {
    lab = BenchmarkLab.open("ifb");
    injector = Injector.open(lab.link(), InjectBenchmark.options(backend));
    empty = injector.newBatch();
  }

  /** A batch of none. */
  @Benchmark
  public int send() throws FramejetException {
    return injector.send(empty);
  }

  /** Takes the lab down. */
  @TearDown
  public void tearDown() {
    injector.close();
    lab.close();
  }
}
