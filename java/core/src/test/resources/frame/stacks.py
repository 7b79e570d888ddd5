# Prints one frame a line, in hex: those that StackInteropTest builds, as scapy builds them.
from scapy.layers.inet import (
    ICMP, IP, TCP, UDP, IPOption, IPOption_NOP, IPOption_Router_Alert)
from scapy.layers.inet6 import (
    ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6DestUnreach, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA,
    ICMPv6ND_RS, ICMPv6NDOptDstLLAddr, ICMPv6NDOptMTU, ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptSrcLLAddr, ICMPv6PacketTooBig, ICMPv6ParamProblem, ICMPv6TimeExceeded, IPv6,
    IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting,
    IPv6ExtHdrSegmentRouting, PadN, RouterAlert)
from scapy.layers.l2 import ARP, LLC, SNAP, STP, Dot1AD, Dot1Q, Dot3, Ether
from scapy.packet import Raw

MAC, PEER = "02:00:00:00:00:01", "02:00:00:00:00:02"
A, B = "192.0.2.1", "192.0.2.2"
A6, B6, C6 = "2001:db8::1", "2001:db8::2", "2001:db8::3"
DATA = Raw(bytes(range(37)))

e = lambda type: Ether(src=MAC, dst=PEER, type=type)
ip = lambda proto, **more: IP(src=A, dst=B, id=0, proto=proto, **more)
ip6 = lambda nh, **more: IPv6(src=A6, dst=B6, nh=nh, **{"hlim": 64, **more})
cause = bytes(ip(17) / UDP(sport=1000, dport=53) / DATA)
cause6 = bytes(ip6(17) / UDP(sport=1000, dport=53) / DATA)

