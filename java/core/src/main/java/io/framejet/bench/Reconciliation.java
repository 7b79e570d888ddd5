package io.framejet.bench;

import java.util.ArrayList;
import java.util.List;

/** Puts into words where those who counted the frames of a trial disagree. */
final class Reconciliation {
  private Reconciliation() {}

  static List<String> of(Trial trial) {
    final List<String> found = new ArrayList<>();
    injected(trial, found);
    if (trial.arrived() != Trial.UNKNOWN) {
      received(trial, found);
    } else if (trial.peerFrames() != Trial.UNKNOWN) {
      delivered(trial, found);
    }
    return List.copyOf(found);
  }

  private static void injected(Trial trial, List<String> found) {
    final long missing = trial.accepted() - trial.linkFrames();
    if (missing > 0) {
      final String where =
          trial.linkDropped() > 0
              ? "; it counts " + trial.linkDropped() + " as dropped on their way out"
              : "";
      found.add(
          "the kernel took "
              + trial.accepted()
              + " frames, the link counted "
              + missing
              + " fewer"
              + where);
    } else if (missing < 0) {
      found.add("the link counted " + -missing + " frames more than were injected here");
    }
  }

  private static void received(Trial trial, List<String> found) {
    final long elsewhere = trial.peerFrames() - trial.arrived();
    if (elsewhere < 0) {
      found.add("the receiver saw " + -elsewhere + " frames more than the receiving link counted");
    } else if (elsewhere > 0) {
      found.add(
          "the receiving link counted " + elsewhere + " frames that the receiver did not see");
    }
    if (trial.overflowed() > 0) {
      found.add(
          "the receiver had no room for "
              + trial.overflowed()
              + " frames that did arrive: latency and gaps are those of the others");
    }
    if (trial.reordered() > 0) {
      found.add(trial.reordered() + " frames arrived after a later one");
    }
  }

  private static void delivered(Trial trial, List<String> found) {
    final long missing = trial.accepted() - trial.peerFrames();
    if (missing > 0) {
      found.add("the receiving link counted " + missing + " frames fewer than were injected");
    } else if (missing < 0) {
      found.add("the receiving link counted " + -missing + " frames more than were injected here");
    }
  }
}
