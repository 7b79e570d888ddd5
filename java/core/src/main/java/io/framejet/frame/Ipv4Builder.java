package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A frame as far as an IPv4 header (RFC 791), waiting for what it carries. Header length, total
 * length, protocol and header checksum are filled in, but for those that were set. Immutable, and
 * so thread-safe; every method gives another builder.
 */
public final class Ipv4Builder extends IpBuilder {
  private final Stack outer;
  private final HeaderLayer header;

  private Ipv4Builder(Stack outer, HeaderLayer header) {
    this.outer = outer;
    this.header = header;
  }

  static Ipv4Builder of(Stack outer, int source, int destination) {
    return new Ipv4Builder(
        outer,
        HeaderLayer.of(
            Ipv4Header.MIN_LENGTH,
            Ipv4Builder::fix,
            bytes ->
                new Ipv4Header()
                    .wrap(bytes, 0, Ipv4Header.MIN_LENGTH)
                    .defaults()
                    .source(source)
                    .destination(destination)));
  }

  private static void fix(ByteBuffer buffer, int offset, int total, int kept) {
    final Ipv4Header header = new Ipv4Header().wrap(buffer, offset, total);
    if ((kept & HeaderLayer.LENGTH) == 0) {
      header.totalLength(total);
    }
    if ((kept & HeaderLayer.CHECKSUM) == 0) {
      // A header length that is wrong on purpose may reach beyond the frame.
      final int covered = Math.min(header.headerLength(), total);
      header.checksum(0).checksum(Checksum.of(buffer, offset, covered));
    }
  }

  /**
   * Sets a version other than 4, on purpose.
   *
   * @param version 0 to 15
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv4Builder version(int version) {
    Limits.check("version", version, 15);
    return with(0, header -> header.version(version));
  }

  /**
   * Sets the header length, whatever it is, on purpose.
   *
   * @param headerLength a multiple of 4, 0 to 60 bytes
   * @throws IllegalArgumentException if it is not that
   */
  public Ipv4Builder headerLength(int headerLength) {
    if ((headerLength & 3) != 0) {
      throw new IllegalArgumentException("headerLength=" + headerLength);
    }
    Limits.check("headerLength", headerLength, Ipv4Header.MAX_LENGTH);
    return with(HeaderLayer.HEADER_LENGTH, header -> header.headerLength(headerLength));
  }

  /**
   * Sets the differentiated services code point (RFC 2474), else 0.
   *
   * @param dscp 0 to 63
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv4Builder dscp(int dscp) {
    Limits.check("dscp", dscp, 63);
    return with(0, header -> header.dscp(dscp));
  }

  /**
   * Sets the explicit congestion notification (RFC 3168), else 0.
   *
   * @param ecn 0 to 3
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv4Builder ecn(int ecn) {
    Limits.check("ecn", ecn, 3);
    return with(0, header -> header.ecn(ecn));
  }

  /**
   * Sets the total length, whatever it is, on purpose.
   *
   * @param totalLength 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv4Builder totalLength(int totalLength) {
    Limits.check("totalLength", totalLength, 65535);
    return with(HeaderLayer.LENGTH, header -> header.totalLength(totalLength));
  }

  /**
   * Sets the identification that fragments of one packet share, else 0.
   *
   * @param identification 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv4Builder identification(int identification) {
    Limits.check("identification", identification, 65535);
    return with(0, header -> header.identification(identification));
  }

  /** Forbids fragmenting (DF). */
  public Ipv4Builder dontFragment() {
    return with(0, header -> header.dontFragment(true));
  }

  /** Says that more fragments follow (MF). */
  public Ipv4Builder moreFragments() {
    return with(0, header -> header.moreFragments(true));
  }

  /**
   * Sets the fragment offset, else 0.
   *
   * @param fragmentOffset a multiple of 8, 0 to 65,528 bytes
   * @throws IllegalArgumentException if it is not that
   */
  public Ipv4Builder fragmentOffset(int fragmentOffset) {
    if ((fragmentOffset & 7) != 0) {
      throw new IllegalArgumentException("fragmentOffset=" + fragmentOffset);
    }
    Limits.check("fragmentOffset", fragmentOffset, 65_528);
    return with(0, header -> header.fragmentOffset(fragmentOffset));
  }

