package io.framejet.sweep;

import io.framejet.probe.ReplyState;
import java.util.Arrays;

/**
 * First answers, numbered from 0: sixteen bytes each. They lie in pieces, so that none is copied as
 * they become more, and a sweep of millions needs no room for two tables at a time.
 */
final class Answers {
  private static final int PIECE_BITS = 12;
  private static final int PIECE = 1 << PIECE_BITS;
  private static final int FIRST_PIECE = 256;
  private static final ReplyState[] STATES = ReplyState.values();

  // What is known of an answer besides its MAC and time, in the bytes of an int.
  private static final int TRY_SHIFT = 8;
  private static final int TTL_SHIFT = 16;
  private static final int BYTE = 0xff;
  private static final int HAS_TTL = 1 << 24;
  private static final int ROUTER = 1 << 25;

  private long[][] macs = new long[1][FIRST_PIECE];
  private int[][] times = new int[1][FIRST_PIECE];
  private int[][] details = new int[1][FIRST_PIECE];
  private final long[] counts = new long[STATES.length];

  // The pieces that answers are added to.
  private long[] lastMacs = macs[0];
  private int[] lastTimes = times[0];
  private int[] lastDetails = details[0];
  private int size;

  int size() {
    return size;
  }

  /** How many say that. */
  long count(ReplyState state) {
    return counts[number(state)];
  }

  /**
   * Adds an answer: its number.
   *
   * @param time in microseconds
   * @param ttl the time to live that it arrived with, or -1
   */
  int add(long mac, ReplyState state, int time, int tryNumber, int ttl, boolean router) {
    final int answer = size;
    final int at = answer & PIECE - 1;
    if (at == 0 || at == lastMacs.length) {
      makeRoom(answer >>> PIECE_BITS, at);
    }
    lastMacs[at] = mac;
    lastTimes[at] = time;
    lastDetails[at] = number(state) | tryNumber << TRY_SHIFT | bits(ttl, router);
    counts[number(state)]++;
    size = answer + 1;
    return answer;
  }

  private static int bits(int ttl, boolean router) {
    return (ttl < 0 ? 0 : HAS_TTL | (ttl & BYTE) << TTL_SHIFT) | (router ? ROUTER : 0);
  }

  private void makeRoom(int piece, int at) {
    if (piece == macs.length) {
      macs = Arrays.copyOf(macs, 2 * piece);
      times = Arrays.copyOf(times, 2 * piece);
      details = Arrays.copyOf(details, 2 * piece);
    }
    if (macs[piece] == null) {
      macs[piece] = new long[PIECE];
      times[piece] = new int[PIECE];
      details[piece] = new int[PIECE];
    } else if (at == macs[piece].length) {
      // The first piece alone begins small: most sweeps have few answers.
      macs[piece] = Arrays.copyOf(macs[piece], 2 * at);
      times[piece] = Arrays.copyOf(times[piece], 2 * at);
      details[piece] = Arrays.copyOf(details[piece], 2 * at);
    }
    lastMacs = macs[piece];
    lastTimes = times[piece];
    lastDetails = details[piece];
  }

  /** Another answer, of the same try, instead of the first. */
  void replace(int answer, long mac, ReplyState state, int time, int ttl, boolean router) {
    final int piece = answer >>> PIECE_BITS;
    counts[number(state(answer))]--;
    counts[number(state)]++;
    macs[piece][answer & PIECE - 1] = mac;
    times[piece][answer & PIECE - 1] = time;
    details[piece][answer & PIECE - 1] =
        number(state) | tries(answer) << TRY_SHIFT | bits(ttl, router);
  }

  @SuppressWarnings("EnumOrdinal") // never leaves this class
  private static int number(ReplyState state) {
    return state.ordinal();
  }

  private int details(int answer) {
    return details[answer >>> PIECE_BITS][answer & PIECE - 1];
  }

  long mac(int answer) {
    return macs[answer >>> PIECE_BITS][answer & PIECE - 1];
  }

  /** What it was added with, in microseconds. */
  int time(int answer) {
    return times[answer >>> PIECE_BITS][answer & PIECE - 1];
  }

  ReplyState state(int answer) {
    return STATES[details(answer) & BYTE];
  }

  int tries(int answer) {
    return details(answer) >>> TRY_SHIFT & BYTE;
  }

  /** -1 where there is none. */
  int ttl(int answer) {
    final int known = details(answer);
    return (known & HAS_TTL) == 0 ? -1 : known >>> TTL_SHIFT & BYTE;
  }

  boolean isRouter(int answer) {
    return (details(answer) & ROUTER) != 0;
  }
}
