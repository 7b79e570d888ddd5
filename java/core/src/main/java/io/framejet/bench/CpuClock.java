package io.framejet.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code /proc} said at one moment about the calling thread and the machine (proc(5)).
 *
 * @param user ticks of 10 ms of the thread outside of the kernel
 * @param system ticks of the thread in the kernel
 * @param exact nanoseconds of both together; 0 when the kernel does not keep them
 * @param softirq ticks of all cores
 */
record CpuClock(long user, long system, long exact, long softirq) {
  /** The kernel counts in USER_HZ, which is 100 on all that Framejet runs on. */
  private static final long NANOS_PER_TICK = 10_000_000;

  private static final Path THREAD = Path.of("/proc/thread-self/stat");
  private static final Path THREAD_NANOS = Path.of("/proc/thread-self/schedstat");
  private static final Path MACHINE = Path.of("/proc/stat");

  // Positions behind the name of the program, which is in brackets and may hold spaces.
  private static final int USER = 11;
  private static final int SYSTEM = 12;

  private static final int SOFTIRQ = 7;

  static CpuClock now() {
    return of(read(THREAD), read(THREAD_NANOS), read(MACHINE));
  }

  /** From the texts of the three files; empty ones are unknown. */
  static CpuClock of(String thread, String threadNanos, String machine) {
    final String[] own = thread.substring(thread.lastIndexOf(')') + 1).strip().split(" +", -1);
    final String[] exact = threadNanos.strip().split(" ", 2);
    final int end = machine.indexOf('\n');
    final String[] all = (end < 0 ? machine : machine.substring(0, end)).split(" +", -1);
    return new CpuClock(
        number(own, USER),
        number(own, SYSTEM),
        Math.max(0, number(exact, 0)),
        all[0].equals("cpu") ? number(all, SOFTIRQ) : CpuTime.UNKNOWN);
  }

  /**
   * What passed from {@code earlier} to this. User and system are told in ticks, their sum exactly:
   * the ticks share it out.
   */
  CpuTime since(CpuClock earlier) {
    final long passed = exact - earlier.exact;
    final long userTicks = user - earlier.user;
    final long ticks = userTicks + system - earlier.system;
    final long softirqs =
        softirq < 0 || earlier.softirq < 0
            ? CpuTime.UNKNOWN
            : Math.max(0, softirq - earlier.softirq) * NANOS_PER_TICK;
    if (user < 0 || earlier.user < 0 || (exact > 0 && ticks <= 0)) {
      return new CpuTime(CpuTime.UNKNOWN, CpuTime.UNKNOWN, softirqs);
    }
    if (exact == 0) {
      return new CpuTime(
          userTicks * NANOS_PER_TICK, (ticks - userTicks) * NANOS_PER_TICK, softirqs);
    }
    final long part = Math.round((double) passed * Math.max(0, userTicks) / ticks);
    return new CpuTime(part, Math.max(0, passed - part), softirqs);
  }

  private static long number(String[] fields, int index) {
    try {
      return index < fields.length ? Long.parseLong(fields[index]) : CpuTime.UNKNOWN;
    } catch (NumberFormatException e) {
      return CpuTime.UNKNOWN;
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
