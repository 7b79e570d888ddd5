package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.probe.Reply;
import io.framejet.probe.ReplyState;
import io.framejet.target.Shard;
import io.framejet.target.TargetSet;
import org.junit.jupiter.api.Test;

/** Whose answer may have been missed, by a clock of the test's own. */
class TargetTableTest {
  private static final int WAIT = 500_000;
  private static final int HOUR = (int) 3_600_000_000L; // wraps, as the stamps do

  private final TargetTable table = new TargetTable(space());

  @Test
  void shouldMissWhoWasNeverAsked() {
    assertThat(table.state(0)).isEqualTo(HostState.POSSIBLY_LOST);
  }

  @Test
  void shouldCallSilentWhoDidNotAnswerInTime() {
    table.beginRound();
    table.probed(0, 0);
    table.settle(WAIT + 1, WAIT, false);
    assertThat(table.state(0)).isEqualTo(HostState.SILENT);
  }

  @Test
  void shouldMissThoseWhoseTimeRanWhenSomethingWasLost() {
    table.beginRound();
    table.probed(0, 1);
    table.probed(1, WAIT);
    table.settle(WAIT + 2, WAIT, false); // the first one's time is over
    table.settle(WAIT + 3, WAIT, true);
    table.probed(2, WAIT + 4);
    table.settle(3 * WAIT, WAIT, false);
    assertThat(table.state(0)).isEqualTo(HostState.SILENT);
    assertThat(table.state(1)).isEqualTo(HostState.POSSIBLY_LOST);
    assertThat(table.state(2)).isEqualTo(HostState.SILENT);
  }

  @Test
  void shouldRememberALossHoweverLongTheSweepGoesOn() {
    table.beginRound();
    table.probed(0, 0);
    table.settle(1000, WAIT, true);
    table.probed(1, HOUR);
    table.settle(HOUR + 1000, WAIT, true);
    table.settle(HOUR + 2 * WAIT, WAIT, false);
    assertThat(table.state(0)).isEqualTo(HostState.POSSIBLY_LOST);
    assertThat(table.state(1)).isEqualTo(HostState.POSSIBLY_LOST);
  }

  @Test
  void shouldForgetALossWhenTheTargetIsAskedAgain() {
    table.beginRound();
    table.probed(0, 0);
    table.probed(1, 0);
    table.settle(1000, WAIT, true);
    table.settle(WAIT + 1, WAIT, false);
    table.beginRound();
    table.probed(0, WAIT + 1);
    table.settle(3 * WAIT, WAIT, false);
    assertThat(table.state(0)).isEqualTo(HostState.SILENT);
    assertThat(table.state(1)).isEqualTo(HostState.POSSIBLY_LOST);
  }

  @Test
  void shouldMissThoseOfTheRoundBeforeWhoseTimeStillRuns() {
    table.beginRound();
    table.probed(0, 0);
    table.probed(1, WAIT / 2);
    table.beginRound();
    table.probed(0, WAIT + 1);
    table.settle(WAIT + 2, WAIT, true);
    table.settle(3 * WAIT, WAIT, false);
    assertThat(table.state(0)).isEqualTo(HostState.POSSIBLY_LOST);
    assertThat(table.state(1)).isEqualTo(HostState.POSSIBLY_LOST);
  }

  @Test
  void shouldTakeNobodyForSettledWhenTheClockWasSetBack() {
    table.beginRound();
    table.probed(0, 1_000_000_000);
    table.settle(500_000_000, WAIT, false);
    table.settle(500_000_001, WAIT, true);
    assertThat(table.state(0)).isEqualTo(HostState.POSSIBLY_LOST);
  }

  @Test
  void shouldMissThoseWhoseTimeWasCutShort() {
    table.beginRound();
    table.probed(0, 1);
    table.probed(1, WAIT);
    table.cutShort(WAIT + 2, WAIT);
    assertThat(table.state(0)).isEqualTo(HostState.SILENT);
    assertThat(table.state(1)).isEqualTo(HostState.POSSIBLY_LOST);
  }

  @Test
  void shouldKeepAFewOfManyMacsThatClaimOneAddress() {
    table.self(0, 0x020000000000L);
    for (int i = 1; i < 100_000; i++) {
      table.conflict(0, 0x020000000000L + i);
    }
    assertThat(table.result(0).others()).hasSizeBetween(2, 100);
    assertThat(table.conflicts()).isEqualTo(1);
  }

  /** Its second probe waited for room in a queue when the answer to the first one came late. */
  @Test
  void shouldKeepAnAnswerThatCameBeforeTheNextProbeHadLeft() {
    table.beginRound();
    table.probed(0, 1);
    table.settle(WAIT + 2, WAIT, false);
    table.beginRound();
    table.answered(0, new Reply(), WAIT + 3);
    table.probed(0, WAIT + 4);
    assertThat(table.isAnswered(0)).isTrue();
    assertThat(table.state(0)).isEqualTo(HostState.UP);
    assertThat(table.result(0).rttMicros()).isEqualTo(WAIT + 2);
    assertThat(table.result(0).tries()).isEqualTo(1);
    assertThat(table.hostsUp()).isEqualTo(1);
  }

