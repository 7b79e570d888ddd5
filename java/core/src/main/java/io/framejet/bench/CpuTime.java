package io.framejet.bench;

/**
 * CPU time in nanoseconds; what the kernel does not tell is {@link #UNKNOWN}.
 *
 * <p>User and system are those of the threads that inject. Softirq is that of the whole machine,
 * for a frame is often brought to its end by a core other than the one that injected it. Without
 * IRQ_TIME_ACCOUNTING in the kernel, softirq work done within a system call is part of that
 * thread's system time too.
 *
 * @param user of threads, outside of the kernel
 * @param system of threads, in the kernel
 * @param softirq of all cores
 */
public record CpuTime(long user, long system, long softirq) {
  /** The kernel does not tell. */
  public static final long UNKNOWN = -1;

  /** Times of several threads together; softirq, of all cores, is the same for all of them. */
  CpuTime plus(CpuTime other) {
    return new CpuTime(
        sum(user, other.user), sum(system, other.system), Math.max(softirq, other.softirq));
  }

  private static long sum(long one, long other) {
    return one == UNKNOWN || other == UNKNOWN ? UNKNOWN : one + other;
  }
}
