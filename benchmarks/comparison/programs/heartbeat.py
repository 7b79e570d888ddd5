"""Sends ten frames a second of the experimental EtherType 0x88b5, which nobody answers."""

import socket
import sys
import time

FRAME = bytes.fromhex("02000000000202000000000188b5") + bytes(46)

with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
    link.bind((sys.argv[1], 0))
    while True:
        link.send(FRAME)
        time.sleep(0.1)
