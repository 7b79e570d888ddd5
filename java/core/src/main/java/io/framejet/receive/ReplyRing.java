package io.framejet.receive;

import io.framejet.jni.NativeMemory;
import io.framejet.jni.ReceiveNative;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * Reads the replies that the link's XDP program sums up in memory that it shares with us ({@code
 * native/bpf/demux.h}), without a system call.
 *
 * <p>A reply is there when the turn of its place is the one that we wait for; the program writes it
 * last. Places are given back by telling how far we have read.
 */
final class ReplyRing {
  private static final int WORDS = ReceiveNative.REPLY_SIZE / Long.BYTES;
  private static final int TURN = ReceiveNative.REPLY_SOURCE_AND_TURN / Long.BYTES;
  private static final int FIRST = ReceiveNative.REPLIES_FIRST / Long.BYTES;
  private static final int READ = ReceiveNative.REPLIES_READ / Long.BYTES;
  private static final int TURN_AT = 48;

  /** Replies that are copied together: in a JVM just started a copy is cheaper than many reads. */
  private static final int STEP = 128;

  private final NativeMemory memory;
  private final LongBuffer ring;
  private final int mask;
  private final int turnShift;
  private final long[] copied = new long[STEP * WORDS];
  private final RecognisedReply reply = new RecognisedReply();
  private long next;

  /** Of the replies that were copied, the next to be handed over, and their number. */
  private int at;

  private int copies;

  /** The ring of a receiver that has one. */
  ReplyRing(NativeMemory memory) {
    this.memory = memory;
    final int replies = memory.getInt(ReceiveNative.CONTROL_REPLIES);
    final ByteBuffer bytes = memory.buffer().duplicate();
    bytes.position(memory.getInt(ReceiveNative.CONTROL_REPLIES_OFFSET));
    this.ring = bytes.slice().order(ByteOrder.nativeOrder()).asLongBuffer();
    this.mask = replies - 1;
    this.turnShift = Integer.numberOfTrailingZeros(replies);
    this.next = ring.get(READ);
  }

  /** Whether there are replies to be read. */
  boolean hasReplies() {
    return at < copies || isThere(next);
  }

  /** Hands at most {@code limit} replies to {@code handler}: how many there were. */
  int walk(RecognisedReplyHandler handler, int limit) {
    final long clockOffset = memory.getLong(ReceiveNative.CONTROL_CLOCK_OFFSET);
    int count = 0;
    while (count < limit && (at < copies || copy(limit - count) > 0)) {
      final int from = at;
      final int to = Math.min(copies, from + limit - count);
      int i = from;
      try {
        while (i < to) {
          reply.move(copied, i++ * WORDS, clockOffset);
          handler.onRecognised(reply);
        }
      } finally {
        at = i; // a reply that makes the handler throw is not delivered twice, and none is lost
      }
      count += to - from;
    }
    return count;
  }

  /** Copies those that are there, as far as they lie in a row, and gives them back: how many. */
  private int copy(int limit) {
    final int place = (int) next & mask;
    final int most = Math.min(Math.min(limit, STEP), mask + 1 - place);
    int count = 0;
    while (count < most && isThere(next + count)) {
      count++;
    }
    VarHandle.acquireFence();
    ring.get(FIRST + place * WORDS, copied, 0, count * WORDS);
    giveBack(count);
    at = 0;
    copies = count;
    return count;
  }

  private boolean isThere(long number) {
    final long written = ring.get(FIRST + ((int) number & mask) * WORDS + TURN);
    return written >>> TURN_AT == ((number >>> turnShift << 1 | 1) & 0xffff);
  }

  private void giveBack(int count) {
    next += count;
    VarHandle.releaseFence(); // what was copied is copied
    ring.put(READ, next);
  }
}
