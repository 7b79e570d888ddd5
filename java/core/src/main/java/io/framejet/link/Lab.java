package io.framejet.link;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.jni.Errno;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Two hosts on one cable, for tests and demos: two anonymous network namespaces joined by a veth
 * pair.
 *
 * <pre>
 *   near namespace                         far namespace
 *   v0  10.77.0.1/16  ------------------  v1  10.77.0.2/16
 * </pre>
 *
 * Both links and both {@code lo} are up and have their carrier. IPv6 is switched off, so that no
 * frame is on the links but those of the test, and counters are clean. No other namespace sees any
 * of it, and nothing of it is left after {@link #close}, nor after the process has ended, {@code
 * kill -9} included.
 *
 * <pre>{@code
 * try (Lab lab = Lab.builder().answering("10.77.0.0/16").open()) {
 *   Link link = lab.near(); // 65,534 hosts answer ARP on it
 * }
 * }</pre>
 *
 * <p>Takes {@code CAP_SYS_ADMIN} and {@code CAP_NET_ADMIN}. Safe for use by several threads.
 */
public final class Lab implements AutoCloseable {
  /** The sysctls that keep IPv6 off links present and to come. */
  private static final String[] IPV6_OFF = {
    "net/ipv6/conf/all/disable_ipv6", "net/ipv6/conf/default/disable_ipv6"
  };

  /**
   * The kernel reports the carrier of a veth pair within milliseconds; a loaded machine takes
   * longer.
   */
  private static final long CARRIER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long CARRIER_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final NetworkNamespace nearNamespace;
  private final NetworkNamespace farNamespace;
  private final Link near;
  private final Link far;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Lab(NetworkNamespace nearNamespace, NetworkNamespace farNamespace, Link near, Link far) {
    this.nearNamespace = nearNamespace;
    this.farNamespace = farNamespace;
    this.near = near;
    this.far = far;
  }

  /** The lab of the picture above, with two hosts only. */
  public static Lab open() throws FramejetException {
    return builder().open();
  }

  /** A lab made to measure. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The near link, where probes are injected: {@code v0}. A snapshot of when the lab was opened.
   */
  public Link near() {
    return near;
  }

  /**
   * The far link, where Linux or a test answers: {@code v1}. A snapshot of when the lab was opened.
   */
  public Link far() {
    return far;
  }

  /** The namespace of the near link. */
  public NetworkNamespace nearNamespace() {
    return nearNamespace;
  }

  /** The namespace of the far link. */
  public NetworkNamespace farNamespace() {
    return farNamespace;
  }

  /** Changes the near side. */
  public LinkEditor editNear() {
    return LinkEditor.of(nearNamespace);
  }

  /** Changes the far side. */
  public LinkEditor editFar() {
    return LinkEditor.of(farNamespace);
  }

  /**
   * Deletes the links at once, and gives up the namespaces, which end with the last socket or
   * thread in them. Does nothing the second time.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      dismantle(nearNamespace, farNamespace, near);
    }
  }

  private static void dismantle(
      @Nullable NetworkNamespace nearNamespace,
      @Nullable NetworkNamespace farNamespace,
      @Nullable Link near) {
    try {
      if (nearNamespace != null && near != null) {
        LinkEditor.of(nearNamespace).delete(near.index());
      }
    } catch (FramejetException e) {
      // Somebody has deleted it or closed its namespace; or else it ends with the namespaces,
      // below.
      return;
    } finally {
      if (nearNamespace != null) {
        nearNamespace.close();
      }
      if (farNamespace != null) {
        farNamespace.close();
      }
    }
  }

  /** What a lab is to be like. */
  public static final class Builder {
    private String nearName = "v0";
    private String farName = "v1";
    private String nearAddress = "10.77.0.1/16";
    private String farAddress = "10.77.0.2/16";
    private int mtu = 1500;
    private boolean ipv6;
    private boolean gro;
    private @Nullable String answering;

    private Builder() {}

    /** The names of the links; {@code v0} and {@code v1} unless set. */
    public Builder names(String near, String far) {
      nearName = near;
      farName = far;
      return this;
    }

    /**
     * The IPv4 or IPv6 addresses of the links; {@code 10.77.0.1/16} and {@code 10.77.0.2/16} unless
     * set.
     *
     * @throws IllegalArgumentException if one is no address with a prefix length
     */
    public Builder addresses(String near, String far) {
      Addresses.parsePrefix(near);
      Addresses.parsePrefix(far);
      nearAddress = near;
      farAddress = far;
      return this;
    }

    /** The MTU of both links in bytes; 1500 unless set. */
    public Builder mtu(int bytes) {
      mtu = bytes;
      return this;
    }

