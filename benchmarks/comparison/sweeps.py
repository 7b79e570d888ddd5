"""Sweeps of a /16 whose every address answers: who finds how many hosts, in what time."""

import re
from pathlib import Path

from .lab import CLOSED_PORT, NEAR, NETWORK, OPEN_PORT, address
from .works import Contender, Setting, Work

_BASE = address("10.77.0.0")
_SIZE = 1 << 16
# Not the network's own address, nor its broadcast address, nor the sweeper's.
HOSTS = _SIZE - 3
RATES = [10_000, 30_000, 100_000, 300_000, 1_000_000, 0]
QUICK_RATES = [100_000, 1_000_000, 0]
_NO_LIMIT = 10_000_000  # where "as fast as it goes" has to be a number


def hosts(text: str, pattern: str, network: str = NETWORK) -> set[int]:
    """Addresses of the network that are hosts other than the sweeper, from the first group of each match."""
    first, bits = network.split("/")
    begin = address(first)
    own, found = address(NEAR), set()
    for match in re.finditer(pattern, text, re.MULTILINE):
        number = address(match.group(1))
        if begin <= number < begin + (1 << (32 - int(bits))) and _BASE < number < _BASE + _SIZE - 1 and number != own:
            found.add(number)
    return found


_ADDRESS = r"(\d+\.\d+\.\d+\.\d+)"
_READERS = {
    "framejet": rf"^{_ADDRESS},",
    "arp-scan": rf"^{_ADDRESS}\t",
    "zmap": rf"^{_ADDRESS}(?:,|$)",
    "masscan": rf"^(?:open|closed) \S+ \d+ {_ADDRESS} ",
    "nmap": rf"^Host: {_ADDRESS} .*Status: Up",
}


