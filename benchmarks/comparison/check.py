"""That all tools that are installed deliver what they claim: frames asked for are frames counted at the far link.

No timings. What is not installed is named as skipped.
"""

import json
import re

from . import streams
from .lab import Lab
from .measure import say, surrounded
from .processes import Failed, last_line, run
from .sweeps import Sweeps
from .works import Contender, Setting

FRAMES = 3000
_NETWORK = "10.77.4.0/22"
_HOSTS = 1024
_RATE = 20_000


# Tools that end by themselves on a busy machine, by what they say then. trafgen does when the kernel has no room for
# its ring's frames for a moment, which several of its processes bring about between them.
_GIVES_UP = {"trafgen": "Flushing TX_RING failed: Resource temporarily unavailable"}


class GaveUp(Exception):
    """A tool ended by itself, which is no fault of how it was started."""


class Tally:
    """What was checked, and how it ended."""

    def __init__(self):
        self.passed = 0
        self.failed: list[str] = []
        self.skipped: list[str] = []

    def ran(self, name: str, fault: str) -> None:
        if fault:
            self.failed.append(f"{name}: {fault}")
        else:
            self.passed += 1
        say(f"  {name}: {fault or 'as claimed'}")

    def skip(self, name: str, why: str) -> None:
        self.skipped.append(f"{name}: {why}")
        say(f"  {name}: SKIPPED: {why}")


def claim(tool: str, output: str) -> int | None:
    """How many frames a tool says it sent, where it says so."""
    patterns = {
        "trafgen": r"(\d+) packets outgoing", "tcpreplay": r"^Actual: (\d+) packets",
        "framejet": r'"frames": (\d+)', "pcap4j": r'"frames": (\d+)', "gopacket": r'"frames": (\d+)',
        "scapy": r'"frames": (\d+)',
    }
    found = re.search(patterns[tool], output, re.MULTILINE) if tool in patterns else None
    return int(found.group(1)) if found else None


def gave_up(tool: str, code: int, errors: str) -> bool:
    """Whether a tool ended for a reason that is known to be its own."""
    return code != 0 and tool in _GIVES_UP and _GIVES_UP[tool] in errors


def delivers(setting: Setting, link: str, contender: Contender) -> str:
    """Sends `FRAMES` frames; what is wrong, or nothing."""
    before = setting.lab.settled(link)
    ended = run(contender.command, setting.lab.tx, timeout=30)
    arrived = setting.lab.settled(link) - before
    if gave_up(contender.tool, ended.code, ended.errors):
        raise GaveUp(f"gave up: {last_line(ended.errors)}")
    if ended.code != 0:
        return f"exit code {ended.code}: {last_line(ended.errors or ended.output)}"
    said = claim(contender.tool, ended.output + ended.errors)
    if arrived != FRAMES or said not in (None, FRAMES):
        return f"{FRAMES} frames asked for, {said} claimed, {arrived} counted at the far link"
    return ""


def finds(setting: Setting, contender: Contender) -> str:
    """Sweeps a network; what is wrong, or nothing."""
    before, answers = setting.lab.settled("v0"), setting.lab.answered()
    ended = surrounded(setting.lab, contender, 30)
    sent, answered = setting.lab.settled("v0") - before, setting.lab.answered() - answers
    if ended.code != 0:
        return f"exit code {ended.code}: {last_line(ended.errors or ended.output)}"
    found = len(contender.found(ended.output))
    # Others may miss answers on a busy machine; but what they send has to arrive, and what they find has to answer.
    least = _HOSTS if contender.ours else 1
    if sent < _HOSTS or not least <= found <= answered:
        return f"{_HOSTS} targets: {sent} frames counted at the far link, {answered} came back, {found} found"
    if contender.ours:
        summary = json.loads((setting.files / "framejet.json").read_text())
        if summary["hosts_up"] != found or summary["tx"]["kernel_packets"] > sent:
            return f"claims {summary['hosts_up']} hosts and {summary['tx']} for {found} and {sent}"
    return ""


def check_streams(setting: Setting, tally: Tally) -> None:
    """Ready-made frames of two sizes, and frames built each by each."""
    cases = [("60 bytes to a veth", "v0", streams.stream(setting, "v0", 60, FRAMES)),
             ("60 bytes to an ifb", "sink", streams.stream(setting, "sink", 60, FRAMES)),
             ("1514 bytes to a veth", "v0", streams.stream(setting, "v0", 1514, FRAMES)),
             ("built, to a veth", "v0", streams.built(setting, "v0", FRAMES))]
    for title, link, contenders in cases:
        for contender in contenders:
            _check(tally, f"{title}: {contender.name}", contender, lambda c, on=link: delivers(setting, on, c))


def check_sweeps(setting: Setting, tally: Tally) -> None:
    """Small sweeps at a rate that nobody fails at."""
    sweeps = Sweeps(setting, _NETWORK)
    cases = [sweeps.framejet("arp", _RATE), sweeps.arp_scan(_RATE), sweeps.framejet("icmp", _RATE),
             sweeps.zmap(["-M", "icmp_echoscan"], _RATE), sweeps.masscan(["--ping"], _RATE),
             sweeps.nmap(["-sn", "-PR"], _RATE), sweeps.nmap(["-sn", "-PE"], _RATE, routed=True)]
    for contender in cases:
        _check(tally, f"sweep: {contender.name} {contender.command[1:3]}", contender,
               lambda c: finds(setting, c))


def _check(tally: Tally, name: str, contender: Contender, does) -> None:
    if contender.missing:
        tally.skip(name, contender.missing)
        return
    try:
        tally.ran(name, does(contender))
    except GaveUp as reason:
        tally.skip(name, str(reason))
    except Failed as fault:
        tally.ran(name, str(fault))


def check(setting_for, drop: str | None) -> int:
    """All of it; the exit code. `setting_for` makes a setting on a lab."""
    tally = Tally()
    with Lab(drop) as lab:
        lab.drop_all()
        setting = setting_for(lab)
        check_streams(setting, tally)
    with Lab(None) as lab:
        lab.answer_all()
        check_sweeps(setting_for(lab, setting.peers), tally)
    for line in tally.failed:
        say(f"FAILED: {line}")
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped")
    return 1 if tally.failed else 0
