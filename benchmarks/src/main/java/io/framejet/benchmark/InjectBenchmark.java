package io.framejet.benchmark;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Writing a batch of ARP requests and sending it, on links of a lab. The unit is frames per second,
 * as the kernel took them; at the end they are compared with the link's own counters.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class InjectBenchmark {
  /** The kernel path; the ring skips the queueing discipline. */
  @Param({"socket", "ring", "pcap"})
  public String backend;

  /** A veth pair whose far side drops, or a sink. */
  @Param({"veth", "ifb"})
  public String link;

  /** Frames per call. */
  @Param({"1", "16", "64", "256"})
  public int batch;

  private final FrameTemplate template = Requests.template();
  private BenchmarkLab lab;
  private Injector injector;
  private FrameBatch frames;
  private long written;

  /** Frames per second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counted {
    /** How many the kernel took. */
    public long frames;

    /** Begins anew. */
    @Setup(Level.Iteration)
    public void reset() {
      frames = 0;
    }
  }

  /** Makes the lab. */
  @Setup
  public void setUp() throws IOException {
    lab = BenchmarkLab.open(link);
    injector = Injector.open(lab.link(), options(backend).withBatch(batch));
    frames = injector.newBatch();
  }

  static InjectorOptions options(String backend) {
    final Backend path = Backend.valueOf(backend.toUpperCase(Locale.ROOT));
    return InjectorOptions.defaults().withBackend(path).withQdiscBypass(path == Backend.RING);
  }

  /** Fills and sends one batch. */
  @Benchmark
  public int send(Counted counted) throws FramejetException {
    long number = written;
    while (template.addTo(frames, Requests.target(number))) {
      number++;
    }
    written = number;
    final int taken = injector.send(frames);
    counted.frames += taken;
    return taken;
  }

  /** Compares the counts, and takes the lab down. */
  @TearDown
  public void tearDown() throws FramejetException {
    try {
      final long sent = injector.statistics().frames();
      final long counted = lab.counted();
      if (sent != counted) {
        System.out.printf("%nCOUNTS DIFFER: sent=%d counted=%d by %s%n", sent, counted, lab.link());
      }
    } finally {
      injector.close();
      lab.close();
    }
  }
}