class Sweeps:
    """Makes the contenders; each writes to a file of its own."""

    def __init__(self, setting: Setting, network: str = NETWORK):
        self._setting = setting
        self._network = network

    def _file(self, tool: str) -> Path:
        return self._setting.files / f"{tool}.found"

    def _reader(self, tool: str, pattern: str | None = None):
        def read(output: str) -> set[int]:
            file = self._file(tool)
            text = file.read_text(errors="replace") if file.exists() else output
            return hosts(text, pattern or _READERS[tool], self._network)
        return read

    def framejet(self, kind: str, rate: int = 0, more: list[str] = (), name: str = "Framejet", state: str = "") -> Contender:
        command = [self._setting.framejet, "sweep", kind, self._network, "-i", "v0", "--rate", str(rate or "max"),
                   "--quiet", "--format", "csv", "-o", str(self._file("framejet")), "--summary",
                   str(self._setting.files / "framejet.json"), *more]
        pattern = rf"^{_ADDRESS},\d+,{state}," if state else None
        return Contender(name, "framejet", command, found=self._reader("framejet", pattern), rate=rate)

    def _peer(self, name: str, tool: str, command: list[str], rate: int, pattern: str | None = None,
              routed: bool = False) -> Contender:
        return self._setting.contender(name, tool, command, found=self._reader(tool, pattern), rate=rate, routed=routed)

    def arp_scan(self, rate: int = 0, retries: int = 1) -> Contender:
        pace = [f"--interval={round(1e6 / rate)}u"] if rate else ["--bandwidth=1000000000"]
        command = ["arp-scan", "--interface=v0", *pace, f"--retry={retries}", "--quiet", "--plain", "--numeric",
                   self._network]
        return self._peer("arp-scan", "arp-scan", command, rate)

    def nmap(self, how: list[str], rate: int = 0, pattern: str | None = None, routed: bool = False) -> Contender:
        pace = ["--min-rate", str(rate or _NO_LIMIT), *(["--max-rate", str(rate)] if rate else [])]
        command = ["nmap", "-n", *how, "-e", "v0", *pace, "--max-retries", "1", "-oG", str(self._file("nmap")),
                   self._network]
        return self._peer("nmap", "nmap", command, rate, pattern, routed)

    def zmap(self, how: list[str], rate: int = 0, threads: int = 1) -> Contender:
        command = ["zmap", *how, "-i", "v0", "-G", self._setting.lab.far_mac, "-S", NEAR, "-r", str(rate), "-c", "1", "-T",
                   str(threads), "-q", "-b", "/dev/null", "--disable-syslog", "-o", str(self._file("zmap")),
                   self._network]
        return self._peer("zmap", "zmap", command, rate)

    def masscan(self, how: list[str], rate: int = 0) -> Contender:
        lab = self._setting.lab
        command = ["masscan", *how, "--adapter", "v0", "--adapter-ip", NEAR, "--adapter-mac", lab.near_mac, "--router-mac",
                   lab.far_mac, "--rate", str(rate or _NO_LIMIT), "--wait", "1", "-oL", str(self._file("masscan")),
                   self._network]
        return self._peer("masscan", "masscan", command, rate)

    # ---- the works ----

    def arp(self) -> list[Contender]:
        return [self.framejet("arp"), self.arp_scan(), self.nmap(["-sn", "-PR"])]

    def icmp(self) -> list[Contender]:
        return [self.framejet("icmp"), self.zmap(["-M", "icmp_echoscan"]), self.masscan(["--ping"]),
                self.nmap(["-sn", "-PE"], routed=True)]

    def syn(self, port: int, state: str) -> list[Contender]:
        zmap = ["-M", "tcp_synscan", "-p", str(port), "-O", "csv", "-f", "saddr,classification",
                "--output-filter=repeat = 0"]
        pattern = rf"^Host: {_ADDRESS} .*Ports: {port}/{state}/"
        return [self.framejet("tcp", more=["--ports", str(port)], state=state), self.zmap(zmap),
                self.masscan(["-p", str(port), "--show", "open,closed"]),
                self.nmap(["-sS", "-Pn", "-p", str(port)], pattern=pattern, routed=True)]

    def at_rates(self, rates: list[int]) -> list[Contender]:
        contenders = []
        for rate in rates:
            contenders += [
                self.framejet("arp", rate, name="Framejet ARP"),
                self.framejet("arp", rate, ["--retries", "0"], "Framejet ARP, 1 try"),
                self.arp_scan(rate), self.framejet("icmp", rate, name="Framejet ICMP"),
                self.zmap(["-M", "icmp_echoscan"], rate), self.masscan(["--ping"], rate),
            ]
        return contenders


def works(setting: Setting, quick: bool) -> list[Work]:
    """The works of this file."""
    sweeps = Sweeps(setting)
    answer = "Linux's own stack answers for every address. "
    return [
        Work("sweep-arp", "ARP sweep of a /16", answer + "The time is that of the whole process, from its start to its end, "
             "JVM and waiting for late answers included.", "s", sweeps.arp()),
        Work("sweep-icmp", "ICMP echo sweep of a /16", answer + "Framejet finds out each host's MAC first; zmap and masscan "
             "are told one for all, and nmap has a route by a router, without which the kernel's neighbor table ends it at "
             "1024 hosts. zmap and masscan wait 1 s for late answers, the least they take.", "s", sweeps.icmp()),
        Work("sweep-syn-closed", "SYN sweep of a /16, closed port", answer + f"One port, {CLOSED_PORT}, where nobody listens: "
             "the answer is a RST.", "s", sweeps.syn(CLOSED_PORT, "closed")),
        Work("sweep-syn-open", "SYN sweep of a /16, open port", answer + f"One port, {OPEN_PORT}, that takes connections: the "
             "answer is a SYN-ACK, which the sweeper's kernel, or masscan itself, then refuses by a RST.", "s",
             sweeps.syn(OPEN_PORT, "open")),
        Work("completeness", "Share of hosts found at growing rates", answer + "Each tool with its usual number of tries: "
             "Framejet asks up to two times more whoever kept silent, unless it says 1 try; the others ask each "
             "once.", "%", sweeps.at_rates(QUICK_RATES if quick else RATES)),
    ]
