"""The other tools: which there are, of which version, and why one cannot run here."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import processes
from .lab import Lab

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "benchmarks" / "target"
GOPACKET = TARGET / "peers" / "gopacket-inject"


@dataclass(frozen=True)
class Peer:
    """A tool other than Framejet. `missing` says why it cannot run; empty when it can."""

    name: str
    version: str
    missing: str = ""


def _version(package: str) -> str:
    ended = processes.run(["dpkg-query", "-W", "-f", "${Version}", package])
    return ended.output.strip() if ended.code == 0 else ""


def _program(name: str, package: str) -> Peer:
    if not shutil.which(name):
        return Peer(name, "", f"not installed (Debian: {package})")
    return Peer(name, _version(package) or "of unknown version")


def _gopacket() -> Peer:
    package = "golang-github-google-gopacket-dev"
    version = _version(package)
    if not version or not shutil.which("go"):
        return Peer("gopacket", version, f"not installed (Debian: golang-go, {package})")
    go = processes.must(["go", "version"]).split()[2]
    fault = _build_gopacket()
    return Peer("gopacket", f"{version} ({go})", fault)


def _build_gopacket() -> str:
    source = ROOT / "benchmarks" / "gopacket" / "inject" / "main.go"
    if GOPACKET.exists() and GOPACKET.stat().st_mtime > source.stat().st_mtime:
        return ""
    GOPACKET.parent.mkdir(parents=True, exist_ok=True)
    env = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(TARGET / "peers" / "go-cache")}
    ended = processes.run(["go", "build", "-o", str(GOPACKET), str(source)], timeout=300, env=env)
    return "" if ended.code == 0 else f"does not build: {processes.last_line(ended.errors)}"


def _xdp_trafficgen(lab: Lab) -> Peer:
    peer = _program("xdp-trafficgen", "xdp-tools")
    if peer.missing:
        return peer
    before = lab.settled("v0")
    ended = processes.run(["xdp-trafficgen", "udp", "v0", "-n", "1000"], lab.tx, timeout=20)
    arrived = lab.settled("v0") - before
    if ended.code != 0 or arrived < 1000:
        why = "; ".join(line.strip() for line in ended.errors.splitlines() if line.strip())
        first = re.sub(r"\s+", " ", why.split(";")[0]) or f"{arrived} of 1000 frames arrived"
        return Peer(peer.name, peer.version, f"does not run on this kernel ({first})")
    return peer


def _pcap4j() -> Peer:
    version = re.search(r"<pcap4j.version>([^<]+)<", (ROOT / "pom.xml").read_text())
    library = any(os.path.exists(f"/usr/lib/x86_64-linux-gnu/{name}") for name in ("libpcap.so", "libpcap.so.0.8"))
    return Peer("pcap4j", version.group(1) if version else "", "" if library else "no libpcap (Debian: libpcap0.8)")


def find(lab: Lab) -> dict[str, Peer]:
    """All peers by name; `lab` is one whose far side drops."""
    found = [
        _program("trafgen", "netsniff-ng"), _program("tcpreplay", "tcpreplay"), _xdp_trafficgen(lab),
        _pcap4j(), _gopacket(), _program("scapy", "python3-scapy"), _jnetpcap(),
        _program("arp-scan", "arp-scan"), _program("nmap", "nmap"), _program("zmap", "zmap"),
        _program("masscan", "masscan"),
    ]
    return {peer.name: peer for peer in found}


def _jnetpcap() -> Peer:
    return Peer("jNetPcap", "", (
        "2.3.1+jdk21 uses preview features of Java 21 and so runs on no other version (this is measured on 17), 3.0.0 "
        "could not be had from Maven Central, and 1.x is not there"))
