package io.framejet.benchmark;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.IpV4Rfc791Tos;
import org.pcap4j.packet.Packet;
import org.pcap4j.packet.TcpMaximumSegmentSizeOption;
import org.pcap4j.packet.TcpNoOperationOption;
import org.pcap4j.packet.TcpPacket;
import org.pcap4j.packet.TcpSackPermittedOption;
import org.pcap4j.packet.TcpTimestampsOption;
import org.pcap4j.packet.TcpWindowScaleOption;
import org.pcap4j.packet.UdpPacket;
import org.pcap4j.packet.UnknownPacket;
import org.pcap4j.packet.namednumber.EtherType;
import org.pcap4j.packet.namednumber.IpNumber;
import org.pcap4j.packet.namednumber.IpVersion;
import org.pcap4j.packet.namednumber.TcpPort;
import org.pcap4j.packet.namednumber.UdpPort;
import org.pcap4j.util.MacAddress;

/** The work of {@link StackBenchmark} as a program with pcap4j does it, for comparison. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Pcap4jBenchmark {
  private final MacAddress mac = MacAddress.getByName("02:00:00:00:00:01");
  private final byte[] payload = new byte[18];
  private Inet4Address source;
  private Inet4Address[] targets;
  private byte[][] udps;
  private byte[][] syns;
  private int next;

  /** Makes addresses, which a program has at hand, and the frames to read. */
  @Setup
  public void setUp() throws UnknownHostException {
    source = address(Requests.SENDER_IP);
    targets = new Inet4Address[StackBenchmark.FRAMES];
    udps = new byte[targets.length][];
    syns = new byte[targets.length][];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = address(Requests.target(i));
    }
    for (int i = 0; i < targets.length; i++) {
      udps[i] = udpBuild();
      syns[i] = synBuild();
    }
  }

  private static Inet4Address address(int address) throws UnknownHostException {
    final byte[] octets = {
      (byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address
    };
    return (Inet4Address) InetAddress.getByAddress(octets);
  }

  private int index() {
    return next++ & (StackBenchmark.FRAMES - 1);
  }

  /** Ethernet, IPv4 and UDP with 18 bytes of payload. */
  @Benchmark
  public byte[] udpBuild() {
    final Inet4Address target = targets[index()];
    final UdpPacket.Builder udp =
        new UdpPacket.Builder()
            .srcPort(UdpPort.getInstance((short) 40000))
            .dstPort(UdpPort.getInstance((short) 53))
            .srcAddr(source)
            .dstAddr(target)
            .payloadBuilder(new UnknownPacket.Builder().rawData(payload))
            .correctChecksumAtBuild(true)
            .correctLengthAtBuild(true);
    return frame(IpNumber.UDP, target, udp);
  }

  /** A TCP SYN with the options that Linux sends. */
  @Benchmark
  public byte[] synBuild() {
    final Inet4Address target = targets[index()];
    final TcpPacket.Builder tcp =
        new TcpPacket.Builder()
            .srcPort(TcpPort.getInstance((short) 40000))
            .dstPort(TcpPort.getInstance((short) 443))
            .sequenceNumber(next)
            .syn(true)
            .window((short) 0xffff)
            .options(
                List.of(
                    new TcpMaximumSegmentSizeOption.Builder()
                        .maxSegSize((short) 1460)
                        .correctLengthAtBuild(true)
                        .build(),
                    TcpSackPermittedOption.getInstance(),
                    new TcpTimestampsOption.Builder()
                        .tsValue(next)
                        .correctLengthAtBuild(true)
                        .build(),
                    TcpNoOperationOption.getInstance(),
                    new TcpWindowScaleOption.Builder()
                        .shiftCount((byte) 7)
                        .correctLengthAtBuild(true)
                        .build()))
            .srcAddr(source)
            .dstAddr(target)
            .correctChecksumAtBuild(true)
            .correctLengthAtBuild(true)
            .paddingAtBuild(true);
    return frame(IpNumber.TCP, target, tcp);
  }

  private byte[] frame(IpNumber protocol, Inet4Address target, Packet.Builder segment) {
    final IpV4Packet.Builder ip =
        new IpV4Packet.Builder()
            .version(IpVersion.IPV4)
            .tos(IpV4Rfc791Tos.newInstance((byte) 0))
            .ttl((byte) 64)
            .protocol(protocol)
            .srcAddr(source)
            .dstAddr(target)
            .payloadBuilder(segment)
            .correctChecksumAtBuild(true)
            .correctLengthAtBuild(true);
    return new EthernetPacket.Builder()
        .dstAddr(mac)
        .srcAddr(mac)
        .type(EtherType.IPV4)
        .payloadBuilder(ip)
        .paddingAtBuild(true)
        .build()
        .getRawData();
  }

  /** Every layer of a UDP frame; addresses and ports read. */
  @Benchmark
  public int udpDecode() throws IllegalRawDataException {
    final byte[] frame = udps[index()];
    final EthernetPacket packet = EthernetPacket.newPacket(frame, 0, frame.length);
    return packet.get(IpV4Packet.class).getHeader().getDstAddr().hashCode()
        + packet.get(UdpPacket.class).getHeader().getDstPort().valueAsInt();
  }

  /** Every layer and option of a TCP SYN; addresses and ports read. */
  @Benchmark
  public int synDecode() throws IllegalRawDataException {
    final byte[] frame = syns[index()];
    final EthernetPacket packet = EthernetPacket.newPacket(frame, 0, frame.length);
    return packet.get(IpV4Packet.class).getHeader().getDstAddr().hashCode()
        + packet.get(TcpPacket.class).getHeader().getDstPort().valueAsInt();
  }
}
