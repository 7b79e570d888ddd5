"""The work of InjectMain as a program with Scapy does it: each ARP request is built and sent, by one open socket."""

import argparse
import json
import time

from scapy.config import conf

conf.sniff_promisc = False
from scapy.layers.l2 import ARP, Ether  # noqa: E402
from scapy.packet import Padding  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--link", default="v0")
parser.add_argument("--seconds", type=float, default=60)
parser.add_argument("--count", type=int, default=1 << 62)
options = parser.parse_args()

sender = "02:00:00:00:00:01"
link = conf.L2socket(iface=options.link)
start = time.monotonic()
number = 0
while number < options.count and time.monotonic() - start < options.seconds:
    target = f"10.77.{number >> 8 & 255}.{number & 255}"
    frame = Ether(dst="ff:ff:ff:ff:ff:ff", src=sender) / ARP(hwsrc=sender, psrc="10.77.0.1", pdst=target)
    link.send(frame / Padding(bytes(18)))  # 60 bytes, as all the others
    number += 1
print(json.dumps({"frames": number, "seconds": time.monotonic() - start}))
