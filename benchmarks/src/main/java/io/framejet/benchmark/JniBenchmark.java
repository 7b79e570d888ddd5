package io.framejet.benchmark;

import io.framejet.FramejetException;
import io.framejet.jni.InjectNative;
import io.framejet.jni.NativeLibrary;
import io.framejet.jni.NetnsNative;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What it costs to go from Java to C and back. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JniBenchmark {
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(64);

  /** Loads the library. */
  @Setup
  public void setUp() throws FramejetException {
    NativeLibrary.ensureLoaded();
  }

  /** There and back, with one look at an argument on the way and no system call. */
  @Benchmark
  public long crossing() {
    return InjectNative.address(buffer);
  }

  /** The same with the shortest system call: closing a descriptor that is none. */
  @Benchmark
  public int systemCall() {
    return NetnsNative.close(-1);
  }
}