  @Test
  void shouldKnowHowOftenEachWasAsked() {
    for (int round = 1; round <= 3; round++) {
      table.beginRound();
      for (int cell = 0; cell < 4; cell++) {
        if (!table.isOver(cell)) {
          table.probed(cell, round * WAIT);
        }
      }
      if (round == 2) {
        table.answered(1, new Reply(), 2 * WAIT + 7);
      }
    }
    table.beginRound();
    table.probed(0, 4 * WAIT);
    assertThat(table.tries(0)).isEqualTo(4);
    assertThat(table.result(1).tries()).isEqualTo(2);
    assertThat(table.result(1).rttMicros()).isEqualTo(7);
    assertThat(table.tries(2)).isEqualTo(3);
    assertThat(table.tries(4)).isZero();
    assertThat(table.isAsked(4)).isFalse();
  }

  @Test
  void shouldNotCountATurnWithoutAProbe() {
    table.beginRound();
    table.probed(0, 0);
    table.passedOver(1);
    table.probed(2, 0);
    table.beginRound();
    table.passedOver(0);
    table.probed(2, WAIT);
    table.settle(3 * WAIT, WAIT, false);
    assertThat(table.tries(0)).isEqualTo(1);
    assertThat(table.state(0)).isEqualTo(HostState.SILENT);
    assertThat(table.isOver(1)).isTrue();
    assertThat(table.result(1).tries()).isZero();
    assertThat(table.tries(2)).isEqualTo(2);
  }

  @Test
  void shouldMeasureAcrossTheWrapOfTheStamps() {
    for (long departure : new long[] {0, 1L << 31, (1L << 31) - 3, (1L << 32) - 3}) {
      TargetTable wrapped = new TargetTable(space());
      wrapped.beginRound();
      wrapped.probed(0, (int) departure);
      wrapped.settle((int) departure + WAIT - 1, WAIT, false);
      assertThat(wrapped.sinceDeparture(0, (int) departure + WAIT)).isBetween(WAIT - 1, WAIT);
      wrapped.answered(0, new Reply(), departure + 1000);
      assertThat(wrapped.result(0).rttMicros()).isBetween(999L, 1000L);
    }
  }

  @Test
  void shouldKeepEveryAnswerApart() {
    Answers answers = new Answers();
    ReplyState[] states = ReplyState.values();
    int many = 20_000;
    for (int i = 0; i < many; i++) {
      final long mac = 0xffff_0000_0000L + i;
      final ReplyState state = states[i % states.length];
      assertThat(answers.add(mac, state, i, i % 102, i % 257 - 1, i % 3 == 0)).isEqualTo(i);
    }
    final ReplyState before = answers.state(4096);
    final long befores = answers.count(before);
    final long closed = answers.count(ReplyState.CLOSED);
    answers.replace(4096, 7, ReplyState.CLOSED, 8, -1, false);
    assertThat(before).isNotEqualTo(ReplyState.CLOSED);
    assertThat(answers.count(before)).isEqualTo(befores - 1);
    assertThat(answers.count(ReplyState.CLOSED)).isEqualTo(closed + 1);
    for (int i = 0; i < many; i++) {
      if (i != 4096) {
        assertThat(answers.mac(i)).isEqualTo(0xffff_0000_0000L + i);
        assertThat(answers.state(i)).isEqualTo(states[i % states.length]);
        assertThat(answers.time(i)).isEqualTo(i);
        assertThat(answers.ttl(i)).isEqualTo(i % 257 - 1);
        assertThat(answers.isRouter(i)).isEqualTo(i % 3 == 0);
      }
      assertThat(answers.tries(i)).isEqualTo(i % 102);
    }
    assertThat(answers.mac(4096)).isEqualTo(7);
    assertThat(answers.state(4096)).isEqualTo(ReplyState.CLOSED);
    assertThat(answers.time(4096)).isEqualTo(8);
    assertThat(answers.ttl(4096)).isEqualTo(-1);
  }

  /** Several cores: the probes of one leave before those of another that come first. */
  @Test
  void shouldMissThoseThatWereSentBehindOthers() {
    table.beginRound();
    for (int cell = 0; cell < 4; cell++) {
      table.probed(cell, 1);
    }
    table.settle(WAIT + 2, WAIT, false);
    table.beginRound();
    table.probed(1, WAIT + 3);
    table.probed(3, WAIT + 3);
    table.waitingFrom(0);
    table.settle(WAIT + 4, WAIT, false);
    table.probed(2, 3 * WAIT);
    table.probed(0, 3 * WAIT);
    table.waitingFrom(Integer.MAX_VALUE);
    table.settle(3 * WAIT + 1, WAIT, true);
    table.settle(5 * WAIT, WAIT, false);
    assertThat(table.state(0)).isEqualTo(HostState.POSSIBLY_LOST);
    assertThat(table.state(2)).isEqualTo(HostState.POSSIBLY_LOST);
    assertThat(table.tries(0)).isEqualTo(2);
    assertThat(table.tries(3)).isEqualTo(2);
  }

  @Test
  void shouldNotCountProbesThatWereLeftUnsent() {
    table.beginRound();
    for (int cell = 0; cell < 4; cell++) {
      table.probed(cell, 1);
    }
    table.beginRound();
    table.probed(3, WAIT);
    table.leftUnsent(new int[] {1}, 1);
    assertThat(table.tries(1)).isEqualTo(1);
    assertThat(table.tries(3)).isEqualTo(2);
  }

  private static TargetSpace space() {
    return new TargetSpace(Hosts.of(TargetSet.of("10.0.0.0/28")), new int[0], 1, Shard.ALL);
  }
}
