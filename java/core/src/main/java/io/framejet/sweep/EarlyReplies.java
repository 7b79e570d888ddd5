package io.framejet.sweep;

import io.framejet.demux.ReplyHandler;
import io.framejet.probe.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Replies that were read while the send of their probes, or of others, went on: who was asked, and
 * when, is known at its end alone, and until then they wait here.
 */
final class EarlyReplies {
  /** The first of them wait; the others are kept for those to come. */
  private final List<Reply> replies = new ArrayList<>();

  private long[] times = new long[64];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void add(Reply reply, long timestampNanos) {
    if (size == replies.size()) {
      replies.add(new Reply());
    }
    if (size == times.length) {
      times = Arrays.copyOf(times, 2 * size);
    }
    replies.get(size).set(reply);
    times[size] = timestampNanos;
    size++;
  }

  /**
   * Hands them over, as they came, and forgets them, also when the handler throws: that is the end.
   */
  void handTo(ReplyHandler handler) {
    final int count = size;
    size = 0;
    for (int i = 0; i < count; i++) {
      handler.onReply(replies.get(i), times[i]);
    }
  }
}
