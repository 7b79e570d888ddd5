"""Frames of one kind as fast as they go: ready-made ones, and ones that a program builds each by each."""

import os
import struct
import sys
from pathlib import Path

from .peers import GOPACKET
from .works import Contender, Setting, Work

_SENDER = bytes.fromhex("020000000001")
TARGETS = 1 << 16

# Backends whose frames begin with an IP header: they have no ARP.
_IP_ONLY = {"rawip"}


def request(target: int, size: int) -> bytes:
    """An ARP request for 10.77.x.y, followed by zeros up to `size` bytes."""
    head = bytes(b"\xff" * 6 + _SENDER) + struct.pack("!HHHBBH", 0x0806, 1, 0x0800, 6, 4, 1)
    body = _SENDER + bytes((10, 77, 0, 1)) + bytes(6) + bytes((10, 77, target >> 8 & 255, target & 255))
    return (head + body).ljust(size, b"\0")


def write_capture(path: Path, size: int, frames: int) -> None:
    """A capture file of requests, for tcpreplay."""
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for target in range(frames):
            out.write(struct.pack("<IIII", 0, target, size, size) + request(target, size))


def write_trafgen(path: Path, size: int) -> None:
    """The same requests for trafgen: one frame, the last byte of whose target counts."""
    words = ", ".join(str(byte) for byte in request(0, 60)[:41])
    path.write_text(f"{{ {words}, dinc(0, 255), fill(0, {size - 42}) }}\n")


def _framejet(setting: Setting, link: str, size: int, count: int) -> list[Contender]:
    contenders = []
    for backend, missing in setting.backends[link].items():
        name = f"Framejet {backend}"
        if backend in _IP_ONLY:
            continue
        bypass = ["--bypass"] if backend in ("ring", "socket") else []
        command = [*setting.java, "io.framejet.benchmark.InjectMain", "--link", link, "--backend", backend, "--frame",
                   str(size), *_batch(backend), *bypass, *_until(count)]
        contenders.append(Contender(name, "framejet", [] if missing else command, missing))
    return contenders


def _batch(backend: str) -> list[str]:
    # Where a call into the kernel costs much, larger batches; the others have what they need by default.
    return ["--batch", "1024"] if backend == "xdp" else []


def _until(count: int) -> list[str]:
    return ["--count", str(count)] if count else ["--seconds", "3600"]


def stream(setting: Setting, link: str, size: int, count: int = 0) -> list[Contender]:
    """Everybody who sends ready-made frames: `count` of them, or until stopped."""
    capture, config = setting.files / f"arp-{size}.pcap", setting.files / f"arp-{size}.cfg"
    if not capture.exists():
        write_capture(capture, size, 4096)
        write_trafgen(config, size)
    trafgen = ["trafgen", "--no-sock-mem", "--notouch-irq", "--no-cpu-stats", "--dev", link, "--conf", str(config),
               *(["--num", str(count)] if count else [])]
    replay = ["tcpreplay", "--quiet", "--topspeed", "--preload-pcap", "--no-flow-stats", f"--intf1={link}",
              *([f"--limit={count}", f"--loop={count // 4096 + 1}"] if count else [f"--loop={10**8}"]), str(capture)]
    others = [
        setting.contender("trafgen, 1 CPU", "trafgen", [*trafgen, "--cpus", "1"]),
        setting.contender("trafgen, all CPUs", "trafgen", [*trafgen, "--cpus", str(os.cpu_count() or 1)]),
        setting.contender("tcpreplay", "tcpreplay", replay),
    ]
    if link == "v0" and size == 60:
        generator = ["xdp-trafficgen", "udp", link, "--dst-mac", setting.lab.far_mac,
                     *(["--num-packets", str(count)] if count else [])]
        others.append(setting.contender("xdp-trafficgen, UDP over IPv6", "xdp-trafficgen", generator))
    return _framejet(setting, link, size, count) + others


def built(setting: Setting, link: str, count: int = 0) -> list[Contender]:
    """Programs that build each frame: Framejet's ways of building over its usual backends, and the libraries."""
    ours = []
    for backend in _build_backends(setting, link):
        for source in ("builder", "flyweight", "template"):
            command = [*setting.java, "io.framejet.benchmark.InjectMain", "--link", link, "--backend", backend,
                       "--source", source, "--bypass", *_batch(backend), *_until(count)]
            ours.append(Contender(f"Framejet {source}, {backend}", "framejet", command, judged=source != "template"))
    scapy = str(Path(__file__).with_name("programs") / "scapy_inject.py")
    until = ["--count", str(count)] if count else ["--seconds", "3600"]
    until_go = ["-count", str(count)] if count else ["-seconds", "3600"]
    pcap4j = [*setting.java, "io.framejet.benchmark.Pcap4jMain", "--link", link, *until]
    go = [str(GOPACKET), "-link", link]
    return ours + [
        setting.contender("pcap4j", "pcap4j", pcap4j),
        setting.contender("gopacket, libpcap", "gopacket", [*go, "-via", "pcap", *until_go]),
        setting.contender("gopacket, AF_PACKET", "gopacket", [*go, "-via", "afpacket", *until_go]),
        setting.contender("Scapy", "scapy", [sys.executable, "-B", scapy, "--link", link, *until]),
        setting.contender("jNetPcap", "jNetPcap", []),
    ]


def _build_backends(setting: Setting, link: str) -> list[str]:
    """The ring, which is there wherever Framejet runs, and the fastest of the others that this link has."""
    available = [name for name, missing in setting.backends[link].items() if not missing]
    fastest = next((name for name in ("xdp", "xsk") if name in available), None)
    return ["ring"] + ([fastest] if fastest else [])


def works(setting: Setting) -> list[Work]:
    """The works of this file."""
    return [
        Work("stream-veth", "60-byte frames to a veth", "ARP requests of 60 bytes (64 with FCS), the target counting up, "
             "to a veth whose far side drops them. Counted at the far side.", "Mpps", stream(setting, "v0", 60)),
        Work("stream-ifb", "60-byte frames to an ifb", "The same to an `ifb`, a link that swallows what it gets: what is "
             "left is the sender's own cost.", "Mpps", stream(setting, "sink", 60), "sink"),
        Work("stream-1514", "1514-byte frames to a veth", "The ARP requests followed by zeros up to 1514 bytes (1518 with FCS), to the veth.", "Mpps",
             stream(setting, "v0", 1514)),
        Work("build-veth", "Build and send each frame, veth", "A program builds each ARP request and sends it, to a veth "
             "whose far side drops. *builder* makes an object of each frame, *flyweight* writes every field into the "
             "backend's memory; *template* writes only the target, which is less work than the others do, and so it is "
             "shown and not compared. Builders of the other libraries are used again from frame "
             "to frame.", "Mpps", built(setting, "v0")),
        Work("build-ifb", "Build and send each frame, ifb", "The same to an `ifb`.", "Mpps", built(setting, "sink"), "sink"),
    ]
