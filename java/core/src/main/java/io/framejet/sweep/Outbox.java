package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.InjectorStatistics;
import io.framejet.inject.Pacer;
import io.framejet.inject.Rate;
import io.framejet.inject.TemplateInjector;
import io.framejet.link.Link;
import io.framejet.probe.Probe;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The probes of a pass that are to leave next: frames that Java writes, or questions of which the
 * XDP program makes them.
 */
interface Outbox extends AutoCloseable {
  /** Adds the probe of a target; false when there is no room. See {@link TemplateInjector#add}. */
  boolean add(long mac, long high, long low, int port);

  /** Probes in it. */
  int size();

  /** Most probes in it. */
  int capacity();

  /** Sends them: how many left, the first ones. The others stay. */
  int send() throws FramejetException;

  /** As {@link Injector#pace}. */
  boolean pace(Rate rate) throws FramejetException;

  /** Begins to keep a rate: by what this answers, and in the kernel where that can. */
  default Pacer pacer(Rate rate) throws FramejetException {
    return pace(rate) ? Pacer.kept(rate) : Pacer.at(rate);
  }

  /**
   * After a send: puts numbers that belong to the probes, in the order in which these were added,
   * into that in which they are now: those that left, those that may have, those that are left.
   */
  void arrange(int[] numbers, int count);

  /** When each of the probes that the latest send took has left: CLOCK_REALTIME in us. */
  void departures(int[] micros, int count);

  /** How many of the frames each core has sent. */
  default List<Long> framesPerCore() {
    return List.of(statistics().frames());
  }

  /** Drops them. */
  void clear();

  /** Drops the first one. */
  void dropFirst();

  /** The frames, for whoever keeps a copy; null when Java has none. */
  @Nullable FrameBatch frames();

  /** As {@link Injector#sendStartedNanos()}. */
  long sendStartedNanos();

  /** As {@link Injector#sendFinishedNanos()}. */
  long sendFinishedNanos();

  /** What was done so far. */
  InjectorStatistics statistics();

  /** The kernel path in use. */
  Backend backend();

  @Override
  void close();

  /** The same by several cores. */
  static Outbox open(
      Link link, Probe probe, InjectorOptions options, @Nullable Engine engine, int cores)
      throws FramejetException {
    if (cores == 1) {
      return open(link, probe, options, engine);
    }
    final List<Outbox> outboxes = new ArrayList<>();
    try {
      for (int i = 0; i < cores; i++) {
        outboxes.add(open(link, probe, options, engine));
      }
      return new Crew(outboxes);
    } catch (FramejetException | RuntimeException | Error e) {
      outboxes.forEach(Outbox::close);
      throw e;
    }
  }

  /** Opens {@code link} for the probes of {@code probe}, as the engine, if any, makes them. */
  static Outbox open(Link link, Probe probe, InjectorOptions options, @Nullable Engine engine)
      throws FramejetException {
    final FrameTemplate template = engine == null ? null : engine.template();
    return template == null
        ? new OfFrames(Injector.open(link, options), probe)
        : new OfQuestions(TemplateInjector.open(link, options, template));
  }

  /** Frames that Java writes. */
  final class OfFrames implements Outbox {
    private final Injector injector;
    private final Probe probe;
    private final FrameTemplate template;
    private final FrameBatch batch;

    OfFrames(Injector injector, Probe probe) {
      this.injector = injector;
      this.probe = probe;
      this.template = probe.template();
      this.batch = injector.newBatch();
    }

    @Override
    public boolean add(long mac, long high, long low, int port) {
      if (port == 0 && mac == NextHops.NONE && high == 0) {
        return template.addTo(batch, low); // ARP, or a packet that needs no MAC
      }
      return (port == 0 ? template : probe.template(port)).addTo(batch, mac, high, low, port);
    }

    @Override
    public int size() {
      return batch.size();
    }

    @Override
    public int capacity() {
      return batch.capacity();
    }

    @Override
    public int send() throws FramejetException {
      return injector.send(batch);
    }

    @Override
    public void departures(int[] micros, int count) {
      injector.departures(micros, count);
    }

    @Override
    public boolean pace(Rate rate) throws FramejetException {
      return injector.pace(rate);
    }

    @Override
    public void arrange(int[] numbers, int count) {
      batch.arrange(numbers);
    }

    @Override
    public void clear() {
      injector.newBatch();
    }

    @Override
    public void dropFirst() {
      batch.taken(1);
    }

    @Override
    public FrameBatch frames() {
      return batch;
    }

    @Override
    public long sendStartedNanos() {
      return injector.sendStartedNanos();
    }

    @Override
    public long sendFinishedNanos() {
      return injector.sendFinishedNanos();
    }

    @Override
    public InjectorStatistics statistics() {
      return injector.statistics();
    }

    @Override
    public Backend backend() {
      return injector.backend();
    }

    @Override
    public void close() {
      injector.close();
    }
  }

  /** Questions of which the program makes frames. */
  final class OfQuestions implements Outbox {
    private final TemplateInjector injector;

    OfQuestions(TemplateInjector injector) {
      this.injector = injector;
    }

    @Override
    public boolean add(long mac, long high, long low, int port) {
      return injector.add(mac, high, low, port);
    }

    @Override
    public int size() {
      return injector.size();
    }

    @Override
    public int capacity() {
      return injector.capacity();
    }

    @Override
    public int send() throws FramejetException {
      return injector.send();
    }

    @Override
    public void departures(int[] micros, int count) {
      injector.departures(micros, count);
    }

    @Override
    public boolean pace(Rate rate) throws FramejetException {
      return injector.pace(rate);
    }

    @Override
    public void arrange(int[] numbers, int count) {
      injector.arrange(numbers);
    }

    @Override
    public void clear() {
      injector.clear();
    }

    @Override
    public void dropFirst() {
      throw new IllegalStateException("the program routes nothing");
    }

    @Override
    public @Nullable FrameBatch frames() {
      return null;
    }

    @Override
    public long sendStartedNanos() {
      return injector.sendStartedNanos();
    }

    @Override
    public long sendFinishedNanos() {
      return injector.sendFinishedNanos();
    }

    @Override
    public InjectorStatistics statistics() {
      return injector.statistics();
    }

    @Override
    public Backend backend() {
      return injector.backend();
    }

    @Override
    public void close() {
      injector.close();
    }
  }
}
