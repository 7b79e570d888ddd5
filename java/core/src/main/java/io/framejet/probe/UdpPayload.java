package io.framejet.probe;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A question that the service of a well-known UDP port answers, harmless to ask: a status, a time,
 * a list. A field of it that the answer echoes, or that may hold anything, takes a cookie.
 */
final class UdpPayload {
  /** For ports of which nothing is known: a cookie of 8 bytes, as an echo service returns it. */
  static final UdpPayload ANY = new UdpPayload(new byte[8], 0, 8);

  private static final int RPC_BIND = 111;
  private static final int DNS = 53;
  private static final int NTP = 123;
  private static final int NETBIOS_NAMES = 137;
  private static final int SNMP = 161;
  private static final int STUN = 3478;
  private static final int MULTICAST_DNS = 5353;
  private static final int COAP = 5683;
  private static final int[] PORTS = {
    DNS, RPC_BIND, NTP, NETBIOS_NAMES, SNMP, STUN, MULTICAST_DNS, COAP
  };

  private static final int TYPE_NS = 2;
  private static final int TYPE_PTR = 12;
  private static final int TYPE_NBSTAT = 0x21;
  private static final int CLASS_IN = 1;

  private final byte[] bytes;
  private final int cookieOffset;
  private final int cookieWidth;

  private UdpPayload(byte[] bytes, int cookieOffset, int cookieWidth) {
    this.bytes = bytes;
    this.cookieOffset = cookieOffset;
    this.cookieWidth = cookieWidth;
  }

  /** The ports with a payload of their own, ascending. */
  static int[] ports() {
    return PORTS.clone();
  }

  /** The payload for a port. */
  static UdpPayload of(int port) {
    return switch (port) {
      case DNS -> dnsQuery("", TYPE_NS);
      case RPC_BIND -> rpcNullCall();
      case NTP -> ntpRequest();
      case NETBIOS_NAMES -> dnsQuery("CK" + "A".repeat(30), TYPE_NBSTAT);
      case SNMP -> snmpGet();
      case STUN -> stunBinding();
      case MULTICAST_DNS -> dnsQuery("_services._dns-sd._udp.local", TYPE_PTR);
      case COAP -> coapGet();
      default -> ANY;
    };
  }

  /** A copy of the payload, the cookie's bytes 0. */
  byte[] bytes() {
    return bytes.clone();
  }

  /** Where the cookie's bytes begin. */
  int cookieOffset() {
    return cookieOffset;
  }

  /** How many of the cookie's bytes there are: 2, 4 or 8. */
  int cookieWidth() {
    return cookieWidth;
  }

  /**
   * A query with one question (RFC 1035, section 4.1), its identifier a cookie: for DNS the name
   * servers of the root. The same form has a NetBIOS node status request (RFC 1002, section
   * 4.2.17), whose name is {@code *} in the first-level encoding of RFC 1001, section 14.1; and a
   * multicast DNS query, whose identifier is echoed when it is sent from another port than 5353
   * (RFC 6762, section 6.7), here for all kinds of service (RFC 6763, section 9).
   */
  private static UdpPayload dnsQuery(String name, int type) {
    final ByteBuffer query = ByteBuffer.allocate(12 + name.length() + 2 + 4);
    query.putShort(4, (short) 1).position(12);
    for (String label : name.split("\\.", 0)) {
      if (!label.isEmpty()) {
        query.put((byte) label.length()).put(ascii(label));
      }
    }
    query.put((byte) 0).putShort((short) type).putShort((short) CLASS_IN);
    final byte[] bytes = new byte[query.position()];
    query.get(0, bytes);
    return new UdpPayload(bytes, 0, Short.BYTES);
  }

  /**
   * A call of the procedure that does nothing (RFC 5531, section 9) of the port mapper, program
   * 100,000 version 2 (RFC 1833, section 3). Its transaction identifier is a cookie.
   */
  private static UdpPayload rpcNullCall() {
    final ByteBuffer call = ByteBuffer.allocate(40);
    final int rpcVersion = 2;
    final int program = 100_000;
    final int programVersion = 2;
    call.putInt(8, rpcVersion).putInt(12, program).putInt(16, programVersion);
    return new UdpPayload(call.array(), 0, Integer.BYTES);
  }

  /**
   * A client's request, version 4 (RFC 5905, section 7.3). Its transmit timestamp is a cookie: the
   * server returns it as the origin timestamp and does not look into it.
   */
  private static UdpPayload ntpRequest() {
    final byte[] request = new byte[48];
    final int version = 4;
    final int client = 3;
    request[0] = (byte) (version << 3 | client);
    return new UdpPayload(request, 40, Long.BYTES);
  }

  /**
   * A get-request (RFC 3416, section 4.2.1; RFC 1901) for sysDescr.0 (RFC 3418) of the community
   * {@code public}. Of its request identifier, an integer of three bytes, two are a cookie: the
   * first must not be such that it could be left out.
   */
  private static UdpPayload snmpGet() {
    final String version = "020101";
    final String community = "0406" + HexFormat.of().formatHex(ascii("public"));
    final String request = "a01b" + "0203010000" + "020100" + "020100";
    final String bindings = "300e" + "300c" + "06082b06010201010100" + "0500";
    final byte[] bytes = HexFormat.of().parseHex("3028" + version + community + request + bindings);
    return new UdpPayload(bytes, 18, Short.BYTES);
  }

  /**
   * A binding request (RFC 8489, section 5). 8 of the 12 bytes of its transaction identifier are a
   * cookie.
   */
  private static UdpPayload stunBinding() {
    final int type = 1;
    final int magicCookie = 0x2112_a442;
    final ByteBuffer request = ByteBuffer.allocate(20);
    request.putShort(0, (short) type).putInt(4, magicCookie);
    return new UdpPayload(request.array(), 8, Long.BYTES);
  }

  /**
   * A confirmable GET of {@code /.well-known/core} (RFC 7252, section 3; RFC 6690). Its message
   * identifier is a cookie.
   */
  private static UdpPayload coapGet() {
    final byte[] wellKnown = ascii(".well-known");
    final byte[] core = ascii("core");
    final int uriPath = 11;
    final ByteBuffer get = ByteBuffer.allocate(4 + 1 + wellKnown.length + 1 + core.length);
    get.put((byte) 0x40).put((byte) 0x01).putShort((short) 0);
    get.put((byte) (uriPath << 4 | wellKnown.length)).put(wellKnown);
    get.put((byte) core.length).put(core);
    return new UdpPayload(get.array(), 2, Short.BYTES);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
