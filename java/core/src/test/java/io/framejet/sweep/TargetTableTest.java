package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.probe.Reply;
import io.framejet.target.Shard;
import io.framejet.target.TargetSet;
import org.junit.jupiter.api.Test;

/** Whose answer may have been missed, by a clock of the test's own. */
class TargetTableTest {
  private static final int WAIT = 500_000;
  private static final int HOUR = (int) 3_600_000_000L; // wraps, as the stamps do

  private final TargetTable table =
      new TargetTable(
          new TargetSpace(Hosts.of(TargetSet.of("10.0.0.0/28")), new int[0], 1, Shard.ALL));

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
    table.probed(0, 0);
    table.probed(1, WAIT);
    table.settle(WAIT + 1, WAIT, false); // the first one's time is over
    table.settle(WAIT + 2, WAIT, true);
    table.probed(2, WAIT + 3);
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
    table.probed(0, 0);
    table.probed(1, WAIT);
    table.cutShort(WAIT + 1, WAIT);
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
    table.probed(0, 0);
    table.settle(WAIT + 1, WAIT, false);
    table.beginRound();
    table.answered(0, new Reply(), WAIT + 2);
    table.probed(0, WAIT + 3);
    assertThat(table.isAnswered(0)).isTrue();
    assertThat(table.state(0)).isEqualTo(HostState.UP);
    assertThat(table.result(0).rttMicros()).isEqualTo(WAIT + 2);
    assertThat(table.result(0).tries()).isEqualTo(1);
    assertThat(table.hostsUp()).isEqualTo(1);
  }
}
