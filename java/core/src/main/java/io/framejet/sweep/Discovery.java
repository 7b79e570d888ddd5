package io.framejet.sweep;

import io.framejet.FramejetException;
import io.framejet.demux.ReplyDemultiplexer;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.link.Link;
import io.framejet.probe.AllNodesProbe;
import io.framejet.probe.Reply;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.Receiver;
import io.framejet.receive.ReceiverOptions;
import io.framejet.target.Ipv6TargetSet;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which IPv6 addresses of a link are worth asking: a subnet of IPv6 is too large to be
 * swept. All nodes of the link are asked for an echo at once (ff02::1, RFC 4291), and whoever
 * answers is a target; so are the addresses that known MACs would have (modified EUI-64). A {@link
 * Sweep#ndp} of them then tells who is really there.
 *
 * <p>Whoever does not answer to groups, as some systems do not, is found by a guess or not at all.
 * Answers from addresses that are in no subnet of the link are left out: anybody can send them, and
 * NDP has no question for them.
 *
 * <p>Not thread-safe, but for {@link #cancel()}.
 */
public final class Discovery {
  /** Most addresses that are taken: somebody who answers for more floods. */
  private static final int MOST = 1 << 16;

  private static final int POLL_LIMIT = 4096;

  private final Link link;
  private final Set<Ipv6Address> found = new HashSet<>();
  private final Cancellation cancellation = new Cancellation();
  private Duration waitTime = Duration.ofMillis(500);
  private int retries = 2;
  private long requests;
  private boolean full;
  private @Nullable Ipv6Link addresses;

  private Discovery(Link link) {
    this.link = link;
  }

  /** A discovery of who is on {@code link}. */
  public static Discovery on(Link link) {
    return new Discovery(link);
  }

  /** How long nodes may take to answer each question; 500 ms unless set. */
  public Discovery waitTime(Duration value) {
    waitTime = value;
    return this;
  }

  /** How many times to ask again: 0 or more; 2 unless set. */
  public Discovery retries(int value) {
    if (value < 0) {
      throw new IllegalArgumentException("retries=" + value);
    }
    retries = value;
    return this;
  }

  /** Adds the link-local addresses that these MACs would have. */
  public Discovery guess(Collection<MacAddress> macs) {
    for (MacAddress mac : macs) {
      take(Ipv6Address.linkLocal(mac));
    }
    return this;
  }

  /**
   * Asks, and waits for each answer its time.
   *
   * @return whom to ask: those who answered, those guessed, and the link's own link-local address
   * @throws FramejetException PERMISSION_DENIED, LINK_DOWN, LINK_GONE, NOT_SUPPORTED
   */
  public Ipv6TargetSet run() throws FramejetException {
    final Ipv6Link known = Ipv6Link.of(link);
    addresses = known;
    final AllNodesProbe probe = new AllNodesProbe(link.mac(), known.source(), SipHash.random());
    known.own().stream().filter(Ipv6Address::isLinkLocal).forEach(this::take);
    try (Receiver receiver =
            Receiver.open(
                link, ReceiverOptions.defaults().withFilter(CaptureFilter.of(probe.filter())));
        Injector injector = Injector.open(link, InjectorOptions.defaults().withBatch(1))) {
      cancellation.wakes(receiver);
      final ReplyDemultiplexer replies = new ReplyDemultiplexer(probe, this::onReply);
      for (int i = 0; i <= retries && !cancellation.isCancelled(); i++) {
        ask(probe, injector);
        listen(receiver, replies);
      }
    }
    return targets();
  }

  private void ask(AllNodesProbe probe, Injector injector) throws FramejetException {
    final FrameBatch batch = injector.newBatch();
    probe.template().addTo(batch, 0, 0, 0, 0);
    requests += injector.send(batch);
  }

  private void listen(Receiver receiver, ReplyDemultiplexer replies) throws FramejetException {
    final long deadline = System.nanoTime() + waitTime.toNanos();
    while (!cancellation.isCancelled()) {
      receiver.poll(replies, POLL_LIMIT);
      final long left = deadline - System.nanoTime();
      if (left <= 0) {
        return;
      }
      receiver.await(left);
    }
  }

  private void onReply(Reply reply, long timestampNanos) {
    final Ipv6Link known = addresses;
    if (known != null && known.isOnLink(reply.addressHigh(), reply.addressLow())) {
      take(Ipv6Address.of(reply.addressHigh(), reply.addressLow()));
    }
  }

  private void take(Ipv6Address address) {
    if (found.size() < MOST) {
      found.add(address);
    } else {
      full = true;
    }
  }

  private Ipv6TargetSet targets() {
    final Ipv6TargetSet.Builder targets = Ipv6TargetSet.builder();
    for (Ipv6Address address : found) {
      targets.add(
          new Ipv6TargetSet.Range(address.high(), address.low(), address.high(), address.low()));
    }
    return targets.build();
  }

  /** How many questions the kernel took. */
  public long requests() {
    return requests;
  }

  /** Whether more addresses answered than are taken. */
  public boolean isFull() {
    return full;
  }

  /** Makes {@link #run()} return soon. Any thread. */
  public void cancel() {
    cancellation.cancel();
  }
}
