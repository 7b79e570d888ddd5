package io.framejet.frame;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Walks the layers of a frame in place. It allocates nothing and throws on no bytes from the wire:
 * the walk ends at the first layer that is malformed, and {@link #problem()} says what is wrong and
 * {@link #problemOffset()} where. The layers before that one are good; the malformed one is listed
 * too, with all bytes that are left.
 *
 * <pre>{@code
 * decoder.decode(buffer, offset, length);
 * if (decoder.problem() == null && decoder.has(LayerType.UDP)) {
 *   ... decoder.ipv4().source() ... decoder.udp().sourcePort() ...
 * }
 * }</pre>
 *
 * <p>The flyweights belong to the decoder, lie over the outermost layer of their kind and are good
 * until the next decode. IP in IP is walked; the packet that an ICMP error quotes is not, but by
 * {@link #decodeQuote}. Of a fragment that is not the first, what follows the IP header is payload.
 *
 * <p>At most {@link #MAX_LAYERS} layers are walked, so chains of tags or extension headers without
 * end are cheap. Not thread-safe; made to be used again for every frame.
 */
public final class FrameDecoder {
  /** Most layers; a frame with more is malformed. */
  public static final int MAX_LAYERS = 16;

  private static final int MIN_ETHER_TYPE = 0x600;

  /** No protocol: what a fragment holds that is not the first. */
  private static final int OPAQUE = -1;

  private final EthernetHeader ethernet = new EthernetHeader();
  private final VlanTag vlan = new VlanTag();
  private final LlcHeader llc = new LlcHeader();
  private final ArpPacket arp = new ArpPacket();
  private final Ipv4Header ipv4 = new Ipv4Header();
  private final Ipv6Header ipv6 = new Ipv6Header();
  private final Ipv6Extension extension = new Ipv6Extension();
  private final Icmp4Message icmp4 = new Icmp4Message();
  private final Icmp6Message icmp6 = new Icmp6Message();
  private final NdpMessage ndp = new NdpMessage();
  private final UdpHeader udp = new UdpHeader();
  private final TcpHeader tcp = new TcpHeader();
  private final VlanTag innerVlan = new VlanTag();
  private final Ipv4Header innerIpv4 = new Ipv4Header();
  private final Ipv6Header innerIpv6 = new Ipv6Header();
  private final Options options = new Options();
  private final CommonFrame common = new CommonFrame(ipv4, udp, tcp);

  private static final LayerType[] TYPES = LayerType.values();
  private static final byte PAYLOAD = CommonFrame.code(LayerType.PAYLOAD);

  /** Types by ordinal: a byte is stored at less cost than a reference. */
  private final byte[] types = new byte[MAX_LAYERS];

  /** A bit for the ordinal of each type that there is a well-formed layer of. */
  private int present;

  /** The layers of a common frame are listed when somebody asks. */
  private boolean unlisted;

  private final int[] offsets = new int[MAX_LAYERS];
  private final int[] lengths = new int[MAX_LAYERS];
  private int layers;

  private ByteBuffer buffer = Empty.BUFFER;
  private int frameOffset;
  private int frameLength;
  private int end;
  private boolean cut;
  private @Nullable String problem;
  private int problemOffset;

  /** A decoder that has decoded nothing. */
  public FrameDecoder() {}

  /**
   * Decodes a frame that begins with an Ethernet header.
   *
   * @param buffer of any byte order; its position is neither used nor changed
   * @throws IndexOutOfBoundsException if the bytes do not lie before the buffer's limit
   */
  public FrameDecoder decode(ByteBuffer buffer, int offset, int length) {
    begin(buffer, offset, length);
    final int itsLayers = common.match(buffer, offset, length);
    if (itsLayers == CommonFrame.NO_LAYERS) {
      clear(false);
      walkEthernet();
    } else {
      takeCommon(itsLayers);
    }
    return this;
  }

  /**
   * Decodes a frame that begins as {@code linkType} says.
   *
   * @throws IndexOutOfBoundsException if the bytes do not lie before the buffer's limit
   */
  public FrameDecoder decode(LinkType linkType, ByteBuffer buffer, int offset, int length) {
    if (linkType == LinkType.ETHERNET) {
      return decode(buffer, offset, length);
    }
    begin(buffer, offset, length);
    clear(false);
    ip(offset);
    return this;
  }

  /**
   * Decodes a packet as ICMP errors quote it: from its IP header on, and perhaps without its end.
   * Lengths that go past the end are no problem then.
   *
   * @throws IndexOutOfBoundsException if the bytes do not lie before the buffer's limit
   */
  public FrameDecoder decodeQuote(ByteBuffer buffer, int offset, int length) {
    begin(buffer, offset, length);
    clear(true);
    ip(offset);
    return this;
  }

  /** The same as {@link #decode(ByteBuffer, int, int)} without its short cut, for tests of that. */
  FrameDecoder decodeLayerByLayer(ByteBuffer frame, int offset, int length) {
    begin(frame, offset, length);
    clear(false);
    walkEthernet();
    return this;
  }

  private void begin(ByteBuffer newBuffer, int offset, int length) {
    Bytes.check(newBuffer, offset, length);
    if (!Bytes.isSame(buffer, newBuffer)) {
      buffer = newBuffer;
    }
    frameOffset = offset;
    frameLength = length;
    if (problem != null) {
      problem = null;
      problemOffset = 0;
    }
  }

  /** Before a walk layer by layer. */
  private void clear(boolean quote) {
    end = frameOffset + frameLength;
    layers = 0;
    present = 0;
    cut = quote;
    unlisted = false;
  }

  /** Takes note of a frame that is one of the common ones, with nothing wrong. */
  private void takeCommon(int itsLayers) {
    end = common.end();
    layers = Integer.bitCount(itsLayers);
    present = itsLayers;
    cut = false;
    unlisted = true;
  }

  /** Lists the layers of a common frame, as walking it layer by layer would have. */
  private void list() {
    if (unlisted) {
      unlisted = false;
      common.list(frameOffset, types, offsets, lengths);
    }
  }

  private void walkEthernet() {
    ethernet.wrap(buffer, frameOffset, frameLength);
    if (!ethernet.isValid()) {
      fail(LayerType.ETHERNET, frameOffset, "shorter than an Ethernet header", 0);
      return;
    }
    add(LayerType.ETHERNET, frameOffset, EthernetHeader.LENGTH);
    etherType(ethernet.etherType(), frameOffset + EthernetHeader.LENGTH);
  }

  private void etherType(int firstType, int firstOffset) {
    int type = firstType;
    int at = firstOffset;
    while (type == EtherType.VLAN || type == EtherType.QINQ) {
      final VlanTag tag = has(LayerType.VLAN) ? innerVlan : vlan;
      if (!accept(LayerType.VLAN, at, tag.wrap(buffer, at, end - at).check())) {
        return;
      }
      add(LayerType.VLAN, at, VlanTag.LENGTH);
      at += VlanTag.LENGTH;
      type = tag.etherType();
    }
    if (type < MIN_ETHER_TYPE) {
      llc(type, at);
    } else {
      protocol(type, at);
    }
  }

  private void llc(int length, int at) {
    if (length > end - at) {
      fail(LayerType.LLC, at, "802.3 length goes past the end", -Short.BYTES);
      return;
    }
    padding(at + length);
    if (!accept(LayerType.LLC, at, llc.wrap(buffer, at, length).check())) {
      return;
    }
    add(LayerType.LLC, at, llc.headerLength());
    if (llc.isEtherType() && llc.protocol() >= MIN_ETHER_TYPE) {
      protocol(llc.protocol(), llc.payloadOffset());
    } else {
      payload(llc.payloadOffset());
    }
  }

  private void protocol(int etherType, int at) {
    switch (etherType) {
      case EtherType.IPV4 -> ip(IpProtocol.IPV4, at);
      case EtherType.IPV6 -> ip(IpProtocol.IPV6, at);
      case EtherType.ARP, EtherType.RARP -> {
        arp.wrap(buffer, at, end - at);
        if (accept(LayerType.ARP, at, arp.check())) {
          padding(at + ArpPacket.LENGTH);
          add(LayerType.ARP, at, ArpPacket.LENGTH);
        }
      }
      default -> payload(at);
    }
  }

  private void ip(int at) {
    if (at == end) {
      fail(LayerType.PAYLOAD, at, "no bytes", 0);
      return;
    }
    switch (Bytes.getByte(buffer, at) >>> 4) {
      case 4 -> ip(IpProtocol.IPV4, at);
      case 6 -> ip(IpProtocol.IPV6, at);
      default -> fail(LayerType.PAYLOAD, at, "neither IPv4 nor IPv6", 0);
    }
  }

  /** Walks IP headers and what they carry, starting with a header of this protocol. */
  private void ip(int firstProtocol, int firstOffset) {
    int protocol = firstProtocol;
    int at = firstOffset;
    // Every turn adds a layer or ends the walk, so there are at most MAX_LAYERS.
    while (true) {
      switch (protocol) {
        case IpProtocol.IPV4 -> {
          final Ipv4Header header = has(LayerType.IPV4) ? innerIpv4 : ipv4;
          if (!accept(LayerType.IPV4, at, header.wrap(buffer, at, end - at).check(cut))) {
            return;
          }
          add(LayerType.IPV4, at, header.headerLength());
          if (header.optionsLength() > 0 && !walk(LayerType.IPV4, options.wrap(header))) {
            return;
          }
          padding(header.payloadOffset() + header.payloadLength());
          cut |= header.isMoreFragments();
          protocol = header.fragmentOffset() > 0 ? OPAQUE : header.protocol();
          at = header.payloadOffset();
        }
        case IpProtocol.IPV6 -> {
          final Ipv6Header header = has(LayerType.IPV6) ? innerIpv6 : ipv6;
          if (!accept(LayerType.IPV6, at, header.wrap(buffer, at, end - at).check(cut))) {
            return;
          }
          add(LayerType.IPV6, at, Ipv6Header.LENGTH);
          padding(header.payloadOffset() + header.payloadLength());
          protocol = header.nextHeader();
          at = header.payloadOffset();
        }
        case IpProtocol.HOP_BY_HOP,
            IpProtocol.ROUTING,
            IpProtocol.FRAGMENT,
            IpProtocol.DESTINATION_OPTIONS -> {
          if (!has(LayerType.IPV6)) {
            // In IPv4 these are protocols like any other.
            payload(at);
            return;
          }
          final LayerType type = extensionType(protocol);
          if (!accept(type, at, extension.type(protocol).wrap(buffer, at, end - at).check())) {
            return;
          }
          add(type, at, extension.headerLength());
          final boolean optioned =
              type == LayerType.HOP_BY_HOP || type == LayerType.DESTINATION_OPTIONS;
          if (optioned && !walk(type, options.wrap(extension))) {
            return;
          }
          protocol = extension.nextHeader();
          at = extension.payloadOffset();
          if (type == LayerType.FRAGMENT) {
            cut |= extension.isMoreFragments();
            protocol = extension.fragmentOffset() > 0 ? OPAQUE : protocol;
          }
        }
        default -> {
          transport(protocol, at);
          return;
        }
      }
    }
  }

  private void transport(int protocol, int at) {
    switch (protocol) {
      case IpProtocol.UDP -> {
        if (accept(LayerType.UDP, at, udp.wrap(buffer, at, end - at).check(cut))) {
          padding(at + Math.min(udp.datagramLength(), end - at));
          add(LayerType.UDP, at, UdpHeader.LENGTH);
          payload(at + UdpHeader.LENGTH);
        }
      }
      case IpProtocol.TCP -> {
        if (accept(LayerType.TCP, at, tcp.wrap(buffer, at, end - at).check())) {
          final int headerLength = tcp.headerLength();
          add(LayerType.TCP, at, headerLength);
          if (headerLength == TcpHeader.MIN_LENGTH || walk(LayerType.TCP, options.wrap(tcp))) {
            payload(at + headerLength);
          }
        }
      }
      case IpProtocol.ICMP -> {
        if (accept(LayerType.ICMP4, at, icmp4.wrap(buffer, at, end - at).check())) {
          add(LayerType.ICMP4, at, Icmp4Message.LENGTH);
          payload(at + Icmp4Message.LENGTH);
        }
      }
      case IpProtocol.ICMPV6 -> {
        if (accept(LayerType.ICMP6, at, icmp6.wrap(buffer, at, end - at).check())) {
          neighborDiscovery(at);
        }
      }
      default -> payload(at);
    }
  }

  private void neighborDiscovery(int at) {
    if (!icmp6.isNdp()) {
      add(LayerType.ICMP6, at, Icmp6Message.LENGTH);
      payload(at + Icmp6Message.LENGTH);
      return;
    }
    if (accept(LayerType.ICMP6, at, ndp.wrap(icmp6).check())) {
      add(LayerType.ICMP6, at, end - at);
      walk(LayerType.ICMP6, options.wrap(ndp));
    }
  }

  private static LayerType extensionType(int protocol) {
    return switch (protocol) {
      case IpProtocol.HOP_BY_HOP -> LayerType.HOP_BY_HOP;
      case IpProtocol.ROUTING -> LayerType.ROUTING;
      case IpProtocol.FRAGMENT -> LayerType.FRAGMENT;
      default -> LayerType.DESTINATION_OPTIONS;
    };
  }

  /** Whether there is room for a layer and it is well-formed; the walk ends where it is not. */
  private boolean accept(LayerType type, int at, @Nullable Malformed malformed) {
    if (malformed != null) {
      fail(type, at, malformed.problem(), malformed.offset());
      return false;
    }
    // One slot is kept for what ends the walk: a payload, or the layer that is malformed.
    if (layers >= MAX_LAYERS - 1) {
      fail(type, at, "more layers than are walked", 0);
      return false;
    }
    return true;
  }

  /** Whether all options of the layer just added are well-formed; the layer is malformed if not. */
  private boolean walk(LayerType type, Options list) {
    while (list.next()) {
      // Going on is checking.
    }
    final String found = list.problem();
    if (found == null) {
      return true;
    }
    layers--;
    present = 0;
    for (int i = 0; i < layers; i++) {
      present |= 1 << types[i];
    }
    fail(type, offsets[layers], found, list.offset() - offsets[layers]);
    return false;
  }

  private void fail(LayerType type, int at, String what, int where) {
    problem = what;
    problemOffset = at + where - frameOffset;
    note(type, at, end - at);
  }

  private void add(LayerType type, int at, int length) {
    present |= 1 << CommonFrame.code(type);
    note(type, at, length);
  }

  private void note(LayerType type, int at, int length) {
    types[layers] = CommonFrame.code(type);
    offsets[layers] = at;
    lengths[layers] = length;
    layers++;
  }

  private void payload(int at) {
    if (at < end) {
      add(LayerType.PAYLOAD, at, end - at);
    }
  }

  /** What the layer at hand carries ends here; the rest of the frame is padding. */
  private void padding(int at) {
    end = at;
  }

  /** What is wrong with the last layer, one of a few constant texts, or null when nothing is. */
  public @Nullable String problem() {
    return problem;
  }

  /** Where the field stands that shows the problem, in bytes from the frame's first; else 0. */
  public int problemOffset() {
    return problemOffset;
  }

  /** Whether every layer is well-formed. Checksums are not asked: {@link #checksumProblem()}. */
  public boolean isValid() {
    return problem == null;
  }

  /** Layers found, 0 to {@link #MAX_LAYERS}, the malformed one and a payload included. */
  public int layers() {
    return layers;
  }

  /** What layer {@code index} is; 0 is the outermost. */
  public LayerType type(int index) {
    list();
    return TYPES[types[Objects.checkIndex(index, layers)]];
  }

  /** Where layer {@code index} begins in the buffer. */
  public int offset(int index) {
    list();
    return offsets[Objects.checkIndex(index, layers)];
  }

  /**
   * Bytes of layer {@code index}: of its header alone, for a payload or a malformed layer of all.
   */
  public int length(int index) {
    list();
    return lengths[Objects.checkIndex(index, layers)];
  }

  /** Whether there is a layer of that type and it is well-formed. */
  public boolean has(LayerType type) {
    return (present >>> CommonFrame.code(type) & 1) != 0;
  }

  /** The first layer of that type, malformed or not, or -1. */
  public int indexOf(LayerType type) {
    list();
    final byte code = CommonFrame.code(type);
    for (int i = 0; i < layers; i++) {
      if (types[i] == code) {
        return i;
      }
    }
    return -1;
  }

  /** The buffer that was decoded. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Where the frame begins in {@link #buffer()}. */
  public int frameOffset() {
    return frameOffset;
  }

  /** Bytes of the frame. */
  public int frameLength() {
    return frameLength;
  }

  /** Where what the last layer carries ends, and padding begins, in {@link #buffer()}. */
  public int paddingOffset() {
    return end;
  }

  /** Bytes of padding behind what the length fields tell. */
  public int paddingLength() {
    return frameOffset + frameLength - end;
  }

  /** Where the payload begins in {@link #buffer()}, or its end when there is none. */
  public int payloadOffset() {
    return hasPayload() ? offsets[layers - 1] : end;
  }

  /** Bytes of the payload that no layer reads, 0 for none. */
  public int payloadLength() {
    return hasPayload() ? lengths[layers - 1] : 0;
  }

  private boolean hasPayload() {
    list();
    return problem == null && layers > 0 && types[layers - 1] == PAYLOAD;
  }

  /**
   * The outermost {@link LayerType#ETHERNET}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public EthernetHeader ethernet() {
    need(LayerType.ETHERNET);
    ethernet.lay(buffer, frameOffset, frameLength);
    return ethernet;
  }

  /**
   * The outermost {@link LayerType#VLAN}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public VlanTag vlan() {
    need(LayerType.VLAN);
    return vlan;
  }

  /**
   * The outermost {@link LayerType#LLC}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public LlcHeader llc() {
    need(LayerType.LLC);
    return llc;
  }

  /**
   * The outermost {@link LayerType#ARP}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public ArpPacket arp() {
    need(LayerType.ARP);
    return arp;
  }

  /**
   * The outermost {@link LayerType#IPV4}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public Ipv4Header ipv4() {
    need(LayerType.IPV4);
    return ipv4;
  }

  /**
   * The outermost {@link LayerType#IPV6}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public Ipv6Header ipv6() {
    need(LayerType.IPV6);
    return ipv6;
  }

  /**
   * The outermost {@link LayerType#ICMP4}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public Icmp4Message icmp4() {
    need(LayerType.ICMP4);
    return icmp4;
  }

  /**
   * The outermost {@link LayerType#ICMP6}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public Icmp6Message icmp6() {
    need(LayerType.ICMP6);
    return icmp6;
  }

  /**
   * The outermost {@link LayerType#UDP}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public UdpHeader udp() {
    need(LayerType.UDP);
    return udp;
  }

  /**
   * The outermost {@link LayerType#TCP}.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #has}
   */
  public TcpHeader tcp() {
    need(LayerType.TCP);
    return tcp;
  }

  /**
   * The message of neighbor discovery.
   *
   * @throws IllegalStateException if there is none that is well-formed: ask {@link #hasNdp()}
   */
  public NdpMessage ndp() {
    if (!hasNdp()) {
      throw new IllegalStateException("layer=NDP: not in this frame");
    }
    return ndp;
  }

  /** Whether there is a well-formed message of neighbor discovery. */
  public boolean hasNdp() {
    return has(LayerType.ICMP6) && icmp6.isNdp();
  }

  private void need(LayerType type) {
    if (!has(type)) {
      throw new IllegalStateException("layer=" + type + ": not in this frame");
    }
  }

  /**
   * Which checksum is wrong, one of a few constant texts, or null when all are right that can be
   * checked: those of the outermost IPv4 header and of UDP, TCP, ICMP and ICMPv6 in a packet that
   * is whole. Frames received over veth may have unfinished checksums.
   */
  public @Nullable String checksumProblem() {
    return DecodedChecksums.problem(this);
  }

  /** Layer {@code index}, a routing header; good until the next call. */
  Ipv6Extension routing(int index) {
    return extension.type(IpProtocol.ROUTING).wrap(buffer, offset(index), length(index));
  }

  /** Whether the end of what is decoded is missing: of a fragment, or of a quote. */
  boolean isCut() {
    return cut;
  }

  /** The decoded frame in one line, as {@link FramePrinter#line} has it. */
  @Override
  public String toString() {
    return FramePrinter.line(this);
  }
}
