package io.framejet.benchmark;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;
import org.pcap4j.packet.ArpPacket;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.namednumber.ArpHardwareType;
import org.pcap4j.packet.namednumber.ArpOperation;
import org.pcap4j.packet.namednumber.EtherType;
import org.pcap4j.util.MacAddress;

/**
 * The work of {@link InjectMain} as a program with pcap4j does it: each request is built and sent.
 * Builders are used again, as is good practice there.
 */
public final class Pcap4jMain {
  private static final int CLOCK_EVERY = 256;

  private final ArpPacket.Builder arp = new ArpPacket.Builder();
  private final EthernetPacket.Builder ethernet = new EthernetPacket.Builder();

  private Pcap4jMain() throws UnknownHostException {
    final MacAddress sender = MacAddress.getByName(Requests.SENDER_MAC.toString());
    arp.hardwareType(ArpHardwareType.ETHERNET)
        .protocolType(EtherType.IPV4)
        .hardwareAddrLength((byte) 6)
        .protocolAddrLength((byte) 4)
        .operation(ArpOperation.REQUEST)
        .srcHardwareAddr(sender)
        .srcProtocolAddr(address(Requests.SENDER_IP))
        .dstHardwareAddr(MacAddress.getByName("00:00:00:00:00:00"));
    ethernet
        .dstAddr(MacAddress.ETHER_BROADCAST_ADDRESS)
        .srcAddr(sender)
        .type(EtherType.ARP)
        .payloadBuilder(arp)
        .paddingAtBuild(true);
  }

  /** Options: {@code --link --seconds --count}. */
  public static void main(String[] args)
      throws PcapNativeException, NotOpenException, UnknownHostException {
    final Arguments arguments =
        new Arguments(args, Set.of("--link", "--seconds", "--count"), Set.of());
    final long count = arguments.number("--count", 0);
    final long nanos = (long) (arguments.real("--seconds", count > 0 ? 60 : 2) * 1e9);
    try (PcapHandle handle =
        new PcapHandle.Builder(arguments.text("--link", "v0"))
            .snaplen(64)
            .promiscuousMode(PromiscuousMode.NONPROMISCUOUS)
            .timeoutMillis(100)
            .build()) {
      final long start = System.nanoTime();
      final long sent = new Pcap4jMain().send(handle, nanos, count > 0 ? count : Long.MAX_VALUE);
      System.out.printf(
          Locale.ROOT,
          "{\"frames\": %d, \"seconds\": %.6f}%n",
          sent,
          (System.nanoTime() - start) / 1e9);
    }
  }

  private long send(PcapHandle handle, long nanos, long count)
      throws PcapNativeException, NotOpenException, UnknownHostException {
    final long start = System.nanoTime();
    long number = 0;
    while (number < count && (number % CLOCK_EVERY != 0 || System.nanoTime() - start < nanos)) {
      arp.dstProtocolAddr(address(Requests.target(number)));
      handle.sendPacket(ethernet.build());
      number++;
    }
    return number;
  }

  private static InetAddress address(int address) throws UnknownHostException {
    return InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(address).array());
  }
}
