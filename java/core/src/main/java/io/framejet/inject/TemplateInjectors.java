package io.framejet.inject;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import io.framejet.engine.EngineOptions;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.link.Link;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The two ways of a {@link TemplateInjector}: Java writes frames, or questions for the kernel. */
abstract class TemplateInjectors implements TemplateInjector {
  private final Injector injector;
  private final FrameTemplate template;
  private final String obstacle;

  /** The injector's only one: it is never replaced. */
  final FrameBatch batch;

  private TemplateInjectors(Injector injector, FrameTemplate template, String obstacle) {
    this.injector = injector;
    this.template = template;
    this.obstacle = obstacle;
    this.batch = injector.newBatch();
  }

  static TemplateInjector open(Link link, InjectorOptions options, FrameTemplate template)
      throws FramejetException {
    if (options.backend() != Backend.XDP) {
      return new InJava(Injector.open(link, options), template, "");
    }
    final Engine given = options.engine();
    if (given != null) {
      return given.template() == template
          ? new InKernel(NativeInjector.openForTargets(link, options, template), template)
          : new InJava(
              Injector.open(link, options),
              template,
              "the engine was not opened for this template");
    }
    final String obstacle = Engine.obstacle(template);
    if (!obstacle.isEmpty()) {
      return new InJava(Injector.open(link, options), template, obstacle);
    }
    final EngineOptions own =
        EngineOptions.defaults().withSlots(1).withTargets(options.batch()).withTemplate(template);
    // Closed at once: the injector keeps it.
    try (Engine engine = Engine.open(link, own)) {
      return new InKernel(
          NativeInjector.openForTargets(link, options.withEngine(engine), template), template);
    }
  }

  @Override
  public int send() throws FramejetException {
    return injector.send(batch);
  }

  @Override
  public final int send(int count) throws FramejetException {
    if (count < 0) {
      throw new IllegalArgumentException("count=" + count + ": 0 or more");
    }
    for (FrameTemplate.Field field : template.fields()) {
      switch (field.source()) {
        case COUNTER, RANDOM, LIST -> {}
        default ->
            throw new IllegalStateException("a frame of this template asks for its " + field);
      }
    }
    return sendStream(count);
  }

  abstract int sendStream(int count) throws FramejetException;

  @Override
  public boolean pace(Rate rate) throws FramejetException {
    return injector.pace(rate);
  }

  @Override
  public boolean stamp(int offset) throws FramejetException {
    return injector.stamp(offset);
  }

  @Override
  public void arrange(int[] numbers) {
    batch.arrange(numbers);
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
  public void clear() {
    injector.newBatch();
  }

  @Override
  public FrameTemplate template() {
    return template;
  }

  @Override
  public String obstacle() {
    return obstacle;
  }

  @Override
  public void departures(int[] micros, int count) {
    injector.departures(micros, count);
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
  public Link link() {
    return injector.link();
  }

  @Override
  public void close() {
    injector.close();
  }

  @Override
  public String toString() {
    return "TemplateInjector[" + injector + (isInKernel() ? " in kernel]" : "]");
  }

  /** Frames of the template. */
  private static final class InJava extends TemplateInjectors {
    InJava(Injector injector, FrameTemplate template, String obstacle) {
      super(injector, template, obstacle);
    }

    @Override
    public boolean add(long mac, long high, long low, int port) {
      return template().addTo(batch, mac, high, low, port);
    }

    @Override
    int sendStream(int count) throws FramejetException {
      if (!batch.isEmpty()) {
        throw new IllegalStateException("size=" + size() + ": frames wait in the batch");
      }
      while (batch.size() < count && add(0, 0, 0, 0)) {
        // Until it is full, or all are in it.
      }
      try {
        return send();
      } finally {
        clear();
      }
    }

    @Override
    public boolean isInKernel() {
      return false;
    }
  }

  /** Questions, as struct fj_xdp_target of native/bpf/engine.h has them. */
  private static final class InKernel extends TemplateInjectors {
    private static final int LOW = 8;
    private static final int MAC_AND_PORT = 16;
    private static final int SEQUENCE = 24;
    private static final int DEPARTED = 32;

    private final NativeInjector injector;
    private final ByteBuffer buffer;
    private final ByteBuffer answers;

    // What the program does not read is not written either.
    private final boolean asksLow;
    private final boolean asksMore;
    private final boolean asksSequence;
    private long sequence;

    InKernel(NativeInjector injector, FrameTemplate template) {
      super(injector, template, "");
      this.injector = injector;
      this.buffer = batch.buffer();
      this.answers = buffer.duplicate().order(ByteOrder.nativeOrder());
      this.sequence = template.sequence();
      boolean low = false;
      boolean more = false;
      boolean counts = false;
      for (FrameTemplate.Field field : template.fields()) {
        switch (field.source()) {
          case TARGET -> low = true;
          case COUNTER, RANDOM, LIST -> counts = true;
          default -> more = true;
        }
      }
      final boolean cookie = template.cookieKey() != null;
      this.asksLow = low || cookie;
      this.asksMore = more || cookie;
      this.asksSequence = counts;
    }

    @Override
    public boolean add(long mac, long high, long low, int port) {
      final int at = batch.claim();
      if (at < 0) {
        return false;
      }
      final ByteBuffer memory = buffer;
      if (asksLow) {
        memory.putLong(at + LOW, low);
      }
      if (asksMore) {
        memory.putLong(at, high);
        memory.putLong(at + MAC_AND_PORT, mac << 16 | port);
      }
      if (asksSequence) {
        memory.putLong(at + SEQUENCE, sequence);
      }
      sequence++;
      return true;
    }

    @Override
    public void departures(int[] micros, int count) {
      final ByteBuffer memory = answers;
      final long offset = injector.clockOffset();
      for (int i = 0; i < count; i++) {
        micros[i] = (int) ((memory.getLong(batch.sentOffset(i) + DEPARTED) + offset) / 1000);
      }
    }

    @Override
    int sendStream(int count) throws FramejetException {
      if (count == 0) {
        return 0;
      }
      try {
        return injector.stream(sequence, count);
      } finally {
        sequence = injector.nextSequence();
      }
    }

    @Override
    public boolean isInKernel() {
      return true;
    }
  }
}
