package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.demux.Demultiplexer;
import io.framejet.frame.Frame;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.SipHash;
import io.framejet.link.Lab;
import io.framejet.link.Link;
import io.framejet.receive.CaptureFilter;
import io.framejet.testing.Privileges;
import io.framejet.testing.Wait;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Linux's own stack answers the probes over IPv6. */
class Ipv6ProbeLabTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Ipv6Address NEAR = Ipv6Address.parse("2001:db8::1");
  private static final Ipv6Address FAR = Ipv6Address.parse("2001:db8::2");

  private final Reply reply = new Reply();
  private Lab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    Privileges.require();
    lab = Lab.builder().ipv6(true).addresses("2001:db8::1/64", "2001:db8::2/64").open();
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private void ask(Ipv6Address target, Duration timeout) throws FramejetException {
    final Probe probe = new NdpProbe(lab.near().mac(), NEAR);
    try (Demultiplexer demultiplexer =
        Demultiplexer.open(lab.near(), CaptureFilter.of(probe.filter()))) {
      demultiplexer.request(probe, 0, target.high(), target.low(), 0, reply, timeout);
    }
  }

  @Test
  void shouldFindTheMacOfANeighbor() throws FramejetException {
    ask(FAR, LONG);
    assertThat(answerer()).isEqualTo(FAR);
    assertThat(reply.mac()).isEqualTo(lab.far().mac().toLong());
    assertThat(reply.ethernetSource()).isEqualTo(lab.far().mac().toLong());
    assertThat(reply.state()).isEqualTo(ReplyState.UP);
    assertThat(reply.ttl()).isEqualTo(255);
    assertThat(reply.isRouter()).isFalse();
    lab.farNamespace().sysctl("net/ipv6/conf/all/forwarding", "1");
    ask(FAR, LONG);
    assertThat(reply.isRouter()).isTrue();
  }

  @Test
  void shouldFindNobodyAtAnotherAddress() {
    final FramejetException fault =
        catchThrowableOfType(
            FramejetException.class,
            () -> ask(Ipv6Address.parse("2001:db8::3"), Duration.ofMillis(100)));
    assertThat(fault.code()).isEqualTo(ErrorCode.TIMEOUT);
  }

  @Test
  void shouldHearAllNodesByTheirLinkLocalAddresses() throws FramejetException {
    // By default Linux makes them of the MAC; at first each side looks whether another node has its
    // own, and meanwhile is silent or answers from another address.
    final Ipv6Address near = Ipv6Address.linkLocal(lab.near().mac());
    final Ipv6Address far = Ipv6Address.linkLocal(lab.far().mac());
    assertThat(linkLocal(lab.near())).isEqualTo(near);
    Wait.until(() -> hears(near) && far.equals(answerer()), "all nodes' answer");
    assertThat(reply.mac()).isEqualTo(lab.far().mac().toLong());
    assertThat(hears(NEAR)).isTrue();
    assertThat(answerer()).isEqualTo(FAR);
  }

  private Ipv6Address answerer() {
    return Ipv6Address.of(reply.addressHigh(), reply.addressLow());
  }

  private static Ipv6Address linkLocal(Link link) throws FramejetException {
    return link.addresses().stream()
        .filter(each -> each.address() instanceof Inet6Address)
        .map(each -> Ipv6Address.fromInet((Inet6Address) each.address()))
        .filter(Ipv6Address::isLinkLocal)
        .findAny()
        .orElseThrow();
  }

  private boolean hears(Ipv6Address source) throws FramejetException {
    final Probe probe = new AllNodesProbe(lab.near().mac(), source, SipHash.random());
    final byte[] bytes = new byte[probe.template().length()];
    probe.template().apply(ByteBuffer.wrap(bytes), 0, 0);
    try (Demultiplexer demultiplexer =
        Demultiplexer.open(lab.near(), CaptureFilter.of(probe.filter()))) {
      demultiplexer.request(
          Frame.of(bytes),
          frame ->
              probe.read(frame.buffer(), frame.offset(), frame.length(), reply) == Verdict.REPLY,
          Duration.ofMillis(300));
      return true;
    } catch (FramejetException e) {
      if (e.code() == ErrorCode.TIMEOUT) {
        return false;
      }
      throw e;
    }
  }
}
