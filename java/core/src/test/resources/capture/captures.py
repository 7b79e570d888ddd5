"""Writes the same three frames in every variant that scapy knows: captures.py FOLDER."""
import sys
from scapy.packet import Raw
from scapy.utils import PcapWriter

folder = sys.argv[1]
frames = []
for i in range(3):
    frame = Raw(bytes(range(60 + i)))
    frame.time = 1700000000 + i + 0.5
    frame.wirelen = 60 + i
    frames.append(frame)

for order, letter in (("<", "le"), (">", "be")):
    for nano in (False, True):
        name = "%s/scapy-%s-%s.pcap" % (folder, letter, "ns" if nano else "us")
        writer = PcapWriter(name, linktype=1, endianness=order, nano=nano)
        writer.write_header(None)
        for frame in frames:
            writer.write_packet(
                bytes(frame),
                sec=int(frame.time),
                usec=500000000 if nano else 500000,
                caplen=len(frame),
                wirelen=len(frame),
            )
        writer.close()
