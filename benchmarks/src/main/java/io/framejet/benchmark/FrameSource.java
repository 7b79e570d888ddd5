package io.framejet.benchmark;

import io.framejet.frame.ArpOperation;
import io.framejet.frame.ArpPacket;
import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameBatch;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.frame.Ipv4;
import io.framejet.frame.MacAddress;
import java.util.Arrays;

/** The three ways in which a program makes an ARP request for the next target. */
@FunctionalInterface
interface FrameSource {
  /** Adds a request for {@code target}; false when the batch is full. */
  boolean addTo(FrameBatch batch, int target);

  /**
   * By name: {@code template} writes what varies, {@code flyweight} every field, {@code builder}
   * makes an object of each frame.
   *
   * @param bytes length of a frame, without FCS; the ARP packet is followed by zeros
   */
  static FrameSource of(String name, int bytes) {
    return switch (name) {
      case "template" -> template(bytes)::addTo;
      case "flyweight" -> flyweight(bytes);
      case "builder" -> FrameSource::build;
      default -> throw new IllegalArgumentException("source=" + name);
    };
  }

  private static FrameTemplate template(int bytes) {
    final byte[] shortest = request(0).toByteArray();
    return FrameTemplate.of(Frame.of(Arrays.copyOf(shortest, bytes)))
        .vary(EthernetHeader.LENGTH + ArpPacket.TARGET_IP, Ipv4.LENGTH, Source.TARGET)
        .build();
  }

  private static boolean build(FrameBatch batch, int target) {
    return request(target).addTo(batch);
  }

  private static Frame request(int target) {
    return Frame.ethernet(Requests.SENDER_MAC, MacAddress.BROADCAST)
        .arpRequest(Requests.SENDER_MAC, Requests.SENDER_IP, target)
        .build();
  }

  private static FrameSource flyweight(int bytes) {
    final EthernetHeader ethernet = new EthernetHeader();
    final ArpPacket arp = new ArpPacket();
    final long broadcast = MacAddress.BROADCAST.toLong();
    final long sender = Requests.SENDER_MAC.toLong();
    final byte[] padding = new byte[bytes - EthernetHeader.LENGTH - ArpPacket.LENGTH];
    return (batch, target) -> {
      final int at = batch.add(bytes);
      if (at < 0) {
        return false;
      }
      batch.buffer().put(at + bytes - padding.length, padding);
      ethernet
          .wrap(batch.buffer(), at, bytes)
          .destination(broadcast)
          .source(sender)
          .etherType(EtherType.ARP);
      arp.wrap(ethernet)
          .ethernetIpv4()
          .operation(ArpOperation.REQUEST)
          .senderMac(sender)
          .senderIp(Requests.SENDER_IP)
          .targetMac(0)
          .targetIp(target);
      return true;
    };
  }
}