frames = [
    e(0x8100) / Dot1Q(vlan=7, prio=5, type=0x800) / ip(17) / UDP(sport=1000, dport=53) / DATA,
    e(0x88A8) / Dot1AD(vlan=100, type=0x8100) / Dot1Q(vlan=7, type=0x806)
    / ARP(op=1, hwsrc=MAC, psrc=A, hwdst="00:00:00:00:00:00", pdst=B),
    Dot3(src=MAC, dst=PEER) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=0x800)
    / ip(17) / UDP(sport=1000, dport=53) / DATA,
    Dot3(src=MAC, dst=PEER) / LLC(dsap=0x42, ssap=0x42, ctrl=3) / STP(),
    e(0x800) / ip(17, ttl=30, tos=0xB9, flags="DF") / UDP(sport=1000, dport=53) / DATA,
    e(0x800) / ip(2, options=[IPOption_Router_Alert()]) / Raw(bytes.fromhex("160009fae0000005")),
    e(0x800) / ip(253, flags="MF", frag=0) / Raw(bytes(range(64))),
    e(0x800) / ip(253, frag=8) / Raw(bytes(range(64))),
    e(0x800) / ip(1) / ICMP(type=8, id=0x1234, seq=7) / DATA,
    e(0x800) / ip(1) / ICMP(type=0, id=0x1234, seq=7) / DATA,
    e(0x800) / ip(1) / ICMP(type=3, code=3) / Raw(cause),
    e(0x800) / ip(1) / ICMP(type=11, code=0) / Raw(cause),
    e(0x800) / ip(1) / ICMP(type=13, id=1, seq=2, ts_ori=1000, ts_rx=0, ts_tx=0),
    e(0x800) / ip(6) / TCP(sport=1000, dport=80, seq=0x89ABCDEF, flags="S", window=65535, options=[
        ("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 0)), ("NOP", None), ("WScale", 7)]),
    e(0x800) / ip(6) / TCP(sport=80, dport=1000, seq=1, ack=0x89ABCDF0, flags="PA", window=512) / DATA,
    e(0x86DD) / ip6(17, tc=0xB8, fl=0x12345, hlim=9) / UDP(sport=1000, dport=53) / DATA,
    e(0x86DD) / ip6(6) / TCP(sport=1000, dport=80, seq=5, flags="S", window=65535, options=[("MSS", 1440)]),
    e(0x86DD) / ip6(0) / IPv6ExtHdrHopByHop(nh=58, options=[RouterAlert(value=0)])
    / ICMPv6EchoRequest(id=0x1234, seq=7, data=bytes(range(37))),
    e(0x86DD) / ip6(58) / ICMPv6EchoReply(id=0x1234, seq=7, data=bytes(range(37))),
    e(0x86DD) / ip6(43) / IPv6ExtHdrRouting(nh=17, type=0, segleft=1, addresses=[C6])
    / UDP(sport=1000, dport=53) / DATA,
    e(0x86DD) / ip6(44) / IPv6ExtHdrFragment(nh=17, offset=8, m=0, id=0xDEADBEEF) / DATA,
    e(0x86DD) / ip6(60) / IPv6ExtHdrDestOpt(nh=17) / UDP(sport=1000, dport=53) / DATA,
    e(0x86DD) / ip6(58) / ICMPv6DestUnreach(code=4) / Raw(cause6),
    e(0x86DD) / ip6(58, hlim=255) / ICMPv6ND_RS() / ICMPv6NDOptSrcLLAddr(lladdr=MAC),
    e(0x86DD) / ip6(58, hlim=255)
    / ICMPv6ND_RA(chlim=64, routerlifetime=1800, prf=0, reachabletime=30000, retranstimer=1000)
    / ICMPv6NDOptSrcLLAddr(lladdr=MAC) / ICMPv6NDOptMTU(mtu=1500)
    / ICMPv6NDOptPrefixInfo(prefixlen=64, L=1, A=1, validlifetime=86400, preferredlifetime=14400, prefix="2001:db8::"),
    e(0x86DD) / ip6(58, hlim=255) / ICMPv6ND_NS(tgt=B6) / ICMPv6NDOptSrcLLAddr(lladdr=MAC),
    e(0x86DD) / ip6(58, hlim=255) / ICMPv6ND_NA(tgt=A6, R=0, S=1, O=1) / ICMPv6NDOptDstLLAddr(lladdr=MAC),
    e(0x8035) / ARP(op=3, hwsrc=MAC, psrc="0.0.0.0", hwdst=PEER, pdst="0.0.0.0"),
    e(0x8035) / ARP(op=4, hwsrc=MAC, psrc=A, hwdst=PEER, pdst=B),
    e(0x8100) / Dot1Q(vlan=1, type=0x8100) / Dot1Q(vlan=2, type=0x8100) / Dot1Q(vlan=4095, id=1, type=0x88B5) / DATA,
    e(0x8100) / Dot1Q(vlan=9, type=38) / LLC(dsap=0x42, ssap=0x42, ctrl=3) / STP(),
    Dot3(src=MAC, dst=PEER) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0x0A0B0C, code=0x1234) / DATA,
    e(0x800) / ip(17, options=[
        IPOption_NOP(), IPOption(bytes.fromhex("07070400000000")), IPOption(bytes.fromhex("4408050000000000"))])
    / UDP(sport=1000, dport=53) / DATA,
    e(0x800) / ip(1) / ICMP(type=14, id=1, seq=2, ts_ori=1000, ts_rx=2000, ts_tx=0xFFFFFFFF),
    e(0x800) / ip(1) / ICMP(type=3, code=4, nexthopmtu=1280) / Raw(cause),
    e(0x800) / ip(1) / ICMP(type=5, code=1, gw=A) / Raw(cause),
    e(0x800) / ip(1) / ICMP(type=12, code=0, ptr=20) / Raw(cause),
    e(0x800) / ip(6) / TCP(sport=2000, dport=1000, seq=1, flags=0xF8, window=65535, urgptr=3, options=[
        ("NOP", None), ("NOP", None), ("SAck", (5, 9))]) / DATA,
    e(0x800) / ip(4) / IP(src=B, dst=A, id=0, proto=17) / UDP(sport=1000, dport=53) / DATA,
    e(0x800) / ip(41) / ip6(17) / UDP(sport=1000, dport=53) / DATA,
    e(0x86DD) / ip6(58) / ICMPv6EchoRequest(id=0x1234, seq=7, data=bytes(range(37))),
    e(0x86DD) / ip6(58) / ICMPv6TimeExceeded(code=0) / Raw(cause6),
    e(0x86DD) / ip6(58) / ICMPv6PacketTooBig(mtu=1280) / Raw(cause6),
    e(0x86DD) / ip6(58) / ICMPv6ParamProblem(code=1, ptr=40) / Raw(cause6),
    e(0x86DD) / ip6(0) / IPv6ExtHdrHopByHop(nh=60)
    / IPv6ExtHdrDestOpt(nh=43, options=[PadN(optdata=b"\0" * 4)])
    / IPv6ExtHdrSegmentRouting(nh=44, segleft=1, lastentry=1, addresses=[C6, B6])
    / IPv6ExtHdrFragment(nh=253, offset=0, m=1, id=7) / DATA,
    e(0x86DD) / ip6(43) / IPv6ExtHdrSegmentRouting(nh=17, segleft=1, lastentry=1, addresses=[C6, B6])
    / UDP(sport=1000, dport=53) / DATA,
    e(0x86DD) / ip6(4) / ip(1) / ICMP(type=8, id=1, seq=2) / DATA,
    e(0x86DD) / ip6(59),
]
for frame in frames:
    print(bytes(frame).ljust(60, b"\0").hex())
for packet in [ip(1) / ICMP(type=8, id=1, seq=2), ip6(17) / UDP(sport=1, dport=2) / Raw(b"x")]:
    print(bytes(packet).hex())
