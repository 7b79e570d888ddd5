package io.framejet.testing;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.frame.ArpOperation;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.link.Link;
import io.framejet.receive.ReceivedFrame;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hosts made in Java: answers the ARP requests that arrive at a link, on a thread of its own, as a
 * function says.
 */
public final class FarSide implements AutoCloseable {
  private final Receiver receiver;
  private final Injector injector;
  private final Answers answers;
  private final EthernetHeader ethernet = new EthernetHeader();
  private final ArpPacket arp = new ArpPacket();
  private final Map<Integer, Integer> asked = new HashMap<>();
  private final Queue<Frame> ready = new ArrayDeque<>();
  private final PriorityQueue<Later> later = new PriorityQueue<>();
  private final Threads.Task<Long> task;
  private volatile boolean ended;
  private final AtomicLong requests = new AtomicLong();

  private FarSide(Receiver receiver, Injector injector, Answers answers) {
    this.receiver = receiver;
    this.injector = injector;
    this.answers = answers;
    this.task = Threads.start("far side", this::serve);
  }

  /** What hosts do when they are asked. */
  @FunctionalInterface
  public interface Answers {
    /** Called for each request. */
    void answer(Request request, FarSide side);
  }

  /**
   * An ARP request.
   *
   * @param address whom it asks for
   * @param time which request for that address it is, 1 being the first
   * @param fromMac who asks
   * @param fromAddress who asks
   */
  public record Request(int address, int time, MacAddress fromMac, int fromAddress) {
    /** The answer that the host itself would give. */
    public Frame reply() {
      return reply(macOf(address));
    }

    /** An answer that gives this MAC. */
    public Frame reply(MacAddress mac) {
      return Frame.ethernet(mac, fromMac).arpReply(mac, address, fromMac, fromAddress).build();
    }
  }

  private record Later(long due, Frame frame) implements Comparable<Later> {
    @Override
    public int compareTo(Later other) {
      return Long.compare(due, other.due);
    }
  }

  /** The MAC of the made-up host at {@code address}. */
  public static MacAddress macOf(int address) {
    return MacAddress.of(0x0200_0000_0000L | (address & 0xffff_ffffL));
  }

  /** Begins to answer at {@code link}. */
  public static FarSide on(Link link, Answers answers) throws FramejetException {
    Receiver receiver = Receiver.open(link, ReceiverOptions.defaults());
    try {
      // Not the ring: a receiver at the other end may still read a frame when its slot is written
      // anew.
      Injector injector =
          Injector.open(link, InjectorOptions.defaults().withBackend(Backend.SOCKET));
      return new FarSide(receiver, injector, answers);
    } catch (FramejetException | RuntimeException | Error e) {
      receiver.close();
      throw e;
    }
  }

  /** Sends a frame. For {@link Answers}, on their thread. */
  public void send(Frame frame) {
    ready.add(frame);
  }

  /** Sends a frame some time from now. For {@link Answers}, on their thread. */
  public void send(Frame frame, Duration delay) {
    later.add(new Later(System.nanoTime() + delay.toNanos(), frame));
  }

  /** How many requests came so far. */
  public long requests() {
    return requests.get();
  }

  private long serve() throws FramejetException {
    FrameBatch batch = injector.newBatch();
    while (!ended) {
      receiver.poll(this::take, 1024);
      while (!later.isEmpty() && later.element().due() - System.nanoTime() <= 0) {
        ready.add(later.remove().frame());
      }
      while (!ready.isEmpty() || !batch.isEmpty()) {
        while (!ready.isEmpty() && ready.element().addTo(batch)) {
          ready.remove();
        }
        injector.send(batch);
      }
      receiver.await(later.isEmpty() ? 10_000_000 : 200_000);
    }
    return requests.get();
  }

  private void take(ReceivedFrame frame) {
    ethernet.wrap(frame.buffer(), frame.offset(), frame.length());
    if (!ethernet.isValid() || ethernet.etherType() != EtherType.ARP) {
      return;
    }
    arp.wrap(ethernet);
    if (!arp.isValid() || arp.operation() != ArpOperation.REQUEST) {
      return;
    }
    requests.incrementAndGet();
    int time = asked.merge(arp.targetIp(), 1, Integer::sum);
    answers.answer(
        new Request(arp.targetIp(), time, MacAddress.of(arp.senderMac()), arp.senderIp()), this);
  }

  @Override
  public void close() {
    ended = true;
    receiver.wakeup();
    try {
      task.get();
    } finally {
      receiver.close();
      injector.close();
    }
  }
}
