package io.framejet.sweep;

import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.probe.Reply;
import io.framejet.probe.ReplyState;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every target of one sweep: four bytes each, and sixteen for those that were
 * answered.
 *
 * <p>ARP echoes nothing of the question, so the departure has to be kept for the round-trip time.
 * Targets are numbered by cells, in the order in which they are probed, so that a round walks
 * memory straight ahead, and how often a cell was asked follows from how far the round has come.
 * Written by the sweeping thread alone.
 */
final class TargetTable {
  // What a cell holds. Not over: when its latest probe departed, see departure(); 0 before the
  // first.
  private static final int OVER = 1 << 31;
  private static final int ABSENT = OVER | 1 << 30;
  private static final int ABSENCE_UNSURE = ABSENT | 1;
  // Answered: OVER and the number of its answer.
  private static final int ANSWER = ~ABSENT;

  /**
   * Most MACs kept beside the first: whoever claims one address with more is broken, or attacks.
   */
  private static final int MOST_OTHERS = 16;

  private final TargetSpace space;
  private final @Nullable NextHops hops;
  private final int[] cells;
  private final Answers answers = new Answers();
  private long absent;
  private long own;
  private final Map<Integer, List<MacAddress>> others = new HashMap<>();

  /** Who told of targets in their stead. A router tells of many: kept once. */
  private final Map<Integer, String> tellers = new HashMap<>();

  private final Map<String, String> tellerNames = new HashMap<>();

  /**
   * Cells whose answer to their latest probe may have been missed; null as long as there are none.
   */
  private @Nullable BitSet missed;

  /** How often a cell had its turn and was not asked; null as long as there are none. */
  private @Nullable Map<Integer, Integer> turnsLost;

  // Probing goes in the order of cells. So those whose time to answer runs are two stretches: of
  // this round the cells from settled to asked, and of the round before those from settledBefore
  // on that were not asked again yet. What still waits to be sent is not settled.
  private int round;
  private int settled;
  private int asked;
  private int firstWaiting = Integer.MAX_VALUE;
  private int settledBefore;

  TargetTable(TargetSpace space) {
    this(space, null);
  }

  /**
   * A table of nothing yet.
   *
   * @param hops where probes go, when hosts have to be resolved first
   */
  TargetTable(TargetSpace space, @Nullable NextHops hops) {
    this.space = space;
    this.hops = hops;
    this.cells = new int[space.size()];
  }

  /** Number of targets. */
  int size() {
    return cells.length;
  }

  /** Number of targets that answered for themselves. */
  long hostsUp() {
    return count(ReplyState.UP) + count(ReplyState.OPEN) + count(ReplyState.CLOSED);
  }

  /** Number of targets of which that was said. */
  long count(ReplyState state) {
    return answers.count(state);
  }

  /** Whether any target was answered by somebody on the way alone. */
  boolean mayBeBettered() {
    return count(ReplyState.FILTERED) + count(ReplyState.UNREACHABLE) > 0;
  }

  /** Whether nobody is left to be asked. */
  boolean isDone() {
    return answers.size() + absent == cells.length;
  }

  /** How many targets get a probe. */
  long toProbe() {
    return cells.length - own - absent;
  }

  /** How many targets get no probe, since nobody has their address. */
  long absent() {
    return absent;
  }

  /** Number of targets that more than one MAC answered for. */
  long conflicts() {
    long conflicts = others.size();
    if (hops != null && hops.hasConflicts()) {
      for (int cell = 0; cell < cells.length; cell++) {
        conflicts += !others.containsKey(cell) && !othersOf(cell).isEmpty() ? 1 : 0;
      }
    }
    return conflicts;
  }

  /** Whether there is nothing more to be asked: it was answered, or has nobody to ask. */
  boolean isOver(int cell) {
    return cells[cell] < 0;
  }

  boolean isAnswered(int cell) {
    return (cells[cell] & ABSENT) == OVER;
  }

  /** The number of the answer of a target that was answered. */
  private int answer(int cell) {
    return cells[cell] & ANSWER;
  }

  /** Whether it answered for itself. */
  boolean isUp(int cell) {
    return isAnswered(cell) && !isSecondHand(answers.state(answer(cell)));
  }

  /** Whether that is said by somebody on the way, and the target itself may yet say otherwise. */
  static boolean isSecondHand(ReplyState state) {
    return state == ReplyState.FILTERED || state == ReplyState.UNREACHABLE;
  }

  /** Whether a target that is not over was asked already. */
  boolean isAsked(int cell) {
    return cells[cell] > 0;
  }

  /** How many probes a target got that was not answered; 0 also for those that get none. */
  int tries(int cell) {
    if (cells[cell] <= 0) {
      return 0;
    }
    final int turns = cell < asked ? round : round - 1;
    return turnsLost == null ? turns : turns - turnsLost.getOrDefault(cell, 0);
  }

