package io.framejet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.framejet.Backend;
import io.framejet.FramejetException;
import io.framejet.demux.Answer;
import io.framejet.demux.Demultiplexer;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.Ipv4;
import io.framejet.frame.LinkType;
import io.framejet.frame.MacAddress;
import io.framejet.frame.SipHash;
import io.framejet.inject.Injector;
import io.framejet.inject.InjectorOptions;
import io.framejet.receive.CaptureFilter;
import io.framejet.receive.ReceiverOptions;
import io.framejet.testing.Collector;
import io.framejet.testing.Command;
import io.framejet.testing.Threads;
import io.framejet.testing.VethLab;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Linux's own stack answers every probe, and every answer comes through the probe's filter. */
class ProbeLabTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final int NEAR = Ipv4.parse("10.77.0.1");
  private static final int FAR = Ipv4.parse("10.77.0.2");
  private static final int PROHIBITED = Ipv4.parse("10.99.0.7");
  private static final int UNREACHABLE = Ipv4.parse("10.98.0.7");

  private final SipHash key = SipHash.random();
  private final Reply reply = new Reply();
  private VethLab lab;

  @BeforeEach
  void openLab() throws FramejetException {
    lab = VethLab.open();
    // By default an error a second.
    lab.farNamespace().sysctl("net/ipv4/icmp_ratelimit", "0");
  }

  @AfterEach
  void closeLab() {
    if (lab != null) {
      lab.close();
    }
  }

  private void route() throws FramejetException {
    lab.farNamespace().sysctl("net/ipv4/ip_forward", "1");
    for (String[] route : new String[][] {{"prohibit", "10.99"}, {"unreachable", "10.98"}}) {
      Command.of("ip", "route", "add", route[0], route[1] + ".0.0/16")
          .in(lab.farNamespace())
          .succeed();
    }
  }

  private Probe icmp() {
    return new IcmpProbe(LinkType.ETHERNET, VethLab.NEAR_MAC, NEAR, key);
  }

  private Probe tcp() {
    return new TcpProbe(LinkType.ETHERNET, VethLab.NEAR_MAC, NEAR, key);
  }

  private Probe udp() {
    return new UdpProbe(LinkType.ETHERNET, VethLab.NEAR_MAC, NEAR, key);
  }

  private Frame shouldBe(ReplyState state, Probe probe, int target, int port)
      throws FramejetException {
    try (Demultiplexer demultiplexer =
        Demultiplexer.open(lab.near(), CaptureFilter.of(probe.filter()))) {
      final Answer answer =
          demultiplexer.request(
              probe, VethLab.FAR_MAC.toLong(), 0, target & 0xffff_ffffL, port, reply, LONG);
      assertThat(reply.state()).isEqualTo(state);
      assertThat(reply.address()).isEqualTo(target);
      assertThat(reply.port()).isEqualTo(port);
      assertThat((int) reply.fromLow()).isEqualTo(FAR);
      assertThat(reply.ttl()).isEqualTo(64);
      assertThat(reply.mac()).isEqualTo(VethLab.FAR_MAC.toLong());
      return answer.frame();
    }
  }

  @Test
  void shouldBeEchoed() throws FramejetException {
    shouldBe(ReplyState.UP, icmp(), FAR, 0);
  }

  /** A raw IP socket finds the MAC by itself, and puts the Ethernet header before the question. */
  @Test
  void shouldBeAnsweredWhenTheKernelRoutesTheQuestion() throws FramejetException {
    final MacAddress none = MacAddress.ZERO;
    shouldBeAnswered(new IcmpProbe(LinkType.IP, none, NEAR, key), icmp(), 0, ReplyState.UP);
    shouldBeAnswered(new TcpProbe(LinkType.IP, none, NEAR, key), tcp(), 443, ReplyState.CLOSED);
    shouldBeAnswered(new UdpProbe(LinkType.IP, none, NEAR, key), udp(), 53, ReplyState.CLOSED);
  }

  private void shouldBeAnswered(Probe asking, Probe listening, int port, ReplyState state)
      throws FramejetException {
    final FrameTemplate template = asking.template(port);
    final byte[] bytes = new byte[template.length()];
    template.apply(ByteBuffer.wrap(bytes), 0, 0, 0, FAR, port);
    final ReceiverOptions options =
        ReceiverOptions.defaults().withFilter(CaptureFilter.of(listening.filter()));
    try (Collector near = Collector.on(lab.near(), options);
        Injector injector =
            Injector.open(lab.near(), InjectorOptions.defaults().withBackend(Backend.RAWIP))) {
      assertThat(injector.send(Frame.of(LinkType.IP, bytes))).isTrue();
      final byte[] answer = near.await(1).get(0).bytes();
      assertThat(listening.read(ByteBuffer.wrap(answer), 0, answer.length, reply))
          .isEqualTo(Verdict.REPLY);
      assertThat(reply.state()).isEqualTo(state);
      assertThat(reply.port()).isEqualTo(port);
      // The same answer on a link without Ethernet headers.
      final byte[] packet = Arrays.copyOfRange(answer, 14, answer.length);
      assertThat(asking.read(ByteBuffer.wrap(packet), 0, packet.length, reply))
          .isEqualTo(Verdict.REPLY);
      assertThat(FilterMachine.accepts(asking.filter(), packet, false)).isTrue();
    }
  }

  @Test
  void shouldHearOfHostsThatCannotBeReached() throws FramejetException {
    route();
    // Linux sends a router's errors at one a second, after a burst of five.
    shouldBe(ReplyState.UNREACHABLE, icmp(), PROHIBITED, 0);
    shouldBe(ReplyState.FILTERED, tcp(), PROHIBITED, 443);
    shouldBe(ReplyState.FILTERED, udp(), PROHIBITED, 53);
    shouldBe(ReplyState.UNREACHABLE, icmp(), UNREACHABLE, 0);
    shouldBe(ReplyState.FILTERED, tcp(), UNREACHABLE, 443);
  }

  @Test
  void shouldFindTcpPortsOpenAndClosed() throws IOException {
    final int port;
    try (ServerSocket server =
        lab.farNamespace()
            .<ServerSocket, IOException>call(
                () -> {
                  final ServerSocket socket = new ServerSocket();
                  socket.bind(new InetSocketAddress("10.77.0.2", 0));
                  return socket;
                })) {
      port = server.getLocalPort();
      shouldBe(ReplyState.OPEN, tcp(), FAR, port);
    }
    shouldBe(ReplyState.CLOSED, tcp(), FAR, port);
  }

  @Test
  void shouldFindUdpPortsOpenAndClosed() throws IOException {
    for (int port : UdpPayload.ports()) {
      shouldBe(ReplyState.CLOSED, udp(), FAR, port);
    }
    final Threads.Task<Integer> echo;
    try (DatagramSocket server =
        lab.farNamespace()
            .<DatagramSocket, IOException>call(
                () -> new DatagramSocket(new InetSocketAddress("10.77.0.2", 4711)))) {
      echo = Threads.start("udp echo", () -> echo(server));
      final Frame answer = shouldBe(ReplyState.OPEN, udp(), FAR, 4711);
      assertThat(answer.toByteBuffer().getLong(42))
          .isEqualTo(key.cookie(0, FAR & 0xffff_ffffL, 4711));
    }
    assertThat(echo.get()).isEqualTo(1);
    shouldBe(ReplyState.CLOSED, udp(), FAR, 4711);
  }

  private static int echo(DatagramSocket server) throws IOException {
    int echoed = 0;
    while (true) {
      final DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
      try {
        server.receive(packet);
      } catch (SocketException closed) {
        return echoed;
      }
      server.send(packet);
      echoed++;
    }
  }
}
