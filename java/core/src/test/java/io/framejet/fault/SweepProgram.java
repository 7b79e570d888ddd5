package io.framejet.fault;

import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import io.framejet.sweep.Sweep;
import io.framejet.sweep.SweepReport;

/**
 * Sweeps, in a JVM of its own: {@code LINK TARGETS RATE}. Prints one line; exit code 3 for an
 * exception of ours.
 */
public final class SweepProgram {
  private SweepProgram() {}

  /** Runs it. */
  public static void main(String[] arguments) {
    try {
      Link link = Link.find(arguments[0]);
      SweepReport report =
          Sweep.arp(link).targets(arguments[1]).rate(Rate.parse(arguments[2])).build().run();
      System.out.println(
          "up=" + report.counts().hostsUp() + " backend=" + report.backend().label());
    } catch (FramejetException e) {
      System.out.println("code=" + e.code() + " errno=" + e.errno() + " message=" + e.getMessage());
      System.exit(3);
    }
  }
}
