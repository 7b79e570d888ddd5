package io.framejet.sweep;

import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.probe.Reply;
import io.framejet.probe.ReplyState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every target of one sweep: five bytes each, and some twenty for those that were
 * answered.
 *
 * <p>ARP echoes nothing of the question, so the departure has to be kept for the round-trip time.
 * Targets are numbered by cells, in the order in which they are probed, so that a round walks
 * memory straight ahead. Written by the sweeping thread alone.
 */
final class TargetTable {
  // Instead of the number of tries.
  private static final byte ANSWERED = -1;
  private static final byte ABSENT = -2;
  private static final byte ABSENCE_UNSURE = -3;

  /**
   * Most MACs kept beside the first: whoever claims one address with more is broken, or attacks.
   */
  private static final int MOST_OTHERS = 16;

  private final TargetSpace space;
  private final @Nullable NextHops hops;

  /**
   * Not answered: the departure of the latest probe, in microseconds modulo 2^32. Answered: index
   * into the arrays of answers.
   */
  private final int[] values;

  /** Not answered: how many probes it got, or why it gets none. */
  private final byte[] tries;

  private int answers;
  private final Map<ReplyState, long[]> counts = new EnumMap<>(ReplyState.class);
  private long absent;
  private long own;
  private long[] macs = new long[256];

  /** Of an answer that may yet be bettered its departure. */
  private int[] rtts = new int[256];

  private byte[] answeredTries = new byte[256];
  private ReplyState[] states = new ReplyState[256];
  private byte[] ttls = new byte[256];
  private byte[] flags = new byte[256];
  private final Map<Integer, List<MacAddress>> others = new HashMap<>();

  /** Who told of targets in their stead. A router tells of many: kept once. */
  private final Map<Integer, String> tellers = new HashMap<>();

  private final Map<String, String> tellerNames = new HashMap<>();

  private static final byte ROUTER = 1;
  private static final byte HAS_TTL = 2;

  /**
   * Cells whose answer to their latest probe may have been missed; null as long as there are none.
   */
  private @Nullable BitSet missed;

