package io.framejet.testing;

import java.util.Locale;

/** Signals to single threads of this JVM. */
public final class Signals {
  /**
   * The JVM's own, for suspending threads (os::SuspendedThreadTask). It has a handler that does
   * nothing when nobody asked for that, so the only effect is that a system call in progress is
   * interrupted.
   */
  private static final int SIGUSR2 = 12;

  private Signals() {}

  /** A program that signals a thread of this process {@code count} times, {@code micros} apart. */
  public static Running rain(long thread, int count, int micros) {
    String script =
        "for (1.."
            + count
            + ") { syscall("
            + tgkill()
            + ", "
            + ProcessHandle.current().pid()
            + ", "
            + thread
            + ", "
            + SIGUSR2
            + ") == 0 or die $!; select(undef, undef, undef, "
            + micros
            + " / 1e6); } print \"done\\n\";";
    return Command.of("perl", "-e", script).start();
  }

  /** The number of tgkill(2): kill(2) signals a process, and the kernel picks the thread. */
  private static int tgkill() {
    return switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> 234;
      case "aarch64" -> 131;
      default ->
          throw new AssertionError("no number of tgkill(2) for " + System.getProperty("os.arch"));
    };
  }
}
