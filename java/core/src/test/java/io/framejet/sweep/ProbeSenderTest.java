package io.framejet.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.framejet.FramejetException;
import io.framejet.target.Shard;
import io.framejet.target.TargetSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over outboxes that are made up: which probes have left is known. */
@Timeout(30)
class ProbeSenderTest {
  private final TargetSpace space =
      new TargetSpace(Hosts.of(TargetSet.of("10.0.0.0/20")), new int[0], 1, Shard.ALL);
  private final TargetTable table = new TargetTable(space);
  private final MadeOutbox one = new MadeOutbox();
  private final MadeOutbox other = new MadeOutbox();
  private final ProbeSender sender =
      new ProbeSender(space, table, null, null, null, List.of(one, other));
  private int next;

  @AfterEach
  void shouldCloseWhatItHas() {
    sender.close();
    assertThat(one.closed && other.closed).isTrue();
  }

  private void add(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(sender.add(next)).isTrue();
      next++;
    }
  }

  private int asked() {
    int asked = 0;
    for (int cell = 0; cell < next; cell++) {
      asked += table.isAsked(cell) ? 1 : 0;
    }
    return asked;
  }

  @Test
  void shouldTakeProbesWhileOthersAreSent() throws FramejetException {
    table.beginRound();
    final CountDownLatch gate = new CountDownLatch(1);
    one.gate = gate;
    assertThat(sender.canSendAhead()).isTrue();
    add(8);
    assertThat(sender.add(next)).as("a ninth").isFalse();
    assertThat(sender.sendAhead()).isZero();
    assertThat(sender.isAhead()).isTrue();
    add(3);
    assertThat(sender.size()).isEqualTo(3);
    assertThat(sender.waiting()).isEqualTo(11);
    assertThat(asked()).isZero();
    gate.countDown();
    assertThat(sender.sendAhead()).isEqualTo(8);
    assertThat(asked()).isEqualTo(8);
    assertThat(sender.endAhead()).isEqualTo(3);
    assertThat(sender.isAhead()).isFalse();
    assertThat(sender.waiting()).isZero();
    assertThat(asked()).isEqualTo(11);
    assertThat(sender.probesSent()).isEqualTo(11);
    assertThat(sender.probed()).isEqualTo(11);
    assertThat(sender.statistics().frames()).isEqualTo(11);
    assertThat(sender.framesPerCore()).as("one core sends, by turns").containsExactly(11L);
    assertThat(table.sinceDeparture(1, 2010)).as("it left at 1010").isEqualTo(1000);
  }

  @Test
  void shouldKeepWhatDidNotLeaveForTheNextTime() throws FramejetException {
    table.beginRound();
    one.takes = 5;
    add(8);
    assertThat(sender.sendAhead()).isZero();
    assertThat(sender.endAhead()).isEqualTo(5);
    assertThat(sender.size()).isEqualTo(3);
    one.takes = 8;
    add(1);
    assertThat(sender.sendAhead()).isZero();
    assertThat(sender.endAhead()).isEqualTo(4);
    assertThat(asked()).isEqualTo(9);
    assertThat(one.left).hasSize(9);
    assertThat(sender.endAhead()).isZero();
  }

  @Test
  void shouldSendByItselfAsWell() throws FramejetException {
    table.beginRound();
    one.losesEverySecond = true;
    add(6);
    assertThat(sender.send()).isEqualTo(3);
    assertThat(table.isAsked(0) && table.isAsked(2) && table.isAsked(4)).isTrue();
    assertThat(asked()).isEqualTo(3);
    assertThat(sender.waiting()).isEqualTo(3);
    sender.noteUnsent();
    sender.clear();
    assertThat(sender.waiting()).isZero();
  }

  @Test
  void shouldTellOfAFaultAndCountWhatLeftBesides() throws FramejetException {
    table.beginRound();
    final CountDownLatch gate = new CountDownLatch(1);
    one.gate = gate;
    one.breaks = true;
    one.loses = 2;
    add(8);
    assertThat(sender.sendAhead()).isZero();
    add(4);
    gate.countDown();
    assertThatThrownBy(sender::sendAhead).isInstanceOf(FramejetException.class);
    assertThat(sender.isAhead()).as("the other lane").isTrue();
    assertThat(sender.endAhead()).isEqualTo(4);
    assertThat(sender.probesSent()).isEqualTo(4);
    assertThat(sender.waiting()).as("all but two, which may have left").isEqualTo(6);
    assertThat(asked()).isEqualTo(4);
  }

  @Test
  void shouldThrowWhateverTheOtherThreadMet() throws FramejetException {
    one.runsOutOfMemory = true;
    add(1);
    assertThat(sender.sendAhead()).isZero();
    assertThatThrownBy(sender::endAhead).isInstanceOf(OutOfMemoryError.class);
    assertThat(sender.waiting()).isEqualTo(1);
  }

  @Test
  void shouldEndBeforeItIsClosed() throws FramejetException {
    add(8);
    assertThat(sender.sendAhead()).isZero();
    sender.close();
    assertThat(one.left).hasSize(8);
  }

  @Test
  void shouldNotBeEndedByAnInterrupt() throws FramejetException {
    add(8);
    Thread.currentThread().interrupt();
    try {
      assertThat(sender.sendAhead()).isZero();
      assertThat(sender.endAhead()).isEqualTo(8);
    } finally {
      assertThat(Thread.interrupted()).as("is still to be heeded").isTrue();
    }
  }

  @Test
  void shouldAccountForEveryProbeWhateverIsTaken() throws FramejetException {
    table.beginRound();
    final Random random = new Random(5);
    long left = 0;
    for (int round = 0; round < 2000 && next < space.size() - 8; round++) {
      for (int i = random.nextInt(6); i > 0 && sender.add(next); i--) {
        next++;
      }
      if (!sender.isAhead()) {
        one.losesEverySecond = random.nextBoolean();
        other.losesEverySecond = random.nextBoolean();
        one.takes = random.nextInt(9);
        other.takes = random.nextInt(9);
      }
      left +=
          switch (sender.size() == 0 ? 0 : random.nextInt(4)) {
            case 0 -> sender.endAhead();
            case 1 -> sender.endAhead() + sender.send();
            default -> sender.sendAhead();
          };
    }
    left += sender.endAhead();
    final List<Long> both = new ArrayList<>(one.left);
    both.addAll(other.left);
    assertThat(both).hasSizeGreaterThan(1000).doesNotHaveDuplicates();
    assertThat(left).isEqualTo(both.size()).isEqualTo(sender.probesSent());
    assertThat(sender.waiting()).isEqualTo(next - both.size());
    for (int cell = 0; cell < next; cell++) {
      assertThat(table.isAsked(cell)).isEqualTo(both.contains(space.low(cell)));
    }
  }
}