    /**
     * Whether IPv6 is on, with the frames that Linux then sends of its own accord; it is off unless
     * set.
     */
    public Builder ipv6(boolean on) {
      ipv6 = on;
      return this;
    }

    /**
     * Whether both links gather what they receive (generic receive offload), which is what lets
     * each take frames of an XDP program from the other; they do not unless set.
     */
    public Builder gro(boolean on) {
      gro = on;
      return this;
    }

    /**
     * Has Linux answer ARP and ICMP echo on the far link for every address of this prefix, but for
     * the near link's own, and for the broadcast address of the far link's prefix. It is told the
     * near link's MAC for good: Linux answers nobody for whom it finds no room in its neighbor
     * table, and that table, of 1,024 entries unless set otherwise, is one for all namespaces.
     *
     * @param prefix {@code 10.77.0.0/16}
     * @throws IllegalArgumentException if it is no prefix
     */
    public Builder answering(String prefix) {
      Addresses.parsePrefix(prefix);
      answering = prefix;
      return this;
    }

    /**
     * Builds it; what is half built is taken down again before an exception is thrown.
     *
     * @throws FramejetException {@link ErrorCode#PERMISSION_DENIED}; {@link
     *     ErrorCode#NOT_SUPPORTED} when the kernel has no {@code veth}
     */
    public Lab open() throws FramejetException {
      NetworkNamespace nearNamespace = null;
      NetworkNamespace farNamespace = null;
      Link near = null;
      boolean complete = false;
      try {
        nearNamespace = NetworkNamespace.anonymous();
        farNamespace = NetworkNamespace.anonymous();
        LinkEditor.of(nearNamespace).up("lo");
        LinkEditor.of(farNamespace).up("lo");
        LinkEditor.of(nearNamespace).addVeth(nearName, farName, farNamespace);
        near = Link.find(nearName, nearNamespace);
        configure(nearNamespace, nearName, nearAddress);
        configure(farNamespace, farName, farAddress);
        if (answering != null) {
          answer(LinkEditor.of(farNamespace), answering, near);
        }
        near = awaitCarrier(near);
        final Link far = awaitCarrier(Link.find(farName, farNamespace));
        if (gro) {
          // While both are up: else veth does not tell its peer.
          LinkEditor.of(nearNamespace).gro(nearName, true);
          LinkEditor.of(farNamespace).gro(farName, true);
        }
        complete = true;
        return new Lab(nearNamespace, farNamespace, near, far);
      } finally {
        if (!complete) {
          dismantle(nearNamespace, farNamespace, near);
        }
      }
    }

    /** While the link is down still: going up, IPv6 would send its first frames. */
    private static void switchOffIpv6(NetworkNamespace namespace, String name)
        throws FramejetException {
      try {
        for (String key : IPV6_OFF) {
          namespace.sysctl(key, "1");
        }
      } catch (FramejetException e) {
        if (e.errno() == Errno.EROFS) {
          // A container whose /proc/sys is mounted read-only: without an address it keeps silent as
          // well.
          LinkEditor.of(namespace).withoutLinkLocal(name);
        } else if (e.code() != ErrorCode.NOT_SUPPORTED) {
          throw e; // not: a kernel without IPv6, which has nothing to switch off
        }
      }
    }

    private void configure(NetworkNamespace namespace, String name, String address)
        throws FramejetException {
      if (!ipv6) {
        switchOffIpv6(namespace, name);
      }
      LinkEditor.of(namespace).mtu(name, mtu).addAddress(name, address).up(name);
    }

    private void answer(LinkEditor editor, String prefix, Link near) throws FramejetException {
      editor.addLocalRoute(prefix);
      final Addresses.Prefix sender = Addresses.parsePrefix(nearAddress);
      editor.setNeighbor(farName, Addresses.text(sender.address()), near.mac());
      if (Addresses.parsePrefix(prefix).contains(sender.address())) {
        // Else Linux takes the near address for its own too, and drops what comes from there.
        final int bits = Addresses.bits(sender.address());
        editor.addLocalTableRoute(farName, Addresses.text(sender.address()) + "/" + bits);
      }
    }

    private static Link awaitCarrier(Link link) throws FramejetException {
      final long start = System.nanoTime();
      try (LinkMonitor monitor = LinkMonitor.open(link)) {
        Link now = monitor.refresh();
        while (!now.hasCarrier()) {
          if (System.nanoTime() - start > CARRIER_PATIENCE_NANOS) {
            throw new FramejetException(
                ErrorCode.LINK_DOWN,
                "link " + link + " of the lab has no carrier",
                0,
                Faults.NETLINK,
                link.name(),
                null);
          }
          LockSupport.parkNanos(CARRIER_POLL_NANOS);
          now = monitor.refresh();
        }
        return now;
      }
    }
  }
}
