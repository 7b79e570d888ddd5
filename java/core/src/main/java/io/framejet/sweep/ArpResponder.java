package io.framejet.sweep;

import io.framejet.Backend;
import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.ArpOperation;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.MacAddress;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.link.Link;
import io.framejet.probe.ArpProbe;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.ReceivedFrame;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Answers ARP requests for an address that a sweep uses and the kernel does not own: the hosts that
 * are asked would otherwise not know where to answer. On a thread of its own, with sockets of its
 * own, from before the first probe until after the last answer.
 */
final class ArpResponder implements AutoCloseable {
  private static final int POLL_LIMIT = 256;
  private static final int RING_BYTES = 1 << 20;
  private static final long WAIT_NANOS = 50_000_000;
  private static final long LINK_DOWN_PAUSE_NANOS = 5_000_000;

  private final MacAddress mac;
  private final int address;
  private final Receiver receiver;
  private final Injector injector;
  private final @Nullable FrameLog log;
  private final EthernetHeader ethernet = new EthernetHeader();
  private final ArpPacket arp = new ArpPacket();
  private final Thread thread;
  private volatile boolean ended;
  private @Nullable FramejetException fault; // of the thread

  private ArpResponder(
      Link link,
      int address,
      Receiver receiver,
      Injector injector,
      @Nullable FrameLog log,
      ThreadFactory threads) {
    this.mac = link.mac();
    this.address = address;
    this.receiver = receiver;
    this.injector = injector;
    this.log = log;
    this.thread = threads.newThread(this::serve);
    thread.setName("ARP responder");
    thread.setDaemon(true);
  }

  /** Begins to answer for {@code address} with the link's own MAC. */
  static ArpResponder open(Link link, int address, @Nullable FrameLog log)
      throws FramejetException {
    return open(link, address, log, Thread::new);
  }

  /** The same on a thread of these. */
  static ArpResponder open(Link link, int address, @Nullable FrameLog log, ThreadFactory threads)
      throws FramejetException {
    Receiver receiver =
        Receiver.open(
            link,
            ReceiverOptions.defaults()
                .withBackend(Backend.SOCKET)
                .withFilter(CaptureFilter.of(new ArpProbe(link.mac(), 0).filter()))
                .withRingBytes(RING_BYTES));
    try {
      Injector injector =
          Injector.open(
              link,
              InjectorOptions.defaults().withBackend(Backend.SOCKET).withBatch(1).withSlots(16));
      try {
        ArpResponder responder = new ArpResponder(link, address, receiver, injector, log, threads);
        responder.thread.start();
        return responder;
      } catch (RuntimeException | Error e) {
        injector.close();
        throw e;
      }
    } catch (FramejetException | RuntimeException | Error e) {
      receiver.close();
      throw e;
    }
  }

  private void serve() {
    while (!ended) {
      try {
        receiver.poll(this::take, POLL_LIMIT);
        FramejetException failed = fault;
        fault = null;
        if (failed != null) {
          throw failed;
        }
        receiver.await(WAIT_NANOS);
      } catch (FramejetException e) {
        if (e.code() != ErrorCode.LINK_DOWN) {
          return; // closed or gone; the sweep itself says so
        }
        LockSupport.parkNanos(LINK_DOWN_PAUSE_NANOS);
      }
    }
  }

  private void take(ReceivedFrame frame) {
    ethernet.wrap(frame.buffer(), frame.offset(), frame.length());
    if (!ethernet.isValid()) {
      return;
    }
    arp.wrap(ethernet);
    if (!arp.isValid()
        || arp.operation() != ArpOperation.REQUEST
        || arp.targetIp() != address
        || !MacAddress.isUnicast(arp.senderMac())) {
      return;
    }
    if (log != null) {
      log.received(frame);
    }
    answer(MacAddress.of(arp.senderMac()), arp.senderIp());
  }

  private void answer(MacAddress asker, int askerAddress) {
    Frame reply = Frame.ethernet(mac, asker).arpReply(mac, address, asker, askerAddress).build();
    try {
      if (injector.send(reply) && log != null) {
        log.sent(reply, injector.sendStartedNanos());
      }
    } catch (FramejetException e) {
      fault = e;
    }
  }

  /** How many answers the kernel took. */
  long answers() {
    return injector.statistics().frames();
  }

  /** Ends it, and waits for that: no frame is sent afterwards. */
  @Override
  public void close() {
    ended = true;
    receiver.wakeup();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    receiver.close();
    injector.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
