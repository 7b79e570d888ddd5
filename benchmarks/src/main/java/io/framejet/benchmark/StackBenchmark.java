package io.framejet.benchmark;

import io.framejet.frame.EtherType;
import io.framejet.frame.EthernetHeader;
import io.framejet.frame.Frame;
import io.framejet.frame.FrameDecoder;
import io.framejet.frame.FrameTemplate;
import io.framejet.frame.FrameTemplate.Source;
import io.framejet.frame.IpProtocol;
import io.framejet.frame.Ipv4Header;
import io.framejet.frame.LayerType;
import io.framejet.frame.TcpHeader;
import io.framejet.frame.UdpHeader;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Building and reading frames of several layers with all lengths and checksums: Ethernet, IPv4 and
 * UDP with 18 bytes of payload, and a TCP SYN with the options that Linux sends. {@link
 * Pcap4jBenchmark} does the same work with pcap4j.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StackBenchmark {
  /** Frames that are worked through in turn, so that none is a constant. */
  static final int FRAMES = 64;

  private static final int PITCH = 128;
  private static final int IP = EthernetHeader.LENGTH;
  private static final int SEGMENT = IP + Ipv4Header.MIN_LENGTH;
  private static final int PAYLOAD = 18;
  private static final int UDP_FRAME = SEGMENT + UdpHeader.LENGTH + PAYLOAD;
  private static final int SYN_FRAME = SEGMENT + TcpHeader.MIN_LENGTH + 20;

  private final ByteBuffer out = ByteBuffer.allocateDirect(FRAMES * PITCH);
  private final ByteBuffer udps = ByteBuffer.allocateDirect(FRAMES * PITCH);
  private final ByteBuffer syns = ByteBuffer.allocateDirect(FRAMES * PITCH);
  private final EthernetHeader ethernet = new EthernetHeader();
  private final Ipv4Header ipv4 = new Ipv4Header();
  private final UdpHeader udp = new UdpHeader();
  private final TcpHeader tcp = new TcpHeader();
  private final FrameDecoder decoder = new FrameDecoder();
  private final long mac = Requests.SENDER_MAC.toLong();
  private FrameTemplate udpTemplate;
  private FrameTemplate synTemplate;
  private int next;

  /** Makes the templates of what the headers write, and the frames to read. */
  @Setup
  public void setUp() {
    udpHeaders();
    synHeaders(udps);
    synTemplate =
        FrameTemplate.of(frame(udps, SYN_FRAME))
            .vary(IP + Ipv4Header.DESTINATION, 4, Source.TARGET)
            .vary(SEGMENT + TcpHeader.SEQUENCE, 4, Source.COUNTER)
            .checksums()
            .build();
    udpHeaders(udps);
    udpTemplate =
        FrameTemplate.of(frame(udps, UDP_FRAME))
            .vary(IP + Ipv4Header.DESTINATION, 4, Source.TARGET)
            .vary(SEGMENT + UdpHeader.SOURCE_PORT, 2, Source.COUNTER)
            .checksums()
            .build();
    synHeaders(syns);
  }

  private static Frame frame(ByteBuffer buffer, int length) {
    final byte[] bytes = new byte[length];
    buffer.get(0, bytes);
    return Frame.of(bytes);
  }

  /** UDP, header by header and field by field. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public ByteBuffer udpHeaders() {
    return udpHeaders(out);
  }

  private ByteBuffer udpHeaders(ByteBuffer to) {
    int target = next;
    for (int at = 0; at < FRAMES * PITCH; at += PITCH) {
      ip(to, at, UDP_FRAME, IpProtocol.UDP, target);
      udp.wrap(to, at + SEGMENT, UdpHeader.LENGTH + PAYLOAD)
          .sourcePort(40000)
          .destinationPort(target)
          .datagramLength(UdpHeader.LENGTH + PAYLOAD);
      final int payload = at + SEGMENT + UdpHeader.LENGTH;
      to.putLong(payload, target).putLong(payload + 8, mac).putShort(payload + 16, (short) target);
      udp.fillChecksum(ipv4.pseudoSum(IpProtocol.UDP, UdpHeader.LENGTH + PAYLOAD));
      target++;
    }
    next = target;
    return to;
  }

  /** TCP, header by header and field by field. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public ByteBuffer synHeaders() {
    return synHeaders(out);
  }

  private ByteBuffer synHeaders(ByteBuffer to) {
    int target = next;
    for (int at = 0; at < FRAMES * PITCH; at += PITCH) {
      ip(to, at, SYN_FRAME, IpProtocol.TCP, target);
      // MSS 1460, SACK permitted, timestamps, no operation, window scale 7: as Linux has them.
      final int options = at + SEGMENT + TcpHeader.MIN_LENGTH;
      to.putLong(options, 0x020405b4_0402080aL).putInt(options + 8, target);
      to.putLong(options + 12, 0x00000000_01030307L);
      tcp.wrap(to, at + SEGMENT, TcpHeader.MIN_LENGTH + 20)
          .defaults()
          .headerLength(TcpHeader.MIN_LENGTH + 20)
          .sourcePort(40000)
          .destinationPort(443)
          .sequence(target)
          .flags(TcpHeader.SYN)
          .fillChecksum(ipv4.pseudoSum(IpProtocol.TCP, TcpHeader.MIN_LENGTH + 20));
      target++;
    }
    next = target;
    return to;
  }

  private void ip(ByteBuffer to, int at, int length, int protocol, int target) {
    ethernet.wrap(to, at, length).destination(mac).source(mac).etherType(EtherType.IPV4);
    ipv4.wrap(to, at + IP, length - IP)
        .defaults()
        .totalLength(length - IP)
        .protocol(protocol)
        .source(Requests.SENDER_IP)
        .destination(target)
        .fillChecksum();
  }

  /** UDP by template: address and port vary, and both checksums with them. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public ByteBuffer udpTemplate() {
    return apply(udpTemplate);
  }

  /** TCP by template: address and sequence number vary, and both checksums with them. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public ByteBuffer synTemplate() {
    return apply(synTemplate);
  }

  private ByteBuffer apply(FrameTemplate template) {
    int target = next;
    for (int at = 0; at < FRAMES * PITCH; at += PITCH) {
      template.apply(out, at, target++);
    }
    next = target;
    return out;
  }

  /** Every layer of a UDP frame checked; addresses and ports read. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public int udpDecode() {
    int sum = 0;
    for (int at = 0; at < FRAMES * PITCH; at += PITCH) {
      decoder.decode(udps, at, UDP_FRAME);
      if (decoder.isValid() && decoder.has(LayerType.UDP)) {
        sum += decoder.ipv4().destination() + decoder.udp().destinationPort();
      }
    }
    return sum;
  }

  /** Every layer and option of a TCP SYN checked; addresses and ports read. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public int synDecode() {
    int sum = 0;
    for (int at = 0; at < FRAMES * PITCH; at += PITCH) {
      decoder.decode(syns, at, SYN_FRAME);
      if (decoder.isValid() && decoder.has(LayerType.TCP)) {
        sum += decoder.ipv4().destination() + decoder.tcp().destinationPort();
      }
    }
    return sum;
  }
}
