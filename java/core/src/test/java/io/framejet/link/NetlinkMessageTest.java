package io.framejet.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.framejet.ErrorCode;
import io.framejet.FramejetException;
import io.framejet.frame.MacAddress;
import io.framejet.jni.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Messages built, and hostile bytes read. No kernel is involved. */
class NetlinkMessageTest {
  private static final int SEQUENCE = 7;

  @Test
  void shouldBuildTheBytesThatTheHeadersDescribe() {
    assumeThat(ByteOrder.nativeOrder()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    final NetlinkRequest request =
        new NetlinkRequest(Rtnetlink.RTM_GETLINK, 0)
            .linkHeader(3, 0, 0)
            .attribute(Rtnetlink.IFLA_IFNAME, "v0")
            .attribute(Rtnetlink.IFLA_EXT_MASK, 8);
    assertThat(hex(bytes(request)))
        .isEqualTo(
            // length 48, RTM_GETLINK, NLM_F_REQUEST, sequence 7, port 0
            "30000000"
                + "1200"
                + "0100"
                + "07000000"
                + "00000000"
                // ifinfomsg: unspecified family, index 3, no flags, none to change
                + "00000000"
                + "03000000"
                + "00000000"
                + "00000000"
                // IFLA_IFNAME, 7 bytes and one of padding
                + "0700"
                + "0300"
                + "76300000"
                // IFLA_EXT_MASK
                + "0800"
                + "1d00"
                + "08000000");
  }

  @Test
  void shouldCountNestedAttributesIntoTheirParent() {
    assumeThat(ByteOrder.nativeOrder()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
    final NetlinkRequest request = new NetlinkRequest(Rtnetlink.RTM_NEWLINK, Rtnetlink.NLM_F_ACK);
    final int outer = request.linkHeader(0, 0, 0).begin(Rtnetlink.IFLA_LINKINFO);
    request.attribute(Rtnetlink.IFLA_INFO_KIND, "ifb").end(outer);
    final byte[] all = bytes(request);
    assertThat(hex(Arrays.copyOfRange(all, 32, all.length)))
        .isEqualTo("0c00" + "1200" + "0800" + "0100" + "69666200");
  }

  @Test
  void shouldReadALink() throws Exception {
    final NetlinkMessage message = answer(bytes(linkMessage())).get(0);
    final Link link = Link.of(namespace(), message);
    assertThat(link.index()).isEqualTo(3);
    assertThat(link.name()).isEqualTo("v0");
    assertThat(link.mtu()).isEqualTo(1500);
    assertThat(link.kind()).isEqualTo("veth");
    assertThat(link.mac()).isEqualTo(MacAddress.parse("02:00:00:00:00:01"));
    assertThat(link.isUp()).isTrue();
    assertThat(link.hasCarrier()).isFalse();
    assertThat(link.isPromiscuous()).isTrue();
    assertThat(link.hasEthernetHeader()).isFalse();
    final LinkCounters counters = LinkCounters.of(message);
    assertThat(counters)
        .isEqualTo(new LinkCounters(100, 101, 102, 103, 104, 105, 106, 107, 115, 0));
    assertThat(counters.minus(new LinkCounters(1, 2, 3, 4, 5, 6, 7, 8, 9, 0)))
        .isEqualTo(new LinkCounters(99, 99, 99, 99, 99, 99, 99, 99, 106, 0));
  }

  @Test
  void shouldReadAnAddressWithItsPeer() throws Exception {
    final LinkAddress address = LinkAddress.of(answer(bytes(addressMessage())).get(0), 3);
    assertThat(address).hasToString("10.0.0.1 peer 10.0.0.2/24");
    assertThat(address).isNotNull();
    assertThat(address.broadcast()).isEqualTo(Addresses.parse("10.0.0.255"));
    assertThat(address.contains(Addresses.parse("10.0.0.77"))).isTrue();
    assertThat(LinkAddress.of(answer(bytes(addressMessage())).get(0), 4)).isNull();
  }

  @Test
  void shouldReadARouteOfSeveralHops() throws Exception {
    final Link link = Link.of(namespace(), answer(bytes(linkMessage())).get(0));
    final List<Route> routes =
        Route.read(answer(bytes(routeMessage())).get(0), null, index -> index == 3 ? link : null);
    assertThat(routes).hasSize(2);
    assertThat(routes).extracting(Route::destination).containsOnly("10.0.0.0/8");
    assertThat(routes.get(0).gateway()).isEqualTo(Addresses.parse("10.0.0.1"));
    assertThat(routes.get(1).gateway()).isEqualTo(Addresses.parse("fe80::1"));
    assertThat(routes).extracting(Route::metric).containsOnly(0xffff_fff0L);
  }

  @Test
  void shouldNeverTakeATruncatedAnswerForAnything() {
    for (NetlinkRequest request : List.of(linkMessage(), addressMessage(), routeMessage())) {
      final byte[] whole = bytes(request);
      for (int length = 1; length < whole.length; length++) {
        final byte[] cut = Arrays.copyOf(whole, length);
        assertThatExceptionOfType(FramejetException.class)
            .as("length %d", length)
            .isThrownBy(() -> answer(cut))
            .matches(e -> e.code() == ErrorCode.SYSTEM_ERROR)
            .withMessageStartingWith("malformed rtnetlink answer: ");
      }
    }
  }

  @Test
  void shouldReadAnHonestHeaderOverATruncatedBodyWithoutHarm() {
    for (NetlinkRequest request : List.of(linkMessage(), addressMessage(), routeMessage())) {
      final byte[] whole = bytes(request);
      for (int length = Rtnetlink.NLMSG_HDRLEN; length < whole.length; length++) {
        final byte[] cut = Arrays.copyOf(whole, length);
        ByteBuffer.wrap(cut).order(ByteOrder.nativeOrder()).putInt(0, length);
        readAsAnything(cut);
      }
    }
  }

  @Test
  void shouldSurviveEveryLyingLength() {
    final short[] lies = {0, 1, 3, 4, 5, 8, 0x7fff, (short) 0x8000, -1};
    for (NetlinkRequest request : List.of(linkMessage(), addressMessage(), routeMessage())) {
      final byte[] whole = bytes(request);
      for (int offset = 0; offset + 2 <= whole.length; offset += 2) {
        for (short lie : lies) {
          final byte[] lying = whole.clone();
          ByteBuffer.wrap(lying).order(ByteOrder.nativeOrder()).putShort(offset, lie);
          readAsAnything(lying);
        }
      }
    }
  }

  @Test
  void shouldSurviveRandomDamage() {
    final Random random = new Random(42);
    for (int round = 0; round < 20_000; round++) {
      final NetlinkRequest request =
          switch (round % 3) {
            case 0 -> linkMessage();
            case 1 -> addressMessage();
            default -> routeMessage();
          };
      final byte[] bytes = bytes(request);
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      readAsAnything(bytes);
    }
  }

  @Test
  void shouldSkipAttributesItDoesNotKnow() throws Exception {
    final NetlinkRequest request =
        new NetlinkRequest(Rtnetlink.RTM_NEWLINK, 0)
            .linkHeader(3, 0, 0)
            .attribute(0x3ffe, new byte[5])
            .attribute(Rtnetlink.IFLA_IFNAME, "v0");
    assertThat(Link.of(namespace(), answer(bytes(request)).get(0)).name()).isEqualTo("v0");
  }

  @Test
  void shouldIgnoreAnswersToOtherRequests() throws Exception {
    final byte[] bytes = linkMessage().finish(SEQUENCE + 1);
    final Netlink.Answer answer =
        new Netlink.Answer(Arrays.copyOf(bytes, linkMessage().length()), 0, SEQUENCE);
    answer.read("test", null);
    assertThat(answer.messages()).isEmpty();
  }

  @Test
  void shouldPassOnTheKernelsOwnWords() {
    final ByteBuffer echoed = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
    echoed.putInt(-Errno.EINVAL).putInt(16);
    final byte[] error = errorMessage(echoed.array(), "Invalid prefix for given prefix length");
    assertThatExceptionOfType(FramejetException.class)
        .isThrownBy(
            () -> new Netlink.Answer(error, -Errno.EINVAL, SEQUENCE).read("add address", "v0"))
        .withMessageContaining("add address (Invalid prefix for given prefix length)")
        .matches(e -> e.errno() == Errno.EINVAL && "v0".equals(e.link()));
    for (int length = 0; length < error.length; length++) {
      final byte[] cut = Arrays.copyOf(error, length);
      assertThatExceptionOfType(FramejetException.class)
          .isThrownBy(() -> new Netlink.Answer(cut, -Errno.EINVAL, SEQUENCE).read("test", null));
    }
  }

  @Test
  void shouldReportAnAnswerThatCouldNotBeHeld() {
    assertThatExceptionOfType(FramejetException.class)
        .isThrownBy(() -> new Netlink.Answer(null, 0, SEQUENCE).read("list the links", null))
        .matches(e -> e.code() == ErrorCode.OUT_OF_MEMORY);
  }

  /** Reads bytes as each kind of message: a value or a FramejetException, and nothing else. */
  private static void readAsAnything(byte[] bytes) {
    try {
      for (NetlinkMessage message : answer(bytes)) {
        tolerate(() -> Link.of(namespace(), message));
        tolerate(() -> LinkCounters.of(message));
        tolerate(() -> LinkAddress.of(message, 3));
        tolerate(
            () ->
                Route.read(
                    message, null, i -> Link.of(namespace(), answer(bytes(linkMessage())).get(0))));
      }
    } catch (FramejetException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.SYSTEM_ERROR);
    }
  }

  private interface Reading {
    @Nullable Object read() throws FramejetException;
  }

  private static void tolerate(Reading reading) {
    try {
      assertThat(String.valueOf(reading.read())).isNotNull();
    } catch (FramejetException e) {
      assertThat(e).hasMessageStartingWith("malformed rtnetlink answer: ");
    }
  }

  private static NetlinkRequest linkMessage() {
    final NetlinkRequest request =
        new NetlinkRequest(Rtnetlink.RTM_NEWLINK, 0)
            .linkHeader(3, Rtnetlink.IFF_UP, 0)
            .attribute(Rtnetlink.IFLA_IFNAME, "v0")
            .attribute(Rtnetlink.IFLA_MTU, 1500)
            .attribute(Rtnetlink.IFLA_ADDRESS, new byte[] {2, 0, 0, 0, 0, 1})
            .attribute(Rtnetlink.IFLA_CARRIER, new byte[] {0})
            .attribute(Rtnetlink.IFLA_PROMISCUITY, 1);
    final int info = request.begin(Rtnetlink.IFLA_LINKINFO);
    request.attribute(Rtnetlink.IFLA_INFO_KIND, "veth").end(info);
    final ByteBuffer stats = ByteBuffer.allocate(25 * 8).order(ByteOrder.nativeOrder());
    for (int i = 0; i < 25; i++) {
      stats.putLong(100 + i);
    }
    return request.attribute(Rtnetlink.IFLA_STATS64, stats.array());
  }

  private static NetlinkRequest addressMessage() {
    return new NetlinkRequest(Rtnetlink.RTM_NEWADDR, 0)
        .addressHeader(Rtnetlink.AF_INET, 24, 3)
        .attribute(Rtnetlink.IFA_LOCAL, new byte[] {10, 0, 0, 1})
        .attribute(Rtnetlink.IFA_ADDRESS, new byte[] {10, 0, 0, 2})
        .attribute(Rtnetlink.IFA_BROADCAST, new byte[] {10, 0, 0, -1});
  }

  /** Two next hops; that of the second is an IPv6 router of an IPv4 route. */
  private static NetlinkRequest routeMessage() {
    final NetlinkRequest request =
        new NetlinkRequest(Rtnetlink.RTM_NEWROUTE, 0)
            .routeHeader(Rtnetlink.AF_INET, 8, Rtnetlink.RT_TABLE_MAIN, 0, Rtnetlink.RTN_UNICAST)
            .attribute(Rtnetlink.RTA_DST, new byte[] {10, 0, 0, 0})
            .attribute(Rtnetlink.RTA_PRIORITY, 0xffff_fff0);
    final ByteBuffer hops = ByteBuffer.allocate(16 + 32).order(ByteOrder.nativeOrder());
    hops.putShort((short) 16).putShort((short) 0).putInt(3);
    hops.putShort((short) 8).putShort((short) Rtnetlink.RTA_GATEWAY).put(new byte[] {10, 0, 0, 1});
    hops.putShort((short) 30).putShort((short) 0).putInt(3);
    hops.putShort((short) 22).putShort((short) Rtnetlink.RTA_VIA);
    hops.putShort((short) Rtnetlink.AF_INET6);
    hops.put(Addresses.parse("fe80::1").getAddress());
    return request.attribute(Rtnetlink.RTA_MULTIPATH, hops.array());
  }

  private static byte[] errorMessage(byte[] fixed, String text) {
    final ByteBuffer message = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
    message.putInt(0).putShort((short) Rtnetlink.NLMSG_ERROR);
    message.putShort((short) (Rtnetlink.NLM_F_ACK_TLVS | Rtnetlink.NLM_F_CAPPED));
    message.putInt(SEQUENCE).putInt(0).put(fixed);
    message.putShort((short) (4 + text.length())).putShort((short) Rtnetlink.NLMSGERR_ATTR_MSG);
    message.put(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    final int length = message.position();
    message.putInt(0, length);
    return Arrays.copyOf(message.array(), length);
  }

  private static List<NetlinkMessage> answer(byte[] bytes) throws FramejetException {
    return NetlinkMessage.split(bytes);
  }

  private static byte[] bytes(NetlinkRequest request) {
    return Arrays.copyOf(request.finish(SEQUENCE), request.length());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static NetworkNamespace namespace() throws FramejetException {
    return NetworkNamespace.current();
  }
}
