"""Listens on a TCP port of all addresses, and takes no connection off the queue. Ends with whoever started it."""

import signal
import socket
import sys

with socket.socket() as listener:
    listener.bind(("0.0.0.0", int(sys.argv[1])))
    listener.listen(4096)
    print("listening", flush=True)
    signal.pause()
