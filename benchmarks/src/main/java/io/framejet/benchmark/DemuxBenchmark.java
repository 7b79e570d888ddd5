package io.framejet.benchmark;

import io.framejet.FramejetException;
import io.framejet.demux.ReplyDemultiplexer;
import io.framejet.frame.Frame;
import io.framejet.frame.MacAddress;
import io.framejet.probe.ArpProbe;
import io.framejet.receive.FilledBlocks;
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

/** Walking blocks of ARP replies, and telling what each of them says. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class DemuxBenchmark {
  /** Of 64 KiB each: what stays in a core's cache, and all that a receiver has. */
  @Param({"4", "256"})
  public int blocks;

  private FilledBlocks memory;
  private ReplyDemultiplexer demultiplexer;
  private long sum;

  /** Replies per second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counted {
    /** How many. */
    public long replies;

    /** Begins anew. */
    @Setup(Level.Iteration)
    public void reset() {
      replies = 0;
    }
  }

  /** Fills the blocks. */
  @Setup
  public void setUp() throws FramejetException {
    final MacAddress host = MacAddress.parse("02:00:00:00:00:02");
    memory =
        new FilledBlocks(
            blocks,
            number ->
                Frame.ethernet(host, Requests.SENDER_MAC)
                    .arpReply(
                        host, Requests.target(number), Requests.SENDER_MAC, Requests.SENDER_IP)
                    .build()
                    .toByteArray());
    demultiplexer =
        new ReplyDemultiplexer(
            new ArpProbe(Requests.SENDER_MAC, Requests.SENDER_IP),
            (reply, timestamp) -> sum += reply.address() + reply.mac() + timestamp);
    if (memory.walk(demultiplexer) != memory.frames()
        || demultiplexer.replies() != memory.frames()) {
      throw new IllegalStateException(
          "frames=" + memory.frames() + " replies=" + demultiplexer.replies());
    }
  }

  /** All blocks once. */
  @Benchmark
  public long walk(Counted counted) {
    counted.replies += memory.walk(demultiplexer);
    return sum;
  }
}
