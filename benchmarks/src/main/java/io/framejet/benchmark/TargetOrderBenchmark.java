package io.framejet.benchmark;

import io.framejet.target.TargetOrder;
import io.framejet.target.TargetSet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Which target comes next, and which position a reply's address had. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TargetOrderBenchmark {
  private static final String HOLES = " with holes";

  /** A full power of two, and sets with holes. */
  @Param({"10.0.0.0/16", "10.0.0.0/16 with holes", "10.0.0.0/8 with holes"})
  public String targets;

  private TargetSet set;
  private TargetOrder order;
  private long position;

  /** Makes the order. */
  @Setup
  public void setUp() {
    final boolean whole = !targets.endsWith(HOLES);
    final String prefix = targets.replace(HOLES, "");
    final TargetSet.Builder builder = TargetSet.builder().add(prefix);
    if (!whole) {
      builder.exclude("10.0.0.0").exclude("10.0.77.0-10.0.77.255").exclude("10.0.255.255");
    }
    set = builder.build();
    order = new TargetOrder(set.size(), 42);
  }

  /** From a position to the address to probe. */
  @Benchmark
  public int next() {
    return set.addressAt(order.at(advance()));
  }

  /** From an address that answered to its position. */
  @Benchmark
  public long find() {
    return order.positionOf(set.indexOf(set.addressAt(advance())));
  }

  private long advance() {
    final long at = position;
    position = at + 1 == order.size() ? 0 : at + 1;
    return at;
  }
}
