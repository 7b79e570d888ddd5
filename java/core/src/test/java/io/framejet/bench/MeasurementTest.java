package io.framejet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeasurementTest {
  private static final long NONE = Trial.UNKNOWN;
  private static final CpuTime CPU = new CpuTime(1, 2, 3);

  static Trial trial(long accepted, long link, long peer, long arrived, long overflowed) {
    return new Trial(
        accepted,
        0,
        0,
        0,
        1,
        link,
        0,
        0,
        peer,
        arrived,
        overflowed,
        0,
        1_000_000_000,
        CPU,
        List.of(accepted),
        true);
  }

  @Test
  void shouldCountOnlyFramesThatBothCounted() {
    assertThat(trial(100, 90, NONE, NONE, 0).frames()).isEqualTo(90);
    assertThat(trial(100, 120, NONE, NONE, 0).frames()).isEqualTo(100);
    assertThat(trial(100, 90, NONE, NONE, 0).pps()).isEqualTo(90);
  }

  @Test
  void shouldSayWhoDelivered() {
    assertThat(trial(100, 90, NONE, NONE, 0).delivered()).isEqualTo(90);
    assertThat(trial(100, 100, 95, NONE, 0).delivered()).isEqualTo(95);
    Trial received = trial(100, 100, 101, 98, 5);
    assertThat(received.delivered()).isEqualTo(98);
    assertThat(received.lost()).isEqualTo(2);
  }

  @Test
  void shouldNameEveryDisagreement() {
    assertThat(trial(100, 100, 100, 100, 0).disagreements()).isEmpty();
    assertThat(trial(100, 90, NONE, NONE, 0).disagreements())
        .containsExactly("the kernel took 100 frames, the link counted 10 fewer");
    assertThat(trial(100, 101, NONE, NONE, 0).disagreements())
        .containsExactly("the link counted 1 frames more than were injected here");
    assertThat(trial(100, 100, 95, NONE, 0).disagreements())
        .containsExactly("the receiving link counted 5 frames fewer than were injected");
    assertThat(trial(100, 100, 101, 98, 5).disagreements())
        .containsExactly(
            "the receiving link counted 3 frames that the receiver did not see",
            "the receiver had no room for 5 frames that did arrive: latency and gaps are those of"
                + " the others");
  }

  @Test
  void shouldGiveTheMedianAndTheExtremes() {
    assertThat(Measurement.Spread.of(3, 1, 2)).isEqualTo(new Measurement.Spread(2, 1, 3));
    assertThat(Measurement.Spread.of(4, 1, 2, 3)).isEqualTo(new Measurement.Spread(2.5, 1, 4));
    assertThat(Measurement.Spread.of()).isEqualTo(new Measurement.Spread(0, 0, 0));
  }

  @Test
  void shouldAddUpTrials() {
    Measurement two =
        new Measurement(
            Load.of(Backend.RING),
            List.of(trial(10, 10, NONE, NONE, 0), trial(20, 19, NONE, NONE, 0)),
            7);
    assertThat(two.total().accepted()).isEqualTo(30);
    assertThat(two.total().linkFrames()).isEqualTo(29);
    assertThat(two.total().peerFrames()).isEqualTo(NONE);
    assertThat(two.total().nanos()).isEqualTo(2_000_000_000);
    assertThat(two.total().cpu()).isEqualTo(new CpuTime(2, 4, 6));
    assertThat(two.disagreements())
        .containsExactly("repetition 2: the kernel took 20 frames, the link counted 1 fewer");
  }
}