  /** How long ago a target that is not over was last asked, in microseconds. */
  int sinceDeparture(int cell, int nowMicros) {
    return since(cells[cell], nowMicros);
  }

  /** A departure as cells hold it: microseconds modulo 2^31, of which 0 is taken for 1. */
  private static int departure(int micros) {
    return Math.max(1, micros & Integer.MAX_VALUE);
  }

  /** Less than 0 when the clock was set back since: half of what is told apart is some 18 min. */
  private static int since(int departure, int micros) {
    return ((micros - departure) << 1) >> 1;
  }

  void probed(int cell, int departureMicros) {
    if (isOver(cell)) {
      return; // it answered an earlier probe while this one waited for room in the queue
    }
    // An answer may be in the ring before its probe is noted here, but it is never read before.
    cells[cell] = departure(departureMicros);
    asked = Math.max(asked, cell + 1);
    if (missed != null) {
      missed.clear(cell);
    }
  }

  /**
   * Notes that it gets no probe although it is its turn: none can be sent to it, which tells
   * nothing of the host. What is known of those that got one before stands.
   */
  void passedOver(int cell) {
    if (cells[cell] == 0) {
      absent(cell, false);
    } else if (cells[cell] > 0) {
      asked = Math.max(asked, cell + 1);
      turnLost(cell);
    }
  }

  private void turnLost(int cell) {
    if (turnsLost == null) {
      turnsLost = new HashMap<>();
    }
    turnsLost.merge(cell, 1, Integer::sum);
  }

  /**
   * Notes the first of the probes of this round that still wait to be sent. Several senders send
   * their parts at their own speed: others behind it may have left by now.
   *
   * @param cell {@link Integer#MAX_VALUE} when none waits
   */
  void waitingFrom(int cell) {
    firstWaiting = cell;
  }

  /** Notes which probes of this round are never going to be sent. */
  void leftUnsent(int[] waitingCells, int count) {
    for (int i = 0; i < count; i++) {
      if (cells[waitingCells[i]] > 0 && waitingCells[i] < asked) {
        turnLost(waitingCells[i]);
      }
    }
  }

  /** Notes that nobody has the address, or that this is not sure: it gets no probe. */
  void absent(int cell, boolean sure) {
    if (cells[cell] == 0) {
      cells[cell] = sure ? ABSENT : ABSENCE_UNSURE;
      absent++;
    }
  }

  void self(int cell, long mac) {
    own++;
    cells[cell] = OVER | answers.add(mac, ReplyState.UP, 0, 0, -1, false);
  }

  /** Notes the first answer of a target. */
  void answered(int cell, Reply reply, long arrivalMicros) {
    final ReplyState state = reply.state();
    final int departure = cells[cell];
    // Of an answer that may yet be bettered the departure is kept.
    final int time =
        isSecondHand(state) ? departure : Math.max(0, since(departure, (int) arrivalMicros));
    final int tries = tries(cell);
    cells[cell] =
        OVER | answers.add(reply.mac(), state, time, tries, reply.ttl(), reply.isRouter());
    noteTeller(cell, reply);
  }

  /** Notes what a target says itself after somebody on the way has spoken. */
  void bettered(int cell, Reply reply, long arrivalMicros) {
    final int answer = answer(cell);
    final int time = Math.max(0, since(answers.time(answer), (int) arrivalMicros));
    answers.replace(answer, reply.mac(), reply.state(), time, reply.ttl(), reply.isRouter());
    tellers.remove(cell);
    noteTeller(cell, reply);
  }

  private void noteTeller(int cell, Reply reply) {
    if (!isSecondHand(reply.state())) {
      return;
    }
    final long high = reply.fromHigh();
    final long low = reply.fromLow();
    if (high != reply.addressHigh() || low != reply.addressLow()) {
      tellers.put(cell, tellerNames.computeIfAbsent(text(space.ipv6(), high, low), each -> each));
    }
  }

  private static String text(boolean ipv6, long high, long low) {
    return ipv6 ? Ipv6Address.of(high, low).toString() : Ipv4.format((int) low);
  }

  /** The MAC that answered first for a target that was answered; 0 where frames have none. */
  long mac(int cell) {
    return answers.mac(answer(cell));
  }

  /** Notes another MAC of a target that was answered; false when it was known already. */
  boolean conflict(int cell, long mac) {
    List<MacAddress> known = others.computeIfAbsent(cell, c -> new ArrayList<>(1));
    MacAddress other = MacAddress.of(mac);
    return known.size() < MOST_OTHERS && !known.contains(other) && known.add(other);
  }

  /** Begins a round of probing, from the first cell on. */
  void beginRound() {
    round++;
    settledBefore = settled;
    settled = 0;
    asked = 0;
    firstWaiting = Integer.MAX_VALUE;
  }

