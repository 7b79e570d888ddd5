package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.FrameBatch;
import io.framejet.inject.Cores;
import io.framejet.inject.InjectorStatistics;
import io.framejet.inject.Rate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Several outboxes, each with a thread of its own that is kept on a CPU of its own. Probes are
 * dealt out in turns; a send has all threads send what is theirs, and ends when all have.
 *
 * <p>So the order in which probes leave is not that in which they were added: {@link #arrange} says
 * which they were.
 */
final class Crew implements Outbox {
  private final List<Member> members = new ArrayList<>();
  private final Semaphore done = new Semaphore(0);
  private @Nullable Throwable fault;
  private int turn;

  /** Probes that may have left when a fault came, until that is told: they are gone. */
  private int gone;

  /** Of these, those that were told of by the latest send. */
  private int told;

  private int taken;
  private final int[] scratch;

  Crew(List<Outbox> outboxes) {
    for (Outbox each : outboxes) {
      members.add(new Member(each, members.size()));
    }
    this.scratch = new int[capacity()];
    for (Member member : members) {
      member.thread.start();
    }
  }

  /** One thread and its outbox, which is the sweep's while nobody sends. */
  private final class Member implements Runnable {
    private final Outbox outbox;
    private final Thread thread;
    private final int core;
    private final Semaphore go = new Semaphore(0);
    private volatile boolean closing;
    private @Nullable Throwable fault;
    private int taken;
    private int gone;

    /** Where each probe of the outbox stands among those of all. */
    private final int[] places;

    Member(Outbox outbox, int core) {
      this.outbox = outbox;
      this.core = core;
      this.places = new int[outbox.capacity()];
      this.thread = new Thread(this, "sweep-" + (core + 1));
      thread.setDaemon(true);
    }

    @Override
    public void run() {
      try {
        final int unused = Cores.pin(core);
      } catch (FramejetException e) {
        // It sends as well from anywhere.
      }
      while (true) {
        go.acquireUninterruptibly();
        if (closing) {
          return;
        }
        send();
        done.release();
      }
    }

    private void send() {
      final int before = outbox.size();
      taken = 0;
      fault = null;
      try {
        taken = outbox.send();
      } catch (FramejetException | RuntimeException | Error e) {
        fault = e; // whatever it is: the sweep waits for the end of this
      }
      gone = before - outbox.size() - taken;
      outbox.arrange(places, before);
    }

    private void end() {
      closing = true;
      go.release();
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true; // it ends by itself, within one send
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      outbox.close();
    }
  }

  @Override
  public boolean add(long mac, long high, long low, int port) {
    for (int i = 0; i < members.size(); i++) {
      final Member member = members.get(turn);
      turn = turn + 1 == members.size() ? 0 : turn + 1;
      final int place = size();
      if (member.outbox.add(mac, high, low, port)) {
        member.places[member.outbox.size() - 1] = place;
        return true;
      }
    }
    return false;
  }

  @Override
  public int size() {
    int sum = gone;
    for (Member member : members) {
      sum += member.outbox.size();
    }
    return sum;
  }

  @Override
  public int capacity() {
    int sum = 0;
    for (Member member : members) {
      sum += member.outbox.capacity();
    }
    return sum;
  }

  @Override
  public int send() throws FramejetException {
    told = 0;
    taken = 0;
    for (Member member : members) {
      member.taken = 0;
      member.gone = 0;
    }
    if (fault != null) {
      throw throwFault(fault);
    }
    int sending = 0;
    for (Member member : members) {
      if (member.outbox.size() > 0) {
        sending++;
        member.go.release();
      }
    }
    // An interrupt is heeded by the sweep, after the send.
    done.acquireUninterruptibly(sending);
    for (Member member : members) {
      taken += member.taken;
      gone += member.gone;
      if (member.fault != null) {
        fault = member.fault;
        member.fault = null;
      }
    }
    if (taken == 0 && fault != null) {
      throw throwFault(fault);
    }
    return taken;
  }

  /** A fault after some frames were taken shows at the next send. */
  private FramejetException throwFault(Throwable thrown) throws FramejetException {
    fault = null;
    told = gone;
    gone = 0;
    throw Thrown.again(thrown);
  }

  @Override
  public void arrange(int[] numbers, int count) {
    final int[] before = scratch;
    System.arraycopy(numbers, 0, before, 0, count);
    int at = 0;
    for (Member member : members) {
      for (int i = 0; i < member.taken; i++) {
        numbers[at++] = before[member.places[i]];
      }
    }
    for (Member member : members) {
      for (int i = member.taken; i < member.taken + member.gone; i++) {
        numbers[at++] = before[member.places[i]];
      }
    }
    at = Math.max(at, told); // those that are told of by now stand in front already
    for (Member member : members) {
      final int left = member.taken + member.gone;
      for (int i = 0; i < member.outbox.size(); i++) {
        numbers[at] = before[member.places[left + i]];
        member.places[i] = at++ - taken - told;
      }
    }
  }

  @Override
  public void departures(int[] micros, int count) {
    int at = 0;
    for (Member member : members) {
      member.outbox.departures(scratch, member.taken);
      System.arraycopy(scratch, 0, micros, at, member.taken);
      at += member.taken;
    }
  }

  /** Each keeps its part. */
  @Override
  public boolean pace(Rate rate) throws FramejetException {
    boolean all = true;
    for (Member member : members) {
      all &= member.outbox.pace(rate.times(1.0 / members.size()));
    }
    if (!all) {
      for (Member member : members) {
        final boolean unused = member.outbox.pace(Rate.MAX);
      }
    }
    return all;
  }

  @Override
  public void clear() {
    gone = 0;
    for (Member member : members) {
      member.outbox.clear();
    }
  }

  @Override
  public void dropFirst() {
    throw new IllegalStateException("which is the first?");
  }

  @Override
  public @Nullable FrameBatch frames() {
    return null;
  }

  @Override
  public long sendStartedNanos() {
    long first = Long.MAX_VALUE;
    for (Member member : members) {
      if (member.taken > 0) {
        first = Math.min(first, member.outbox.sendStartedNanos());
      }
    }
    return first;
  }

  @Override
  public long sendFinishedNanos() {
    long last = Long.MIN_VALUE;
    for (Member member : members) {
      if (member.taken > 0) {
        last = Math.max(last, member.outbox.sendFinishedNanos());
      }
    }
    return last;
  }

  @Override
  public InjectorStatistics statistics() {
    InjectorStatistics sum = new InjectorStatistics(0, 0, 0, 0, 0, 0, 0, 0);
    for (Member member : members) {
      sum = sum.plus(member.outbox.statistics());
    }
    return sum;
  }

  @Override
  public List<Long> framesPerCore() {
    final List<Long> frames = new ArrayList<>();
    for (Member member : members) {
      frames.add(member.outbox.statistics().frames());
    }
    return frames;
  }

  @Override
  public Backend backend() {
    return members.get(0).outbox.backend();
  }

  @Override
  public void close() {
    for (Member member : members) {
      member.end();
    }
  }
}
