package io.framejet.testing;

import io.framejet.FramejetException;
import io.framejet.link.Link;
import io.framejet.link.LinkEditor;
import io.framejet.link.NetworkNamespace;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Two anonymous namespaces joined by links without a link header: {@code t0} (10.99.0.1/24) and
 * {@code t1} (10.99.0.2/24), tun links that a small program relays between. Both ends are Linux's
 * own stack. IPv6 is off unless {@link #withIpv6} was called.
 */
public final class TunLab implements AutoCloseable {
  /** The link that tests send from. */
  public static final String NEAR = "t0";

  /** Its peer. */
  public static final String FAR = "t1";

  private final NetworkNamespace near;
  private final NetworkNamespace far;
  private Running relay;

  private TunLab(NetworkNamespace near, NetworkNamespace far) throws FramejetException {
    this.near = near;
    this.far = far;
    this.relay = startRelay();
  }

  /** A lab with both links up and running. */
  public static TunLab open() throws FramejetException {
    Privileges.require();
    NetworkNamespace near = NetworkNamespace.anonymous();
    NetworkNamespace far = NetworkNamespace.anonymous();
    for (NetworkNamespace each : new NetworkNamespace[] {near, far}) {
      each.sysctl("net/ipv6/conf/default/disable_ipv6", "1");
      LinkEditor.of(each).up("lo");
    }
    TunLab lab = new TunLab(near, far);
    lab.configure();
    return lab;
  }

  private Running startRelay() throws FramejetException {
    Running running =
        Command.of("/usr/bin/python3", script(), near.externalPath(), NEAR, far.externalPath(), FAR)
            .start();
    running.awaitText("joined");
    return running;
  }

  private static String script() {
    try {
      return Path.of(Objects.requireNonNull(TunLab.class.getResource("/tun/relay.py")).toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private void configure() throws FramejetException {
    configure(near, NEAR, "10.99.0.1/24");
    configure(far, FAR, "10.99.0.2/24");
    // The carrier is told before the queue works: until then the noop qdisc swallows what is sent.
    Wait.until(
        () -> near().hasCarrier() && far().hasCarrier() && hasQueue(near) && hasQueue(far),
        "the tun links to pass packets");
  }

  private static boolean hasQueue(NetworkNamespace namespace) throws FramejetException {
    return !Command.of("ip", "-o", "link", "show").in(namespace).succeed().contains("qdisc noop ");
  }

  private static void configure(NetworkNamespace namespace, String name, String address)
      throws FramejetException {
    // A queue that the relay can be a little slow to empty.
    Command.of("ip", "link", "set", name, "txqueuelen", "50000").in(namespace).succeed();
    LinkEditor.of(namespace).addAddress(name, address).up(name);
  }

  /** Switches IPv6 on, with fd00:99::1/64 and ::2, and the noise that comes with it. */
  public TunLab withIpv6() throws FramejetException {
    near.sysctl("net/ipv6/conf/" + NEAR + "/disable_ipv6", "0");
    far.sysctl("net/ipv6/conf/" + FAR + "/disable_ipv6", "0");
    LinkEditor.of(near).addAddress(NEAR, "fd00:99::1/64");
    LinkEditor.of(far).addAddress(FAR, "fd00:99::2/64");
    return this;
  }

  /** Deletes both links and makes new ones of the same names. */
  public void replaceLinks() throws FramejetException {
    relay.close();
    Wait.until(
        () -> Link.all(near).size() == 1 && Link.all(far).size() == 1, "the tun links to go");
    relay = startRelay();
    configure();
  }

  /** The link that tests send from, as it is now. */
  public Link near() throws FramejetException {
    return Link.find(NEAR, near);
  }

  /** Its peer, as it is now. */
  public Link far() throws FramejetException {
    return Link.find(FAR, far);
  }

  /** The namespace of {@link #near}. */
  public NetworkNamespace nearNamespace() {
    return near;
  }

  /** The namespace of {@link #far}. */
  public NetworkNamespace farNamespace() {
    return far;
  }

  @Override
  public void close() {
    relay.close();
    near.close();
    far.close();
  }
}
