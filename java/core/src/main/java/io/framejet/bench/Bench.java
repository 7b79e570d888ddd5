package io.framejet.bench;

import io.framejet.FramejetException;
import io.framejet.inject.Rate;
import io.framejet.link.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures what a link takes.
 *
 * <pre>{@code
 * Bench bench = Bench.on(Link.find("eth0")).duration(Duration.ofSeconds(1)).repetitions(3).build();
 * Measurement smallest = bench.measure(Load.of(Backend.RING));
 * System.out.println(smallest.pps().median() / 1e6 + " Mpps");
 * }</pre>
 *
 * <p>Frames that left are those that both the injector and the link's own counters have counted.
 * Its frames carry an EtherType that no host takes up, and go to the receiving link, or else to the
 * link's own MAC address; still they load whatever the link leads to: use it on networks that you
 * run.
 *
 * <p>One thread measures; {@link #cancel} may be called by any.
 */
public final class Bench {
  private final Link link;
  private final @Nullable Link to;
  private final long warmUpNanos;
  private final long nanos;
  private final int repetitions;
  private final Consumer<Trial> onTrial;
  private volatile boolean cancelled;

  private Bench(Builder builder) {
    link = builder.link;
    to = builder.to;
    warmUpNanos = builder.warmUp.toNanos();
    nanos = builder.duration.toNanos();
    repetitions = builder.repetitions;
    onTrial = builder.onTrial;
  }

  /** Begins to say how {@code link} is to be measured. */
  public static Builder on(Link link) {
    return new Builder(link);
  }

  /**
   * Injects a load, again and again, and lets the kernel count. Nobody receives: where there is a
   * receiving link, its counters tell what came.
   *
   * @throws FramejetException when the load's backend cannot be opened on the link, FRAME_TOO_LARGE
   *     when it does not take frames of that size, and as {@code Injector.send} does
   */
  public Measurement measure(Load load) throws FramejetException {
    return measure(load, null);
  }

  /**
   * Injects a load, again and again, and receives it at the receiving link, which takes CPU time
   * from the machine that both are on.
   *
   * @param listener gets what is measured of each frame, on another thread; null to have nobody
   *     receive
   * @throws IllegalArgumentException if there is a listener and no receiving link
   * @throws FramejetException as {@link #measure(Load)} does
   */
  public Measurement measure(Load load, @Nullable ArrivalListener listener)
      throws FramejetException {
    if (listener != null && to == null) {
      throw new IllegalArgumentException("frames arrive at a receiving link: name it with to()");
    }
    final List<Trial> trials = new ArrayList<>();
    try (Rig rig = Rig.open(load, link, to, this::cancelled)) {
      final long warmUp = warmUp(rig, load.rate(), listener != null);
      while (trials.size() < repetitions && !cancelled) {
        final Trial trial = rig.run(load.rate(), nanos, listener);
        trials.add(trial);
        onTrial.accept(trial);
      }
      return new Measurement(load, trials, warmUp);
    }
  }

  /**
   * Searches for the highest rate at which every frame arrives, up to the load's rate; each rate is
   * tried once, for {@link Builder#duration}.
   *
   * @throws IllegalArgumentException if there is no receiving link
   * @throws FramejetException as {@link #measure(Load)} does
   */
  public Throughput search(Load load) throws FramejetException {
    if (to == null) {
      throw new IllegalArgumentException("a loss shows at a receiving link: name it with to()");
    }
    try (Rig rig = Rig.open(load, link, to, this::cancelled)) {
      final long unused = warmUp(rig, load.rate(), true);
      return new ThroughputSearch(
              load, rate -> tell(rig.run(rate, nanos, listener())), this::cancelled)
          .run();
    }
  }

  private static ArrivalListener listener() {
    return ArrivalListener.NOTHING;
  }

  private Trial tell(Trial trial) {
    onTrial.accept(trial);
    return trial;
  }

  private long warmUp(Rig rig, Rate rate, boolean receive) throws FramejetException {
    if (warmUpNanos == 0 || cancelled) {
      return 0;
    }
    return rig.run(rate, warmUpNanos, receive ? listener() : null).accepted();
  }

  /** Ends what is running, with the figures so far, and everything after it at once. */
  public void cancel() {
    cancelled = true;
  }

  /** Whether it was cancelled. */
  public boolean cancelled() {
    return cancelled;
  }

  /** The link that is measured. */
  public Link link() {
    return link;
  }

  /** Where its frames arrive; null when nobody looks. */
  public @Nullable Link to() {
    return to;
  }

  /** How a link is measured. */
  public static final class Builder {
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int MOST = 10_000;

    private final Link link;
    private @Nullable Link to;
    private Duration warmUp = Duration.ofMillis(500);
    private Duration duration = Duration.ofSeconds(1);
    private int repetitions = 3;
    private Consumer<Trial> onTrial = trial -> {};

    private Builder(Link link) {
      this.link = link;
    }

    /** The link where frames arrive, in any network namespace of this machine; null for none. */
    public Builder to(@Nullable Link receiving) {
      to = receiving;
      return this;
    }

    /** How long to inject before anything is measured; 0.5 s unless set. */
    public Builder warmUp(Duration time) {
      if (time.isNegative() || time.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("warmUp=" + time + ": 0 to 1 day");
      }
      warmUp = time;
      return this;
    }

    /** How long each repetition, or each rate of a search, takes; 1 s unless set. */
    public Builder duration(Duration time) {
      if (time.isNegative() || time.isZero() || time.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("duration=" + time + ": more than 0, at most 1 day");
      }
      duration = time;
      return this;
    }

    /** How often a load is measured; 3 unless set. */
    public Builder repetitions(int times) {
      if (times < 1 || times > MOST) {
        throw new IllegalArgumentException("repetitions=" + times + ": 1 to 10,000");
      }
      repetitions = times;
      return this;
    }

    /** Gets each trial when it has ended, on the measuring thread. */
    public Builder onTrial(Consumer<Trial> listener) {
      onTrial = listener;
      return this;
    }

    /** The bench. */
    public Bench build() {
      return new Bench(this);
    }
  }
}
