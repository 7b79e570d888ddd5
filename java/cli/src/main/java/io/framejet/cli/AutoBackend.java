package io.framejet.cli;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.inject.Backends;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import java.nio.file.Path;

/** Which backend {@code --backend auto} stands for, told to the user where it matters. */
final class AutoBackend {
  /** Below, no backend is the limit, and the plainest one keeps the link as it is. */
  private static final double FAST_PPS = 100_000;

  private static final long MANY_FRAMES = 100_000;

  private AutoBackend() {}

  /** Whether so many frames at such a rate are worth setting something up for. */
  static Backends.Job job(long frames, Rate rate) {
    return frames >= MANY_FRAMES && rate.pps() > FAST_PPS
        ? Backends.Job.STREAM
        : Backends.Job.FEW_FRAMES;
  }

  /**
   * About how many frames a capture file holds, loops times; no file has shorter ones than a header
   * and an Ethernet frame take.
   *
   * @param loops 0 for without end
   */
  static long frames(Path file, long loops) {
    final long bytes = file.toFile().length(); // 0 for a pipe, which may hold few
    return loops == 0 ? Long.MAX_VALUE : bytes / 76 * Math.min(loops, 1L << 20);
  }

  /**
   * The backend that was asked for, or the best for the job.
   *
   * @param longest bytes of the longest frame, 0 when that is not known
   */
  static Backend of(BackendOption asked, Link link, Backends.Job job, int longest, boolean quiet)
      throws FramejetException {
    final Backend named = asked.backend();
    if (named != null) {
      return named;
    }
    final io.framejet.inject.BackendChoice choice = Backends.choose(link, job, longest);
    if (!quiet && job == Backends.Job.STREAM) {
      System.err.println("By " + choice.reason());
    }
    return choice.backend();
  }
}