  // Probing goes in the order of cells. So those whose time to answer runs are two stretches: of
  // this
  // round the cells from settled to asked, and of the round before those from settledBefore on that
  // were not asked again yet.
  private int round;
  private int settled;
  private int asked;
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
    this.values = new int[space.size()];
    this.tries = new byte[space.size()];
    for (ReplyState state : ReplyState.values()) {
      counts.put(state, new long[1]);
    }
  }

  /** Number of targets. */
  int size() {
    return tries.length;
  }

  /** Number of targets that answered for themselves. */
  long hostsUp() {
    return count(ReplyState.UP) + count(ReplyState.OPEN) + count(ReplyState.CLOSED);
  }

  /** Number of targets of which that was said. */
  long count(ReplyState state) {
    return counter(state)[0];
  }

  /** Whether any target was answered by somebody on the way alone. */
  boolean mayBeBettered() {
    return count(ReplyState.FILTERED) + count(ReplyState.UNREACHABLE) > 0;
  }

  private long[] counter(ReplyState state) {
    return Objects.requireNonNull(counts.get(state));
  }

  /** Whether nobody is left to be asked. */
  boolean isDone() {
    return answers + absent == tries.length;
  }

  /** How many targets get a probe. */
  long toProbe() {
    return tries.length - own - absent;
  }

  /** How many targets get no probe, since nobody has their address. */
  long absent() {
    return absent;
  }

  /** Number of targets that more than one MAC answered for. */
  long conflicts() {
    long conflicts = others.size();
    if (hops != null && hops.hasConflicts()) {
      for (int cell = 0; cell < values.length; cell++) {
        conflicts += !others.containsKey(cell) && !othersOf(cell).isEmpty() ? 1 : 0;
      }
    }
    return conflicts;
  }

  /** Whether there is nothing more to be asked: it was answered, or has nobody to ask. */
  boolean isOver(int cell) {
    return tries[cell] < 0;
  }

  boolean isAnswered(int cell) {
    return tries[cell] == ANSWERED;
  }

  /** Whether it answered for itself. */
  boolean isUp(int cell) {
    return tries[cell] == ANSWERED && !isSecondHand(states[values[cell]]);
  }

  /** Whether that is said by somebody on the way, and the target itself may yet say otherwise. */
  static boolean isSecondHand(ReplyState state) {
    return state == ReplyState.FILTERED || state == ReplyState.UNREACHABLE;
  }

  /** How many probes a target that was not answered got; less than 0 when it was or gets none. */
  int tries(int cell) {
    return tries[cell];
  }

  /** When a target that was not answered was last probed, in microseconds modulo 2^32. */
  int departure(int cell) {
    return values[cell];
  }

  void probed(int cell, int departureMicros) {
    if (isOver(cell)) {
      return; // it answered an earlier probe while this one waited for room in the queue
    }
    // An answer may be in the ring before its probe is noted here, but it is never read before.
    values[cell] = departureMicros;
    if (tries[cell] < Byte.MAX_VALUE) {
      tries[cell]++;
    }
    asked = cell + 1;
    if (missed != null) {
      missed.clear(cell);
    }
  }

  /** Notes that nobody has the address, or that this is not sure: it gets no probe. */
  void absent(int cell, boolean sure) {
    if (tries[cell] == 0) {
      tries[cell] = sure ? ABSENT : ABSENCE_UNSURE;
      absent++;
    }
  }

  void self(int cell, long mac) {
    own++;
    add(cell, mac, ReplyState.UP, 0, (byte) 0);
  }

  /** Notes the first answer of a target. */
  void answered(int cell, Reply reply, long arrivalMicros) {
    final ReplyState state = reply.state();
    final int departure = values[cell];
    final int rtt = Math.max(0, (int) arrivalMicros - departure);
    add(cell, reply.mac(), state, isSecondHand(state) ? departure : rtt, tries[cell]);
    describe(cell, reply);
  }

  /** Notes what a target says itself after somebody on the way has spoken. */
  void bettered(int cell, Reply reply, long arrivalMicros) {
    final int answer = values[cell];
    counter(states[answer])[0]--;
    counter(reply.state())[0]++;
    states[answer] = reply.state();
    rtts[answer] = Math.max(0, (int) arrivalMicros - rtts[answer]);
    macs[answer] = reply.mac();
    flags[answer] = 0;
    tellers.remove(cell);
    describe(cell, reply);
  }

  private void add(int cell, long mac, ReplyState state, int rtt, byte tryNumber) {
    if (answers == macs.length) {
      int room = (int) Math.min(space.size(), 2L * answers);
      macs = Arrays.copyOf(macs, room);
      rtts = Arrays.copyOf(rtts, room);
      answeredTries = Arrays.copyOf(answeredTries, room);
      states = Arrays.copyOf(states, room);
      ttls = Arrays.copyOf(ttls, room);
      flags = Arrays.copyOf(flags, room);
    }
    macs[answers] = mac;
    rtts[answers] = rtt;
    answeredTries[answers] = tryNumber;
    states[answers] = state;
    counter(state)[0]++;
    values[cell] = answers++;
    tries[cell] = ANSWERED;
  }

  private void describe(int cell, Reply reply) {
    final int answer = values[cell];
    final int ttl = reply.ttl();
    if (ttl >= 0) {
      ttls[answer] = (byte) ttl;
      flags[answer] |= HAS_TTL;
    }
    if (reply.isRouter()) {
      flags[answer] |= ROUTER;
    }
    final long high = reply.fromHigh();
    final long low = reply.fromLow();
    if (isSecondHand(reply.state()) && (high != reply.addressHigh() || low != reply.addressLow())) {
      tellers.put(cell, tellerNames.computeIfAbsent(text(space.ipv6(), high, low), each -> each));
    }
  }

  private static String text(boolean ipv6, long high, long low) {
    return ipv6 ? Ipv6Address.of(high, low).toString() : Ipv4.format((int) low);
  }

  /** The MAC that answered first for a target that was answered; 0 where frames have none. */
  long mac(int cell) {
    return macs[values[cell]];
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
    settled = settle(settled, asked, nowMicros, waitMicros);
    settledBefore = settle(settledBefore, values.length, nowMicros, waitMicros);
  }

  /** Ends the account early: whoever's time is not over may have been missed. */
  void cutShort(int nowMicros, int waitMicros) {
    settle(nowMicros, waitMicros, false);
    missOutstanding();
  }

  private int settle(int from, int to, int nowMicros, int waitMicros) {
    int cell = from;
    // A difference, for the stamps wrap around after 71 minutes. A clock that was set back makes it
    // negative: nobody is taken for settled then.
    while (cell < to
        && tries[cell] != 0
        && (isOver(cell) || nowMicros - values[cell] > waitMicros)) {
      cell++;
    }
    return cell;
  }

  private void missOutstanding() {
    miss(settled, asked, round);
    miss(settledBefore, values.length, round - 1);
  }

  private void miss(int from, int to, int tryNumber) {
    for (int cell = from; cell < to; cell++) {
      if (tries[cell] == tryNumber && tryNumber > 0) {
        if (missed == null) {
          missed = new BitSet(values.length);
        }
        missed.set(cell);
      }
    }
  }

  HostState state(int cell) {
    final byte tried = tries[cell];
    if (tried == ANSWERED) {
      return isUp(cell) ? HostState.UP : HostState.SILENT;
    }
    return tried == 0 || tried == ABSENCE_UNSURE || (missed != null && missed.get(cell))
        ? HostState.POSSIBLY_LOST
        : HostState.SILENT;
  }

  /** Whether a port did not answer on a host that is there: something keeps it from being asked. */
  boolean isFiltered(int cell) {
    if (isAnswered(cell)) {
      return states[values[cell]] == ReplyState.FILTERED;
    }
    return space.hasPorts()
        && hops != null
        && hops.isOnLink(space.host(cell))
        && tries[cell] > 0
        && state(cell) == HostState.SILENT;
  }

  HostResult result(int cell) {
    return isAnswered(cell) ? answer(cell) : withoutAnswer(cell);
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
        Math.max(0, tries[cell]),
        false,
        hops != null && hops.isRouted(host),
        "",
        othersOf(cell));
  }

  private HostResult answer(int cell) {
    final int answer = values[cell];
    final ReplyState state = states[answer];
    final @Nullable String teller = isSecondHand(state) ? tellers.get(cell) : null;
    return new HostResult(
        space.ipv6(),
        space.high(cell),
        space.low(cell),
        space.port(cell),
        isSecondHand(state) ? HostState.SILENT : HostState.UP,
        state,
        macs[answer] == NextHops.NONE ? null : MacAddress.of(macs[answer]),
        isSecondHand(state) ? -1 : rtts[answer],
        (flags[answer] & HAS_TTL) == 0 ? -1 : Byte.toUnsignedInt(ttls[answer]),
        answeredTries[answer],
        answeredTries[answer] == 0,
        (flags[answer] & ROUTER) != 0 || (hops != null && hops.isRouted(space.host(cell))),
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
