package io.framejet.benchmark;

import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import io.framejet.link.Lab;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepReport;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A whole /16 that Linux answers, from building the sweep to its report, the listening on at its
 * end included.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class SweepBenchmark {
  private static final String NETWORK = "10.77.0.0/16";

  private Lab lab;

  /** What was found. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Found {
    /** Hosts that are up. */
    public long hostsUp;

    /** Hosts that may have been missed. */
    public long possiblyLost;

    /** Begins anew. */
    @Setup(Level.Iteration)
    public void reset() {
      hostsUp = 0;
      possiblyLost = 0;
    }
  }

  /** Makes the lab. */
  @Setup
  public void setUp() throws FramejetException {
    lab = Lab.builder().answering(NETWORK).open();
  }

  /** One sweep. */
  @Benchmark
  public SweepReport sweep(Found found) throws FramejetException {
    final SweepReport report = Sweep.arp(lab.near()).targets(NETWORK).rate(Rate.MAX).build().run();
    found.hostsUp += report.counts().hostsUp();
    found.possiblyLost += report.counts().possiblyLost();
    return report;
  }

  /** Takes the lab down. */
  @TearDown
  public void tearDown() {
    lab.close();
  }
}
