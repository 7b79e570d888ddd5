"""What was measured on."""

import datetime
import os
import platform
import re
from pathlib import Path

from .peers import ROOT, Peer
from .processes import run


def describe(java: str, peers: dict[str, Peer]) -> dict:
    """The machine, and the versions of all that ran on it."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "kernel": platform.release(), "cpu": cpu.group(1) if cpu else platform.machine(), "cores": os.cpu_count(),
        "memory_gib": round(int(memory.group(1)) / 2**20) if memory else 0, "governor": _governor(),
        "hypervisor": _hypervisor(), "os": _os_name(), "java": _java(java), "load": round(os.getloadavg()[0], 2),
        "framejet": _commit(), "peers": [vars(peer) for peer in peers.values()],
    }


def _governor() -> str:
    path = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    return path.read_text().strip() if path.exists() else "none shown"


def _hypervisor() -> str:
    return "virtual machine" if re.search(r"^flags.*\bhypervisor\b", Path("/proc/cpuinfo").read_text(), re.M) else "none"


def _os_name() -> str:
    found = re.search(r'^PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text(), re.MULTILINE)
    return found.group(1) if found else "unknown"


def _java(java: str) -> str:
    said = run([java, "-version"]).errors
    found = re.search(r'version "([^"]+)"', said)
    return found.group(1) if found else "unknown"


def _commit() -> str:
    said = run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"])
    return said.output.strip() if said.code == 0 else "unknown"
