"""Two network namespaces with a veth pair between them, an `ifb` that swallows, and the counters of their links.

There is no way out: the namespaces have no other links and no default route, and `Lab` checks that before any tool runs.
"""

import glob
import os
import socket
import sys
import time
from pathlib import Path

from .processes import Failed, Program, must

NETWORK = "10.77.0.0/16"
NEAR = "10.77.0.1"
FAR = "10.77.0.2"
OPEN_PORT = 7001
CLOSED_PORT = 7002
_PREFIX = "fj-bench-"
_EXPECTED_LINKS = {"lo", "v0", "v1", "sink"}


class Lab:
    """`tx` has v0 and the ifb `sink`, `rx` has v1. To be used in a `with`."""

    def __init__(self, drop_program: str | None):
        """`drop_program`: an object file with an XDP program that drops all, for streams; None without clang."""
        self.tx = f"{_PREFIX}{os.getpid()}-tx"
        self.rx = f"{_PREFIX}{os.getpid()}-rx"
        self._drop = drop_program
        self._roots: dict[str, str] = {}
        self._programs: list[Program] = []
        self.far_side = ""

    def __enter__(self) -> "Lab":
        forget_dead()
        try:
            self._make()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._remove()

    def _make(self) -> None:
        for namespace in (self.tx, self.rx):
            must(["ip", "netns", "add", namespace])
            # All frames are to be the measurement's own.
            quiet = "for i in all default; do f=/proc/sys/net/ipv6/conf/$i/disable_ipv6; [ ! -e $f ] || echo 1 >$f; done"
            must(["sh", "-c", quiet], namespace)
            must(["ip", "link", "set", "lo", "up"], namespace)
            self._hold(namespace)
        must(["ip", "link", "add", "v0", "netns", self.tx, "type", "veth", "peer", "name", "v1", "netns", self.rx])
        must(["ip", "link", "add", "sink", "type", "ifb"], self.tx)
        must(["ip", "addr", "add", f"{NEAR}/16", "dev", "v0"], self.tx)
        must(["ip", "addr", "add", f"{FAR}/16", "dev", "v1"], self.rx)
        must(["ip", "link", "set", "v1", "up"], self.rx)
        must(["ip", "link", "set", "v0", "up"], self.tx)
        must(["ip", "link", "set", "sink", "up"], self.tx)
        for namespace in (self.tx, self.rx):
            _require_no_way_out(namespace)
        self.near_mac = self._file("tx", "v0", "address")
        self.far_mac = self._file("rx", "v1", "address")

    def _hold(self, namespace: str) -> None:
        """Keeps a process in the namespace: its view of /sys shows that namespace's links."""
        holder = Program(["sleep", "infinity"], namespace)
        self._programs.append(holder)
        self._roots[namespace] = f"/proc/{holder.pid}/root"
        comm = Path(f"/proc/{holder.pid}/comm")
        deadline = time.monotonic() + 10
        while comm.read_text().strip() != "sleep":  # before, it still is `ip` or `setpriv`
            if time.monotonic() > deadline or not holder.running():
                raise Failed(f"cannot enter {namespace}: {holder.errors()}")
            time.sleep(0.005)

    def _remove(self) -> None:
        for program in self._programs:
            program.stop()
        for namespace in (self.tx, self.rx):
            if os.path.exists(f"/run/netns/{namespace}"):
                must(["ip", "netns", "del", namespace])

    # ---- the far side ----

    def drop_all(self) -> None:
        """The far side takes every frame and drops it, as early as this machine lets it."""
        if self._drop and _works(["ip", "link", "set", "v1", "xdp", "obj", self._drop, "section", "xdp"], self.rx):
            self.far_side = "an XDP program drops every frame"
        else:
            must(["ip", "link", "set", "v1", "arp", "off"], self.rx)
            self.far_side = "Linux drops every frame, its link being without ARP (no clang, or no XDP here)"

    def answer_all(self) -> None:
        """Linux answers on v1 for the whole /16, and takes connections to one port."""
        must(["ip", "route", "add", "local", NETWORK, "dev", "lo"], self.rx)
        must(["ip", "route", "add", f"{NEAR}/32", "dev", "v1", "table", "local"], self.rx)
        # Every SYN is answered, however many come at a time.
        must(["sh", "-c", "echo 2 >/proc/sys/net/ipv4/tcp_syncookies"], self.rx)
        program = str(Path(__file__).with_name("programs") / "listen.py")
        listener = Program([sys.executable, "-B", program, str(OPEN_PORT)], self.rx)
        self._programs.append(listener)
        deadline = time.monotonic() + 10
        while "listening" not in listener.output():
            if time.monotonic() > deadline or not listener.running():
                raise Failed(f"no listener: {listener.errors()}")
            time.sleep(0.02)
        self.far_side = "Linux's own stack answers for every address"

    def heartbeat(self) -> Program:
        """Ten frames a second towards the sender: a network is never silent, and some receivers rely on that."""
        program = str(Path(__file__).with_name("programs") / "heartbeat.py")
        return Program([sys.executable, "-B", program, "v1"], self.rx)

    def route(self, by_router: bool) -> None:
        """Whether the sweeper takes the /16 for one behind a router, which is the far side, or for its own link's."""
        for half in ("10.77.0.0/17", "10.77.128.0/17"):
            must(["ip", "route", "add" if by_router else "del", half, "via", FAR], self.tx)

    # ---- counters ----

    def delivered(self, link: str) -> int:
        """Frames that have arrived from `v0` at the far link, or that `sink` took, since the links were made.

        With an XDP program or GRO on it, a veth counts what it has polled; without, what it was handed. An ifb counts
        what is injected as received, and once more as dropped.
        """
        if link == "sink":
            return int(self._file("tx", "sink", "statistics/rx_packets"))
        return int(self._file("rx", "v1", "statistics/rx_packets"))

    def answered(self) -> int:
        """Frames that have come back to v0."""
        return int(self._file("tx", "v0", "statistics/rx_packets"))

    def settled(self, link: str, seconds: float = 0.1) -> int:
        """Frames delivered, once there were no new ones for a while."""
        last = self.delivered(link)
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < seconds:
            time.sleep(0.01)
            now = self.delivered(link)
            if now != last:
                last, quiet_since = now, time.monotonic()
        return last

    def _file(self, side: str, link: str, name: str) -> str:
        root = self._roots[self.tx if side == "tx" else self.rx]
        return Path(f"{root}/sys/class/net/{link}/{name}").read_text().strip()


def _works(command: list[str], namespace: str) -> bool:
    try:
        must(command, namespace)
        return True
    except Failed:
        return False


def _require_no_way_out(namespace: str) -> None:
    """Scanners run here: nothing but the lab may be reached."""
    links = {line.split(":")[1].strip().split("@")[0] for line in must(["ip", "-o", "link"], namespace).splitlines()}
    routes = must(["ip", "route", "show", "default"], namespace).strip()
    if not links <= _EXPECTED_LINKS or routes:
        raise Failed(f"namespace {namespace} is no lab: links {sorted(links)}, default route '{routes}'")


def forget_dead() -> None:
    """Removes labs of programs that were killed."""
    for path in glob.glob(f"/run/netns/{_PREFIX}*"):
        name = os.path.basename(path)
        owner = name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdigit() and not os.path.exists(f"/proc/{owner}"):
            _works_quietly(name)


def _works_quietly(name: str) -> None:
    try:
        must(["ip", "netns", "del", name])
    except Failed:
        pass  # another script was faster


def address(text: str) -> int:
    """An IPv4 address as a number; -1 for what is none."""
    try:
        return int.from_bytes(socket.inet_aton(text), "big") if text.count(".") == 3 else -1
    except OSError:
        return -1
