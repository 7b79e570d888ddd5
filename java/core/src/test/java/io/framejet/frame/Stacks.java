package io.framejet.frame;

import java.util.List;

/** One frame of every kind that can be built, for tests over all layers. */
final class Stacks {
  static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  static final MacAddress PEER = MacAddress.parse("02:00:00:00:00:02");
  static final int A = Ipv4.parse("192.0.2.1");
  static final int B = Ipv4.parse("192.0.2.2");
  static final Ipv6Address A6 = Ipv6Address.parse("2001:db8::1");
  static final Ipv6Address B6 = Ipv6Address.parse("2001:db8::2");
  static final Ipv6Address C6 = Ipv6Address.parse("2001:db8::3");
  static final byte[] DATA = counted(37);

  private Stacks() {}

  static byte[] counted(int length) {
    final byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static LinkBuilder ethernet() {
    return Frame.ethernet(MAC, PEER);
  }

  private static Ipv4Builder ipv4() {
    return ethernet().ipv4(A, B);
  }

  private static Ipv6Builder ipv6() {
    return ethernet().ipv6(A6, B6);
  }

  /** In the order of {@code stacks.py}. */
  static List<Frame> ethernetFrames() {
    final byte[] cause = Frame.ipv4(A, B).udp(1000, 53).payload(DATA).build().toByteArray();
    final byte[] cause6 = Frame.ipv6(A6, B6).udp(1000, 53).payload(DATA).build().toByteArray();
    return List.of(
        ethernet().vlan(7).priority(5).ipv4(A, B).udp(1000, 53).payload(DATA).build(),
        ethernet().serviceVlan(100).vlan(7).arpRequest(MAC, A, B).build(),
        ethernet().snap().ipv4(A, B).udp(1000, 53).payload(DATA).build(),
        ethernet().llc(0x42, 0x42, spanningTree()).build(),
        ipv4().ttl(30).dscp(46).ecn(1).dontFragment().udp(1000, 53).payload(DATA).build(),
        ipv4()
            .options(new byte[] {(byte) Options.ROUTER_ALERT, 4, 0, 0})
            .payload(2, Frame.ofHex("160009fae0000005").toByteArray())
            .build(),
        ipv4().moreFragments().payload(253, counted(64)).build(),
        ipv4().fragmentOffset(64).payload(253, counted(64)).build(),
        ipv4().echoRequest(0x1234, 7).payload(DATA).build(),
        ipv4().echoReply(0x1234, 7).payload(DATA).build(),
        ipv4().unreachable(Icmp4Message.PORT_UNREACHABLE).payload(cause).build(),
        ipv4().timeExceeded(0).payload(cause).build(),
        ipv4().timestampRequest(1, 2, 1000).build(),
        ipv4()
            .tcp(1000, 80)
            .sequence(0x89ab_cdefL)
            .syn()
            .maxSegmentSize(1460)
            .sackPermitted()
            .timestamps(1, 0)
            .noOperation()
            .windowScale(7)
            .build(),
        ipv4()
            .tcp(80, 1000)
            .sequence(1)
            .acknowledgment(0x89ab_cdf0L)
            .psh()
            .ack()
            .window(512)
            .payload(DATA)
            .build(),
        ipv6()
            .trafficClass(0xb8)
            .flowLabel(0x12345)
            .hopLimit(9)
            .udp(1000, 53)
            .payload(DATA)
            .build(),
        ipv6().tcp(1000, 80).sequence(5).syn().maxSegmentSize(1440).build(),
        ipv6()
            .hopByHop(new byte[] {Options.IPV6_ROUTER_ALERT, 2, 0, 0})
            .echoRequest(0x1234, 7)
            .payload(DATA)
            .build(),
        ipv6().echoReply(0x1234, 7).payload(DATA).build(),
        ipv6().routing(Ipv6Extension.SOURCE_ROUTE, 1, C6).udp(1000, 53).payload(DATA).build(),
        ipv6().fragment(0xdead_beefL, 64, false).payload(IpProtocol.UDP, DATA).build(),
        ipv6().destinationOptions(new byte[0]).udp(1000, 53).payload(DATA).build(),
        ipv6().unreachable(Icmp6Message.PORT_UNREACHABLE).payload(cause6).build(),
        ipv6().routerSolicitation().sourceLinkAddress(MAC).build(),
        ipv6()
            .routerAdvertisement(64, 1800)
            .reachableTime(30_000)
            .retransmissionTimer(1000)
            .sourceLinkAddress(MAC)
            .mtu(1500)
            .prefix(Ipv6Address.parse("2001:db8::"), 64, 86_400, 14_400)
            .build(),
        ipv6().neighborSolicitation(B6).sourceLinkAddress(MAC).build(),
        ipv6().neighborAdvertisement(A6).targetLinkAddress(MAC).build(),
        ethernet().rarpRequest(MAC, PEER).build(),
        ethernet().rarpReply(MAC, A, PEER, B).build(),
        ethernet().vlan(1).vlan(2).vlan(4095).dropEligible().payload(0x88b5, DATA).build(),
        ethernet().vlan(9).llc(0x42, 0x42, spanningTree()).build(),
        ethernet().snap(0x0a0b0c).protocol(0x1234).payload(0x1234, DATA).build(),
        ipv4()
            .options(new byte[] {1, 7, 7, 4, 0, 0, 0, 0})
            .options(new byte[] {68, 8, 5, 0, 0, 0, 0, 0})
            .udp(1000, 53)
            .payload(DATA)
            .build(),
        ipv4().timestampReply(1, 2, 1000, 2000, 0xffff_ffffL).build(),
        ipv4()
            .unreachable(Icmp4Message.FRAGMENTATION_NEEDED)
            .nextHopMtu(1280)
            .payload(cause)
            .build(),
        ipv4().icmp(Icmp4Message.REDIRECT, 1, A).payload(cause).build(),
        ipv4().icmp(Icmp4Message.PARAMETER_PROBLEM, 0, 20 << 24).payload(cause).build(),
        ipv4()
            .tcp(2000, 1000)
            .flags(0xf8)
            .sequence(1)
            .urgentPointer(3)
            .noOperation()
            .noOperation()
            .option(Options.SACK, new byte[] {0, 0, 0, 5, 0, 0, 0, 9})
            .payload(DATA)
            .build(),
        ipv4().ipv4(B, A).udp(1000, 53).payload(DATA).build(),
        ipv4().ipv6(A6, B6).udp(1000, 53).payload(DATA).build(),
        ipv6().echoRequest(0x1234, 7).payload(DATA).build(),
        ipv6().timeExceeded(0).payload(cause6).build(),
        ipv6().icmp(Icmp6Message.PACKET_TOO_BIG, 0, 1280).payload(cause6).build(),
        ipv6().icmp(Icmp6Message.PARAMETER_PROBLEM, 1, 40).payload(cause6).build(),
        ipv6()
            .hopByHop(new byte[0])
            .destinationOptions(new byte[] {Options.PADN, 4, 0, 0, 0, 0})
            .routing(Ipv6Extension.SEGMENT_ROUTING, 1, C6, B6)
            .fragment(7, 0, true)
            .payload(253, DATA)
            .build(),
        ipv6()
            .routing(Ipv6Extension.SEGMENT_ROUTING, 1, C6, B6)
            .udp(1000, 53)
            .payload(DATA)
            .build(),
        ipv6().ipv4(A, B).echoRequest(1, 2).payload(DATA).build(),
        ipv6().payload(IpProtocol.NO_NEXT_HEADER, new byte[0]).build());
  }

  /** In the order of {@code stacks.py}, after the others. */
  static List<Frame> ipFrames() {
    return List.of(
        Frame.ipv4(A, B).echoRequest(1, 2).build(),
        Frame.ipv6(A6, B6).udp(1, 2).payload(new byte[] {'x'}).build());
  }

  private static byte[] spanningTree() {
    // As scapy's STP() has it: 35 bytes, age 1 s, maximum age 20 s, hello 2 s, forward delay 15 s.
    final byte[] bytes = new byte[35];
    bytes[27] = 1;
    bytes[29] = 20;
    bytes[31] = 2;
    bytes[33] = 15;
    return bytes;
  }
}
