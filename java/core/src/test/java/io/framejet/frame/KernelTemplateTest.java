package io.framejet.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.engine.Engine;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.inject.InjectorOptions;
import io.framejet.inject.Rate;
import io.framejet.inject.TemplateInjector;
import io.framejet.link.LinkCounters;
import io.framejet.testing.Collector;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the kernel makes of a template arrives byte for byte as Java writes it: of all layers, all
 * sources, any place and width of a field.
 */
class KernelTemplateTest {
  private static final int FRAMES = 150;
  private static final InjectorOptions XDP =
      InjectorOptions.defaults().withBackend(Backend.XDP).withBatch(64);

  private final Random random = new Random(4);
  private VethLab lab;

  /** Lets the far link take frames; unlike GRO, it leaves them as they are. */
  private Engine taker;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.open();
    taker = Engine.open(lab.far());
  }

  @AfterEach
  void closeLab() {
    taker.close();
    lab.close();
  }

  private static LinkBuilder ethernet() {
    return Frame.ethernet(Stacks.MAC, Stacks.PEER);
  }

  private record Question(long mac, long high, long low, int port) {}

  private Question question(int index) {
    final long mac = random.nextLong() & 0xffff_ffff_ffffL;
    final boolean six = index % 3 == 0;
    final long low = index % 7 == 0 ? -random.nextInt(2) : random.nextLong();
    return new Question(
        mac, six ? random.nextLong() : 0, six ? low : low & 0xffff_ffffL, random.nextInt(1 << 16));
  }

  private void shouldEqual(FrameTemplate template) throws FramejetException {
    final LinkCounters before = lab.farCounters();
    try (Collector far = Collector.on(lab.far());
        TemplateInjector injector = TemplateInjector.open(lab.near(), XDP, template)) {
      assertThat(injector.isInKernel()).isTrue();
      assertThat(injector.obstacle()).isEmpty();
      final List<String> expected = new ArrayList<>();
      final ByteBuffer buffer = ByteBuffer.allocate(template.length());
      Threads.pinned(
          () -> {
            for (int i = 0; i < FRAMES; i++) {
              final Question asked = question(i);
              if (!injector.add(asked.mac, asked.high, asked.low, asked.port)) {
                sendAll(injector);
                injector.add(asked.mac, asked.high, asked.low, asked.port);
              }
              template.apply(buffer, 0, asked.mac, asked.high, asked.low, asked.port);
              expected.add(HexFormat.of().formatHex(buffer.array()));
            }
            sendAll(injector);
            return null;
          });
      final List<String> seen = new ArrayList<>();
      for (Collector.Taken taken : far.await(FRAMES)) {
        seen.add(HexFormat.of().formatHex(taken.bytes()));
      }
      assertThat(seen).as("%s %s", template.fields(), template.checksums()).isEqualTo(expected);
      assertThat(injector.statistics().frames()).isEqualTo(FRAMES);
      assertThat(injector.statistics().bytes()).isEqualTo((long) FRAMES * template.length());
      assertThat(lab.farCounters().minus(before).rxPackets()).isEqualTo(FRAMES);
    }
  }

  private static void sendAll(TemplateInjector injector) throws FramejetException {
    while (injector.size() > 0) {
      injector.send();
    }
  }

  @Test
  void shouldEqualJavaForProbes() throws FramejetException {
    final int ip = EthernetHeader.LENGTH;
    final int transport = ip + 20;
    final SipHash key = new SipHash(0x0706_0504_0302_0100L, 0x0f0e_0d0c_0b0a_0908L);
    shouldEqual(
        FrameTemplate.of(ethernet().arpRequest(Stacks.MAC, Stacks.A, Stacks.B).build())
            .vary(ip + 24, 4, Source.TARGET)
            .build());
    shouldEqual(
        FrameTemplate.of(ethernet().ipv4(Stacks.A, Stacks.B).tcp(1000, 80).syn().build())
            .vary(0, 6, Source.MAC)
            .vary(ip + Ipv4Header.DESTINATION, 4, Source.TARGET)
            .varyByCookie(transport, 2, 32, 0x3fff, 49_152)
            .vary(transport + 2, 2, Source.PORT)
            .varyByCookie(transport + 4, 4, 0)
            .cookieKey(key)
            .checksums()
            .build());
    shouldEqual(
        FrameTemplate.of(
                ethernet().ipv6(Stacks.A6, Stacks.B6).udp(53, 53).payload(Stacks.DATA).build())
            .vary(0, 6, Source.MAC)
            .vary(ip + Ipv6Header.DESTINATION, 16, Source.TARGET)
            .vary(ip + 40, 2, Source.PORT)
            .cookieKey(key)
            .varyByCookie(ip + 49, 7, 3)
            .checksums()
            .build());
  }

  @Test
  void shouldEqualJavaForAnyTemplate() throws FramejetException {
    final List<Frame> frames = new ArrayList<>(Stacks.ethernetFrames());
    for (int length : new int[] {127, 128, 129, 512, 1514}) {
      frames.add(
          ethernet().ipv4(Stacks.A, Stacks.B).udp(1, 2).payload(new byte[length - 42]).build());
    }
    for (Frame frame : frames) {
      shouldEqual(randomTemplate(frame));
    }
  }

  /** Up to eight fields anywhere, of any width and source, and the checksums that cover them. */
  private FrameTemplate randomTemplate(Frame frame) {
    while (true) {
      final FrameTemplate.Builder builder =
          FrameTemplate.of(frame).cookieKey(new SipHash(random.nextLong(), random.nextLong()));
      final int length = Math.max(60, frame.length());
      try {
        for (int i = random.nextInt(8); i >= 0; i--) {
          vary(builder, length);
        }
        if (random.nextInt(8) > 0) {
          builder.checksums();
        }
        return builder.build();
      } catch (IllegalArgumentException e) {
        // Fields overlap, or lie half in what a checksum covers: once more.
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }

  private void vary(FrameTemplate.Builder builder, int length) {
    final Source[] sources = Source.values();
    final Source source = sources[random.nextInt(sources.length)];
    final int width = 1 + random.nextInt(8);
    // Not the addresses and the type: a type of 802.1Q would be taken out by the far link.
    final int offset = 14 + random.nextInt(length - 14 - width);
    switch (source) {
      case COOKIE ->
          builder.varyByCookie(
              offset, width, random.nextInt(64), random.nextLong(), random.nextInt(1 << 16));
      case LIST ->
          builder.vary(offset, width, random.longs(1 + random.nextInt(8)).boxed().toList());
      case COUNTER, RANDOM -> builder.vary(offset, width, source, random.nextLong());
      default -> builder.vary(offset, width, source);
    }
  }

  @Test
  void shouldStreamWhatAsksForNoTarget() throws FramejetException {
    final FrameTemplate template = streamed();
    final LinkCounters before = lab.farCounters();
    final List<String> expected = new ArrayList<>();
    final ByteBuffer buffer = ByteBuffer.allocate(template.length());
    for (int i = 0; i < FRAMES; i++) {
      streamed.apply(buffer, 0, 0);
      expected.add(HexFormat.of().formatHex(buffer.array()));
    }
    for (InjectorOptions options : List.of(XDP, InjectorOptions.defaults())) {
      final FrameTemplate fresh = streamed();
      try (Collector far = Collector.on(lab.far());
          TemplateInjector injector = TemplateInjector.open(lab.near(), options, fresh)) {
        Threads.pinned(
            () -> {
              assertThat(injector.send(0)).isZero();
              for (int sent = 0; sent < FRAMES; ) {
                sent += injector.send(Math.min(40, FRAMES - sent));
              }
              return null;
            });
        final List<String> seen = new ArrayList<>();
        for (Collector.Taken taken : far.await(FRAMES)) {
          seen.add(HexFormat.of().formatHex(taken.bytes()));
        }
        assertThat(seen).as("%s", injector).isEqualTo(expected);
        assertThat(injector.statistics().frames()).isEqualTo(FRAMES);
      }
    }
    assertThat(lab.farCounters().minus(before).rxPackets()).isEqualTo(2 * FRAMES);
  }

  private final FrameTemplate streamed = streamed();

  private static FrameTemplate streamed() {
    return FrameTemplate.of(
            ethernet().ipv4(Stacks.A, Stacks.B).udp(53, 53).payload(Stacks.DATA).build())
        .vary(18, 2, Source.COUNTER, 65_500)
        .vary(34, 2, Source.RANDOM, 5)
        .vary(36, 2, List.of(1L, 2L, 3L))
        .checksums()
        .build();
  }

  @Test
  void shouldNotStreamWhatAsksForATarget() throws FramejetException {
    final FrameTemplate template =
        FrameTemplate.of(ethernet().arpRequest(Stacks.MAC, Stacks.A, Stacks.B).build())
            .vary(38, 4, Source.TARGET)
            .build();
    for (InjectorOptions options : List.of(XDP, InjectorOptions.defaults())) {
      try (TemplateInjector injector = TemplateInjector.open(lab.near(), options, template)) {
        assertThatThrownBy(() -> injector.send(1)).isInstanceOf(IllegalStateException.class);
        assertThat(injector.statistics().frames()).isZero();
      }
    }
  }

  /** Each frame carries the time at which it was made: it left after that, and before the next. */
  @Test
  void shouldTellWhenEachFrameLeft() throws FramejetException {
    final int stampAt = 44;
    final int rounds = 9;
    final int each = 7; // the slots, 16 of them, are gone round in between
    final long tolerance = 200_000; // two clocks are compared, twice
    final FrameTemplate template =
        FrameTemplate.of(ethernet().arpRequest(Stacks.MAC, Stacks.A, Stacks.B).build())
            .vary(38, 4, Source.TARGET)
            .build();
    final List<Integer> departures = new ArrayList<>();
    final List<Long> finished = new ArrayList<>();
    try (Collector far = Collector.on(lab.far());
        TemplateInjector injector =
            TemplateInjector.open(lab.near(), XDP.withBatch(16).withSlots(16), template)) {
      assertThat(injector.pace(Rate.of(2000))).isTrue();
      assertThat(injector.stamp(stampAt)).isTrue();
      final int[] micros = new int[16];
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < each; i++) {
          assertThat(injector.add(0, 0, i, 0)).isTrue();
        }
        while (injector.size() > 0) {
          final int taken = injector.send();
          injector.departures(micros, taken);
          for (int i = 0; i < taken; i++) {
            departures.add(micros[i]);
            finished.add(injector.sendFinishedNanos());
          }
        }
      }
      final List<Collector.Taken> frames = far.await(rounds * each);
      for (int i = 0; i < rounds * each; i++) {
        final long made = ByteBuffer.wrap(frames.get(i).bytes()).getLong(stampAt);
        final long left = made + (departures.get(i) - (int) (made / 1000)) * 1000L;
        assertThat(left).as("frame %s", i).isGreaterThan(made - tolerance);
        assertThat(left).as("frame %s", i).isLessThan(finished.get(i) + tolerance);
        if (i + 1 < rounds * each) {
          final long next = ByteBuffer.wrap(frames.get(i + 1).bytes()).getLong(stampAt);
          assertThat(left).as("frame %s", i).isLessThan(next + tolerance);
        }
      }
    }
  }

  @Test
  void shouldLeaveToJavaWhatTheProgramCanNotDo() throws FramejetException {
    final List<Long> many = random.longs(65).boxed().toList();
    final FrameTemplate template =
        FrameTemplate.of(ethernet().arpRequest(Stacks.MAC, Stacks.A, Stacks.B).build())
            .vary(50, 4, many)
            .build();
    try (Collector far = Collector.on(lab.far());
        TemplateInjector injector = TemplateInjector.open(lab.near(), XDP, template)) {
      assertThat(injector.isInKernel()).isFalse();
      assertThat(injector.backend()).isEqualTo(Backend.XDP);
      assertThat(injector.obstacle()).contains("64 values");
      injector.add(0, 0, 1, 0);
      sendAll(injector);
      assertThat(far.await(1)).hasSize(1);
    }
  }

  @Test
  void shouldDoTheSameByOtherBackends() throws FramejetException {
    final FrameTemplate template =
        FrameTemplate.of(ethernet().arpRequest(Stacks.MAC, Stacks.A, Stacks.B).build())
            .vary(38, 4, Source.TARGET)
            .build();
    try (Collector far = Collector.on(lab.far());
        TemplateInjector injector =
            TemplateInjector.open(lab.near(), InjectorOptions.defaults(), template)) {
      for (int i = 0; i < 10; i++) {
        assertThat(injector.add(0, 0, i, 0)).isTrue();
      }
      final int[] micros = new int[10];
      assertThat(injector.send()).isEqualTo(10);
      injector.departures(micros, 10);
      assertThat(micros).isSorted();
      assertThat(micros[0]).isEqualTo((int) (injector.sendStartedNanos() / 1000));
      assertThat(micros[9] - micros[0])
          .isBetween(
              0, (int) ((injector.sendFinishedNanos() - injector.sendStartedNanos()) / 1000));
      assertThat(injector.obstacle()).isEmpty();
      assertThat(injector.isInKernel()).isFalse();
      assertThat(far.await(10)).hasSize(10);
    }
  }
}
