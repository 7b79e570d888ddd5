package io.framejet.demux;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.link.Link;
import io.framejet.probe.Probe;
import io.framejet.probe.Reply;
import io.framejet.probe.Verdict;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.FrameHandler;
import io.framejet.receive.ReceivedFrame;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends one frame and waits for the frame that answers it, like Scapy's {@code srp1}.
 *
 * <p>Safe for use by several threads: their requests go one after another. {@link #close()} ends a
 * request in progress with {@code CLOSED}.
 */
public final class Demultiplexer implements AutoCloseable {
  private static final int POLL_LIMIT = 1024;
  private static final int RING_BYTES = 1 << 20;

  private final Link link;
  private final Injector injector;
  private final Receiver receiver;
  private final ReentrantLock turn = new ReentrantLock(true);

  Demultiplexer(Link link, Injector injector, Receiver receiver) {
    this.link = link;
    this.injector = injector;
    this.receiver = receiver;
  }

  /** Opens {@code link}; every frame that comes in is offered to the matcher. */
  public static Demultiplexer open(Link link) throws FramejetException {
    return open(link, CaptureFilter.all());
  }

  /** Opens {@code link}; the frames that pass {@code filter} are offered to the matcher. */
  public static Demultiplexer open(Link link, CaptureFilter filter) throws FramejetException {
    // The socket backends, for a ring hands frames over a block at a time, up to some milliseconds
    // late.
    Injector injector =
        Injector.open(
            link,
            InjectorOptions.defaults().withBackend(Backend.SOCKET).withBatch(1).withSlots(16));
    try {
      Receiver receiver =
          Receiver.open(
              link,
              ReceiverOptions.defaults()
                  .withBackend(Backend.SOCKET)
                  .withFilter(filter)
                  .withRingBytes(RING_BYTES));
      return new Demultiplexer(link, injector, receiver);
    } catch (FramejetException | RuntimeException e) {
      injector.close();
      throw e;
    }
  }

  /**
   * Sends {@code frame} and waits for the first frame, received after that, that {@code matcher}
   * takes.
   *
   * @param timeout longest wait, more than 0
   * @throws FramejetException TIMEOUT when nothing matched in time; LINK_DOWN, LINK_GONE,
   *     FRAME_TOO_LARGE, MALFORMED_FRAME; CLOSED
   */
  public Answer request(Frame frame, ReplyMatcher matcher, Duration timeout)
      throws FramejetException {
    long nanos = timeout.toNanos();
    if (nanos <= 0) {
      throw new IllegalArgumentException("timeout=" + timeout + ": more than 0");
    }
    turn.lock();
    try {
      return exchange(frame, matcher, nanos);
    } finally {
      turn.unlock();
    }
  }

  /**
   * Sends {@code probe} to one target by broadcast and waits for its reply, as for ARP.
   *
   * @param target the IPv4 address asked for
   * @throws FramejetException as {@link #request(Frame, ReplyMatcher, Duration)} does
   */
  public Answer request(Probe probe, int target, Duration timeout) throws FramejetException {
    return request(
        probe, MacAddress.BROADCAST.toLong(), 0, target & 0xffff_ffffL, 0, new Reply(), timeout);
  }

  /**
   * Sends {@code probe} to one target and waits for its reply.
   *
   * @param mac that it is sent to, see {@link FrameTemplate#apply(java.nio.ByteBuffer, int, long,
   *     long, long, int)} for this and what follows
   * @param high of the target's address
   * @param low of the target's address
   * @param port 0 to 65535; 0 where there is none
   * @param reply holds the reply afterwards
   * @throws FramejetException as {@link #request(Frame, ReplyMatcher, Duration)} does
   */
  public Answer request(
      Probe probe, long mac, long high, long low, int port, Reply reply, Duration timeout)
      throws FramejetException {
    FrameTemplate template = probe.template(port);
    byte[] bytes = new byte[template.length()];
    template.apply(ByteBuffer.wrap(bytes), 0, mac, high, low, port);
    return request(
        Frame.of(template.frame().linkType(), bytes),
        received ->
            probe.read(received.buffer(), received.offset(), received.length(), reply)
                    == Verdict.REPLY
                && reply.addressHigh() == high
                && reply.addressLow() == low
                && reply.port() == port,
        timeout);
  }

  private Answer exchange(Frame frame, ReplyMatcher matcher, long timeoutNanos)
      throws FramejetException {
    Wanted wanted = new Wanted(matcher, receiver.linkType());
    long deadline = System.nanoTime() + timeoutNanos;
    if (!forgetOldFrames(deadline)) {
      throw timedOut("too many frames come in: the question was not sent", timeoutNanos);
    }
    while (!injector.send(frame)) {
      if (System.nanoTime() - deadline >= 0) {
        throw timedOut("the link's queue stayed full", timeoutNanos);
      }
    }
    wanted.sentNanos = injector.sendStartedNanos();
    while (true) {
      receiver.poll(wanted, POLL_LIMIT);
      if (wanted.answer != null) {
        return wanted.answer;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw timedOut("no answer", timeoutNanos);
      }
      receiver.await(left);
    }
  }

  /**
   * What came in before the request can not be its answer. Under a flood there is always more: it
   * ends with the first frame that came in after it began.
   *
   * @return false when that took until the deadline
   */
  private boolean forgetOldFrames(long deadline) throws FramejetException {
    Newest newest = new Newest();
    Instant now = Instant.now();
    long begin = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    while (hasMore(newest)) {
      if (newest.timestampNanos >= begin) {
        return true;
      }
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether there may be more to read: behind frames a fault, and behind a fault frames. */
  private boolean hasMore(FrameHandler handler) throws FramejetException {
    try {
      return receiver.poll(handler, POLL_LIMIT) > 0;
    } catch (FramejetException e) {
      // That the link was down a while ago is no matter; whether it is now, the injector says.
      if (e.code() != ErrorCode.LINK_DOWN) {
        throw e;
      }
      return true; // it is told once
    }
  }

  private FramejetException timedOut(String what, long timeoutNanos) {
    return new FramejetException(
        ErrorCode.TIMEOUT,
        what + " within " + timeoutNanos / 1_000_000 + " ms on link " + link.name(),
        0,
        "linux/socket",
        link.name(),
        null);
  }

  /** How many requests the kernel took so far, answered or not. Any thread, closed or not. */
  public long requestsSent() {
    return injector.statistics().frames();
  }

  @Override
  public void close() {
    receiver.close();
    injector.close();
  }

  private static final class Newest implements FrameHandler {
    private long timestampNanos = Long.MIN_VALUE;

    @Override
    public void onFrame(ReceivedFrame frame) {
      timestampNanos = frame.timestampNanos();
    }
  }

  private static final class Wanted implements FrameHandler {
    private final ReplyMatcher matcher;
    private final LinkType linkType;
    private long sentNanos;
    private @Nullable Answer answer;

    Wanted(ReplyMatcher matcher, LinkType linkType) {
      this.matcher = matcher;
      this.linkType = linkType;
    }

    @Override
    public void onFrame(ReceivedFrame frame) {
      if (answer == null && matcher.matches(frame)) {
        answer =
            new Answer(
                Frame.of(linkType, frame.toByteArray()),
                frame.timestampNanos(),
                Math.max(0, frame.timestampNanos() - sentNanos));
      }
    }
  }
}