  /**
   * Keeps account of whose time to answer is over.
   *
   * @param lost whether anything was lost since the last call: whoever's time ran then may have
   *     been missed
   */
  void settle(int nowMicros, int waitMicros, boolean lost) {
    if (lost) {
      missOutstanding();
    }
    settled = settle(settled, Math.min(asked, firstWaiting), nowMicros, waitMicros);
    settledBefore = settle(settledBefore, cells.length, nowMicros, waitMicros);
  }

  /** Ends the account early: whoever's time is not over may have been missed. */
  void cutShort(int nowMicros, int waitMicros) {
    settle(nowMicros, waitMicros, false);
    missOutstanding();
  }

  private int settle(int from, int to, int nowMicros, int waitMicros) {
    int cell = from;
    // A difference, for the stamps wrap around after 36 minutes. A clock that was set back makes it
    // negative: nobody is taken for settled then.
    while (cell < to
        && cells[cell] != 0
        && (isOver(cell) || since(cells[cell], nowMicros) > waitMicros)) {
      cell++;
    }
    return cell;
  }

  private void missOutstanding() {
    miss(settled, asked, round);
    miss(settledBefore, cells.length, round - 1);
  }

  private void miss(int from, int to, int tryNumber) {
    for (int cell = from; cell < to; cell++) {
      if (cells[cell] > 0 && tryNumber > 0 && tries(cell) == tryNumber) {
        if (missed == null) {
          missed = new BitSet(cells.length);
        }
        missed.set(cell);
      }
    }
  }

  HostState state(int cell) {
    if (isAnswered(cell)) {
      return isUp(cell) ? HostState.UP : HostState.SILENT;
    }
    final int known = cells[cell];
    return known == 0 || known == ABSENCE_UNSURE || (missed != null && missed.get(cell))
        ? HostState.POSSIBLY_LOST
        : HostState.SILENT;
  }

  /** Whether a port did not answer on a host that is there: something keeps it from being asked. */
  boolean isFiltered(int cell) {
    if (isAnswered(cell)) {
      return answers.state(answer(cell)) == ReplyState.FILTERED;
    }
    return space.hasPorts()
        && hops != null
        && hops.isOnLink(space.host(cell))
        && isAsked(cell)
        && state(cell) == HostState.SILENT;
  }

  HostResult result(int cell) {
    return isAnswered(cell) ? withAnswer(cell) : withoutAnswer(cell);
  }

  private HostResult withoutAnswer(int cell) {
    final int host = space.host(cell);
    final long mac = hops == null ? NextHops.NONE : hops.mac(host);
    return new HostResult(
        space.ipv6(),
        space.high(cell),
        space.low(cell),
        space.port(cell),
        state(cell),
        isFiltered(cell) ? ReplyState.FILTERED : null,
        mac == NextHops.NONE ? null : MacAddress.of(mac),
        -1,
        -1,
        tries(cell),
        false,
        hops != null && hops.isRouted(host),
        "",
        othersOf(cell));
  }

  private HostResult withAnswer(int cell) {
    final int answer = answer(cell);
    final ReplyState state = answers.state(answer);
    final int tries = answers.tries(answer);
    final long mac = answers.mac(answer);
    final @Nullable String teller = isSecondHand(state) ? tellers.get(cell) : null;
    return new HostResult(
        space.ipv6(),
        space.high(cell),
        space.low(cell),
        space.port(cell),
        isSecondHand(state) ? HostState.SILENT : HostState.UP,
        state,
        mac == NextHops.NONE ? null : MacAddress.of(mac),
        isSecondHand(state) ? -1 : answers.time(answer),
        answers.ttl(answer),
        tries,
        tries == 0,
        answers.isRouter(answer) || (hops != null && hops.isRouted(space.host(cell))),
        remark(state, teller),
        othersOf(cell));
  }

  private static String remark(ReplyState state, @Nullable String teller) {
    if (state != ReplyState.UNREACHABLE && state != ReplyState.FILTERED) {
      return "";
    }
    final String word = state == ReplyState.FILTERED ? "prohibited" : "unreachable";
    return teller == null ? word : word + " says " + teller;
  }

  /** The MACs that claim the address besides the first. */
  List<MacAddress> othersOf(int cell) {
    // Most sweeps have no conflict: no number is made an object to look one up.
    @Nullable List<MacAddress> known = others.isEmpty() ? null : others.get(cell);
    if (known != null) {
      return known;
    }
    return hops == null ? List.of() : hops.others(space.host(cell));
  }

  void forEach(boolean upOnly, Consumer<HostResult> action) {
    space.forEachCell(
        cell -> {
          if (!upOnly || isUp(cell)) {
            action.accept(result(cell));
          }
        });
  }
}