  /**
   * Sets the time to live, else 64.
   *
   * @param ttl 0 to 255
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv4Builder ttl(int ttl) {
    Limits.check("ttl", ttl, 255);
    return with(0, header -> header.ttl(ttl));
  }

  /**
   * Sets the protocol whatever is carried, on purpose.
   *
   * @param protocol 0 to 255
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv4Builder protocol(int protocol) {
    Limits.check("protocol", protocol, 255);
    return with(HeaderLayer.NEXT, header -> header.protocol(protocol));
  }

  /**
   * Sets the header checksum, whatever it is, on purpose.
   *
   * @param checksum 0 to 65535
   * @throws IllegalArgumentException if it is not in that range
   */
  public Ipv4Builder checksum(int checksum) {
    Limits.check("checksum", checksum, 65535);
    return with(HeaderLayer.CHECKSUM, header -> header.checksum(checksum));
  }

  /**
   * Appends options as they are, with zeros to the next multiple of 4 bytes. The header length
   * grows with them, unless it was set.
   *
   * @param options copied now; see {@link Options} for the numbers
   * @throws IllegalArgumentException if they make the header longer than 60 bytes
   */
  public Ipv4Builder options(byte[] options) {
    final int more = options.length + 3 & ~3;
    final int length = header.length() + more;
    if (length > Ipv4Header.MAX_LENGTH) {
      throw new IllegalArgumentException("headerLength=" + length + " max=60");
    }
    final int at = header.length();
    final boolean kept = header.keeps(HeaderLayer.HEADER_LENGTH);
    final HeaderLayer longer =
        header.extended(
            more,
            bytes -> {
              bytes.put(at, options);
              if (!kept) {
                new Ipv4Header().wrap(bytes, 0, length).headerLength(length);
              }
            });
    return new Ipv4Builder(outer, longer);
  }

  /**
   * An ICMP timestamp request (RFC 792); the two other times are 0.
   *
   * @param identifier 0 to 0xffff
   * @param sequence 0 to 0xffff
   * @param originate milliseconds since midnight UT, 0 to 0xffffffff
   */
  public IcmpBuilder timestampRequest(int identifier, int sequence, long originate) {
    return timestamp(Icmp4Message.TIMESTAMP_REQUEST, halves(identifier, sequence), originate, 0, 0);
  }

  /**
   * An ICMP timestamp reply (RFC 792).
   *
   * @param identifier 0 to 0xffff
   * @param sequence 0 to 0xffff
   * @param originate of the request: milliseconds since midnight UT, 0 to 0xffffffff
   * @param receive when the request came
   * @param transmit when the reply left
   */
  public IcmpBuilder timestampReply(
      int identifier, int sequence, long originate, long receive, long transmit) {
    return timestamp(
        Icmp4Message.TIMESTAMP_REPLY, halves(identifier, sequence), originate, receive, transmit);
  }

  private IcmpBuilder timestamp(int type, int rest, long originate, long receive, long transmit) {
    Limits.checkUint("originate", originate);
    Limits.checkUint("receive", receive);
    Limits.checkUint("transmit", transmit);
    return icmp(type, 0, rest)
        .extended(
            12,
            bytes ->
                new Icmp4Message()
                    .wrap(bytes, 0, Icmp4Message.TIMESTAMP_LENGTH)
                    .originate(originate)
                    .receive(receive)
                    .transmit(transmit));
  }

  @Override
  Stack carrying(int protocol) {
    if (header.keeps(HeaderLayer.NEXT)) {
      return outer.and(header);
    }
    return outer.and(header.with(0, bytes -> Bytes.putByte(bytes, Ipv4Header.PROTOCOL, protocol)));
  }

  @Override
  long pseudoSum(int protocol) {
    final ByteBuffer bytes = header.bytes();
    return new Ipv4Header().wrap(bytes, 0, bytes.limit()).pseudoSum(protocol, 0);
  }

  @Override
  int icmpProtocol() {
    return IpProtocol.ICMP;
  }

  @Override
  int echoRequestType() {
    return Icmp4Message.ECHO_REQUEST;
  }

  @Override
  int echoReplyType() {
    return Icmp4Message.ECHO_REPLY;
  }

  @Override
  int unreachableType() {
    return Icmp4Message.UNREACHABLE;
  }

  @Override
  int timeExceededType() {
    return Icmp4Message.TIME_EXCEEDED;
  }

  private Ipv4Builder with(int field, Consumer<Ipv4Header> setter) {
    return new Ipv4Builder(
        outer,
        header.with(field, bytes -> setter.accept(new Ipv4Header().wrap(bytes, 0, bytes.limit()))));
  }
}
