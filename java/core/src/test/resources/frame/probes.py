# Prints one frame a line, in hex: those that ProbeInteropTest has its probes write. Each argument is the
# cookie of the next question.
import sys

from scapy.contrib.coap import CoAP
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import Ether
from scapy.layers.netbios import NBNSHeader, NBNSQueryRequest
from scapy.layers.ntp import NTPHeader
from scapy.layers.snmp import SNMP, SNMPget, SNMPvarbind
from scapy.packet import Raw

MAC, PEER = "02:00:00:00:00:01", "02:00:00:00:00:02"
A, B = "10.77.0.1", "10.77.3.4"
A6, B6 = "2001:db8::1", "2001:db8::1:2345:6789"

cookies = [int(each, 16) for each in sys.argv[1:]]
stamp = cookies.pop() >> 32


def bits(cookie, shift, width):
    return cookie >> shift & (1 << width) - 1


def raw(cookie, width=8):
    return bits(cookie, 0, 8 * width).to_bytes(width, "big")


def sport(cookie):
    return 49152 + bits(cookie, 32, 14)


def icmp(c):
    return IP(src=A, dst=B, id=0, flags="DF") / ICMP(id=bits(c, 16, 16), seq=bits(c, 0, 16)) / Raw(raw(c))


def tcp(c):
    return IP(src=A, dst=B, id=0, flags="DF") / TCP(
        sport=sport(c), dport=443, seq=bits(c, 0, 32), flags="S", window=64240, options=[
            ("MSS", 1460), ("SAckOK", b""), ("Timestamp", (stamp, 0)), ("NOP", None), ("WScale", 7)])


def udp(port, payload):
    def build(c):
        return IP(src=A, dst=B, id=0x8000 + bits(c, 46, 15), flags="DF") / UDP(sport=sport(c), dport=port) / payload(c)
    return build


def query(name, kind):
    return lambda c: DNS(id=bits(c, 0, 16), rd=0, qd=DNSQR(qname=name, qtype=kind))


def snmp(c):
    get = SNMPget(id=0x10000 | bits(c, 0, 16), varbindlist=[SNMPvarbind(oid="1.3.6.1.2.1.1.1.0")])
    return SNMP(version=1, community="public", PDU=get)


def ntp(c):
    # Scapy fills in a time, a stratum and more, unless all of it is given.
    zero = dict(stratum=0, poll=0, precision=0, delay=0, dispersion=0, id="0.0.0.0", ref_id=b"", ref=0, orig=0, recv=0)
    header = bytes(NTPHeader(leap=0, version=4, mode=3, **zero))[:40]
    return Raw(header + raw(c))


def netbios(c):
    name = b"*" + b"\0" * 15
    encoded = b"".join(bytes([0x41 + (each >> 4), 0x41 + (each & 15)]) for each in name)
    return (NBNSHeader(NAME_TRN_ID=bits(c, 0, 16), NM_FLAGS=0, QDCOUNT=1)
            / Raw(b"\x20" + encoded + b"\0" + b"\x00\x21\x00\x01"))


def rpc(c):
    words = [0, 2, 100000, 2, 0, 0, 0, 0, 0]
    return Raw(raw(c, 4) + b"".join(each.to_bytes(4, "big") for each in words))


def coap(c):
    return CoAP(type=0, code=1, msg_id=bits(c, 0, 16), options=[("Uri-Path", ".well-known"), ("Uri-Path", "core")])


def stun(c):
    return Raw(bytes.fromhex("000100002112a442") + raw(c) + bytes(4))


questions = [
    icmp, tcp, udp(4711, lambda c: Raw(raw(c))), udp(53, query(".", "NS")), udp(111, rpc), udp(123, ntp),
    udp(137, netbios), udp(161, snmp), udp(3478, stun),
    udp(5353, query("_services._dns-sd._udp.local.", "PTR")), udp(5683, coap),
]
for build in questions:
    cookie = cookies.pop(0)
    packet = bytes(build(cookie))
    print((bytes(Ether(src=MAC, dst=PEER, type=0x800)) + packet).ljust(60, b"\0").hex())
    print(packet.hex())

group, group_mac = "ff02::1:ff45:6789", "33:33:ff:45:67:89"
print(bytes(Ether(src=MAC, dst=group_mac, type=0x86DD) / IPv6(src=A6, dst=group, hlim=255)
            / ICMPv6ND_NS(tgt=B6) / ICMPv6NDOptSrcLLAddr(lladdr=MAC)).hex())
cookie = cookies.pop(0)
print(bytes(Ether(src=MAC, dst="33:33:00:00:00:01", type=0x86DD) / IPv6(src=A6, dst="ff02::1", hlim=1)
            / ICMPv6EchoRequest(id=bits(cookie, 16, 16), seq=bits(cookie, 0, 16), data=raw(cookie))).hex())
