package io.framejet.emulate;

import io.framejet.frame.Frame;
import io.framejet.frame.Ipv4;
import io.framejet.frame.Ipv6Address;
import io.framejet.frame.MacAddress;
import io.framejet.testing.VethLab;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Frames that made-up hosts are asked by, right ones and others. */
final class Requests {
  /** Not Linux, which would take part in the conversation. */
  static final int ASKER = Ipv4.parse("10.77.0.77");

  static final int HOST = Ipv4.parse("10.77.3.9");
  static final Ipv6Address ASKER6 = Ipv6Address.parse("2001:db8::77:77");
  static final Ipv6Address HOST6 = Ipv6Address.parse("2001:db8::3:9");
  static final int OPEN = 80;
  static final int CLOSED = 81;

  static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:77");

  private Requests() {}

  static Frame arp(int host) {
    return Frame.ethernet(MAC, MacAddress.BROADCAST).arpRequest(MAC, ASKER, host).build();
  }

  static Frame echo(int host, int tos, byte[] data) {
    return Frame.ethernet(MAC, HostEmulator.macOf(host))
        .ipv4(ASKER, host)
        .dscp(tos >> 2)
        .ecn(tos & 3)
        .echoRequest(7, 9)
        .payload(data)
        .build();
  }

  static Frame tcp(int host, int port, int flags, long acknowledgment, byte[] data) {
    return Frame.ethernet(MAC, HostEmulator.macOf(host))
        .ipv4(ASKER, host)
        .tcp(40_000, port)
        .sequence(0xffff_fff0L)
        .acknowledgment(acknowledgment)
        .flags(flags)
        .payload(data)
        .build();
  }

  static Frame udp(int host, int port, byte[] data) {
    return Frame.ethernet(MAC, HostEmulator.macOf(host))
        .ipv4(ASKER, host)
        .udp(40_000, port)
        .payload(data)
        .build();
  }

  static Frame solicitation(Ipv6Address host) {
    final Ipv6Address group = host.solicitedNode();
    return Frame.ethernet(MAC, group.multicastMac())
        .ipv6(ASKER6, group)
        .hopLimit(255)
        .neighborSolicitation(host)
        .sourceLinkAddress(MAC)
        .build();
  }

  static Frame detection(Ipv6Address host) {
    final Ipv6Address group = host.solicitedNode();
    return Frame.ethernet(MAC, group.multicastMac())
        .ipv6(Ipv6Address.ANY, group)
        .hopLimit(255)
        .neighborSolicitation(host)
        .option(14, new byte[6])
        .build();
  }

  static Frame unicastSolicitation(Ipv6Address host, MacAddress link) {
    return Frame.ethernet(MAC, mac(host))
        .ipv6(ASKER6, host)
        .hopLimit(255)
        .neighborSolicitation(host)
        .mtu(1500)
        .sourceLinkAddress(link)
        .build();
  }

  static Frame echo6(Ipv6Address host, byte[] data) {
    return Frame.ethernet(MAC, mac(host))
        .ipv6(ASKER6, host)
        .trafficClass(0x2e)
        .flowLabel(0x12345)
        .echoRequest(7, 9)
        .payload(data)
        .build();
  }

  static MacAddress mac(Ipv6Address host) {
    return HostEmulator.macOf(host.high(), host.low());
  }

  /** Every kind of right request, to hosts up and down, with data of many lengths. */
  static List<Frame> right(Random random) {
    final List<Frame> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      final int host = Ipv4.parse("10.77.0.0") + random.nextInt(1 << 16);
      final Ipv6Address host6 =
          Ipv6Address.of(HOST6.high(), (HOST6.low() & ~0xffffL) | random.nextInt(1 << 16));
      final byte[] data = new byte[i < 20 ? random.nextInt(40) : random.nextInt(1400)];
      random.nextBytes(data);
      all.add(arp(host));
      all.add(echo(host, random.nextInt(256), data));
      for (int port : new int[] {OPEN, CLOSED}) {
        all.add(tcp(host, port, random.nextInt(64), random.nextInt() & 0xffff_ffffL, data));
        all.add(tcp(host, port, 2, 0, new byte[0]));
        all.add(udp(host, port, data));
      }
      all.add(solicitation(host6));
      all.add(detection(host6));
      all.add(unicastSolicitation(host6, VethLab.FAR_MAC));
      all.add(echo6(host6, data));
    }
    all.add(echo(HOST, 0, new byte[1472]));
    all.add(echo(HOST, 0, new byte[0]));
    all.add(echo6(HOST6, new byte[1452]));
    return all;
  }

  /** Requests of which something was changed: mostly bits of the headers, or their end. */
  static List<byte[]> spoiled(Random random, int count) {
    final List<byte[]> all = new ArrayList<>();
    List<Frame> right = right(random);
    for (int i = 0; i < count; i++) {
      if (i % 400 == 399) {
        right = right(random);
      }
      byte[] bytes = right.get(random.nextInt(right.size())).toByteArray();
      switch (random.nextInt(4)) {
        case 0 -> bytes = java.util.Arrays.copyOf(bytes, 14 + random.nextInt(bytes.length));
        case 1 -> {
          final int length = 14 + random.nextInt(200);
          final byte[] noise = new byte[length];
          random.nextBytes(noise);
          System.arraycopy(bytes, 0, noise, 0, 14 + random.nextInt(Math.min(length, 60) - 13));
          bytes = noise;
        }
        default -> {
          final int header = Math.min(bytes.length, 86);
          for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
            bytes[random.nextInt(header)] ^= (byte) (1 << random.nextInt(8));
          }
        }
      }
      all.add(java.util.Arrays.copyOf(bytes, Math.min(bytes.length, 1514)));
    }
    return all;
  }
}
