# Prints one frame a line, in hex: those that FrameInteropTest builds, as scapy builds them.
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

MAC, PEER = "02:00:00:00:00:01", "02:00:00:00:00:02"
IP, PEER_IP = "192.0.2.1", "192.0.2.2"
ALL = "ff:ff:ff:ff:ff:ff"
NONE = "00:00:00:00:00:00"

frames = [
    Ether(src=MAC, dst=ALL, type=0x0806) / ARP(op=1, hwsrc=MAC, psrc=IP, hwdst=NONE, pdst=PEER_IP),
    Ether(src=PEER, dst=MAC, type=0x0806) / ARP(op=2, hwsrc=PEER, psrc=PEER_IP, hwdst=MAC, pdst=IP),
    Ether(src=MAC, dst=ALL, type=0x8035)
    / ARP(op=3, hwsrc=MAC, psrc="0.0.0.0", hwdst=MAC, pdst="0.0.0.0"),
    Ether(src=PEER, dst=MAC, type=0x8035) / ARP(op=4, hwsrc=PEER, psrc=PEER_IP, hwdst=MAC, pdst=IP),
    Ether(src=MAC, dst=PEER, type=0x88B5) / Raw(bytes(range(100))),
]
for frame in frames:
    print(bytes(frame).ljust(60, b"\0").hex())
