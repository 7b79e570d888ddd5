package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.inject.InjectorStatistics;
import io.framejet.inject.Rate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Takes as many as it is told to, then breaks if it is told to. */
final class MadeOutbox implements Outbox {
  final List<Long> waiting = new ArrayList<>();
  final List<Long> left = new ArrayList<>();
  int takes = Integer.MAX_VALUE;
  boolean losesEverySecond;
  int[] order = new int[0];
  int loses;
  boolean breaks;
  boolean runsOutOfMemory;
  boolean closed;

  /** What a send waits for. */
  @Nullable CountDownLatch gate;

  @Nullable Rate rate;

  @Override
  public boolean add(long mac, long high, long low, int port) {
    return waiting.size() < 8 && waiting.add(low);
  }

  @Override
  public void departures(int[] micros, int count) {
    for (int i = 0; i < count; i++) {
      micros[i] = 1000 + 10 * i;
    }
  }

  @Override
  public int size() {
    return waiting.size();
  }

  @Override
  public int capacity() {
    return 8;
  }

  @Override
  public int send() throws FramejetException {
    if (gate != null) {
      awaitGate(gate);
    }
    if (runsOutOfMemory) {
      throw new OutOfMemoryError("made up");
    }
    if (breaks) {
      waiting.subList(0, loses).clear();
      throw new FramejetException(ErrorCode.LINK_DOWN, "down");
    }
    order = new int[0];
    if (losesEverySecond) {
      return sendEverySecond();
    }
    final int count = Math.min(takes, waiting.size());
    left.addAll(waiting.subList(0, count));
    waiting.subList(0, count).clear();
    return count;
  }

  private static void awaitGate(CountDownLatch gate) {
    try {
      assertThat(gate.await(10, TimeUnit.SECONDS)).as("gate").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private int sendEverySecond() {
    final List<Long> before = new ArrayList<>(waiting);
    order = new int[before.size()];
    waiting.clear();
    int at = 0;
    for (int i = 0; i < order.length; i += 2) {
      order[at++] = i;
      left.add(before.get(i));
    }
    final int taken = at;
    for (int i = 1; i < order.length; i += 2) {
      order[at++] = i;
      waiting.add(before.get(i));
    }
    return taken;
  }

  @Override
  public void arrange(int[] numbers, int count) {
    final int[] before = Arrays.copyOf(numbers, order.length);
    for (int i = 0; i < order.length; i++) {
      numbers[i] = before[order[i]];
    }
  }

  @Override
  public boolean pace(Rate asked) {
    rate = asked;
    return asked.pps() >= 1000;
  }

  @Override
  public void clear() {
    waiting.clear();
  }

  @Override
  public void dropFirst() {}

  @Override
  public @Nullable FrameBatch frames() {
    return null;
  }

  @Override
  public long sendStartedNanos() {
    return 1_000_000;
  }

  @Override
  public long sendFinishedNanos() {
    return 1_000_000 + 10_000L * Math.max(1, left.size());
  }

  @Override
  public InjectorStatistics statistics() {
    return new InjectorStatistics(left.size(), 0, 1, 0, 0, 0, 0, 0);
  }

  @Override
  public Backend backend() {
    return Backend.XDP;
  }

  @Override
  public void close() {
    closed = true;
  }
}
