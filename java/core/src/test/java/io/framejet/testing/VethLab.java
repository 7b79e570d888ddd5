package io.framejet.testing;

import io.framejet.FramejetException;
import io.framejet.frame.MacAddress;
import io.framejet.link.Lab;
import io.framejet.link.Link;
import io.framejet.link.LinkCounters;
import io.framejet.link.LinkEditor;
import io.framejet.link.NetworkNamespace;

/**
 * Two anonymous namespaces joined by a veth pair: {@code v0} (10.77.0.1/16) and {@code v1}
 * (10.77.0.2/16). Nothing but the tests sends there: IPv6 is off. For order see {@link
 * Threads#pinned}.
 */
public final class VethLab implements AutoCloseable {
  /** The link that tests send from. */
  public static final String NEAR = "v0";

  /** Its peer. */
  public static final String FAR = "v1";

  /** The MAC of {@link #NEAR}. */
  public static final MacAddress NEAR_MAC = MacAddress.parse("02:00:00:00:00:01");

  /** The MAC of {@link #FAR}. */
  public static final MacAddress FAR_MAC = MacAddress.parse("02:00:00:00:00:02");

  private final Lab lab;
  private final boolean gro;

  private VethLab(Lab lab, boolean gro) {
    this.lab = lab;
    this.gro = gro;
  }

  /** A lab with both links up and running. */
  public static VethLab open() throws FramejetException {
    return open(Lab.builder());
  }

  /**
   * A lab whose far side answers ARP for all of 10.77.0.0/16 but the near address, as Linux does.
   */
  public static VethLab answering() throws FramejetException {
    return answering("10.77.0.0/16");
  }

  /** A lab whose far side answers ARP for a prefix, as Linux does. */
  public static VethLab answering(String prefix) throws FramejetException {
    VethLab lab = open(Lab.builder().answering(prefix));
    try {
      lab.farEditor().setNeighbor(FAR, "10.77.0.1", NEAR_MAC);
      return lab;
    } catch (FramejetException | RuntimeException | Error e) {
      lab.close();
      throw e;
    }
  }

  /** A lab whose far side does not answer by itself: a {@link FarSide} does. */
  public static VethLab silent() throws FramejetException {
    VethLab lab = open();
    try {
      lab.farNamespace().sysctl("net/ipv4/conf/all/arp_ignore", "8");
      return lab;
    } catch (FramejetException | RuntimeException | Error e) {
      lab.close();
      throw e;
    }
  }

  /** A lab whose links take frames of an XDP program from each other. */
  public static VethLab takingXdpFrames() throws FramejetException {
    return open(Lab.builder().gro(true), true);
  }

  /** A lab as {@code builder} makes it. */
  public static VethLab open(Lab.Builder builder) throws FramejetException {
    return open(builder, false);
  }

  private static VethLab open(Lab.Builder builder, boolean gro) throws FramejetException {
    Privileges.require();
    VethLab lab = new VethLab(builder.open(), gro);
    try {
      lab.nearEditor().mac(NEAR, NEAR_MAC);
      lab.farEditor().mac(FAR, FAR_MAC);
      lab.awaitCarrier();
      return lab;
    } catch (FramejetException | RuntimeException | Error e) {
      lab.close();
      throw e;
    }
  }

  /** Joins the namespaces by a new veth pair and waits for its carrier. */
  public void addPair() throws FramejetException {
    nearEditor().addVeth(NEAR, FAR, farNamespace()).mac(NEAR, NEAR_MAC);
    farEditor().mac(FAR, FAR_MAC).up(FAR);
    nearEditor().up(NEAR);
    awaitCarrier();
    if (gro) {
      nearEditor().gro(NEAR, true);
      farEditor().gro(FAR, true);
    }
  }

  /** Waits until frames can pass, both ways. */
  public void awaitCarrier() {
    Wait.until(() -> isRunning(near()) && isRunning(far()), "the carrier of the veth pair");
  }

  /**
   * IFF_RUNNING: the kernel has finished bringing the link up, its queueing discipline included.
   */
  private static boolean isRunning(Link link) {
    return link.isUp() && link.hasCarrier() && (link.flags() & 0x40) != 0;
  }

  /** The link that tests send from, as it is now. */
  public Link near() throws FramejetException {
    return Link.find(NEAR, nearNamespace());
  }

  /** Its peer, as it is now. */
  public Link far() throws FramejetException {
    return Link.find(FAR, farNamespace());
  }

  /** The namespace of {@link #near}. */
  public NetworkNamespace nearNamespace() {
    return lab.nearNamespace();
  }

  /** The namespace of {@link #far}. */
  public NetworkNamespace farNamespace() {
    return lab.farNamespace();
  }

  /** Changes links of the near side. */
  public LinkEditor nearEditor() {
    return lab.editNear();
  }

  /** Changes links of the far side. */
  public LinkEditor farEditor() {
    return lab.editFar();
  }

  /** What the near link has counted. */
  public LinkCounters nearCounters() throws FramejetException {
    return near().counters();
  }

  /** What the far link has counted. */
  public LinkCounters farCounters() throws FramejetException {
    return far().counters();
  }

  @Override
  public void close() {
    lab.close();
  }
}
