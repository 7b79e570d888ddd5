"""What is asked of the tools: a work, and who contends in it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from .lab import Lab
from .peers import Peer


@dataclass(frozen=True)
class Contender:
    """A way of doing a work. `missing` says why it is left out; then there is no command."""

    name: str
    tool: str
    command: list[str] = field(default_factory=list)
    missing: str = ""
    # For sweeps: reads which addresses it found, from what it wrote.
    found: Callable[[str], set[int]] | None = None
    # Pairs of asked rate and contender make the sweeps at growing rates.
    rate: int | None = None
    # Whether it is to reach the network by a router: who sends by the kernel's own stack would else be measured by how
    # many neighbors that keeps, 1024.
    routed: bool = False
    # Whether it does the same work as the others; what does less is shown, and never called the best.
    judged: bool = True

    @property
    def ours(self) -> bool:
        return self.tool == "framejet"


@dataclass(frozen=True)
class Work:
    """One table and one figure of the page."""

    key: str
    title: str
    text: str
    unit: str
    contenders: list[Contender]
    link: str = "v0"


@dataclass(frozen=True)
class Setting:
    """What commands are made of."""

    lab: Lab
    peers: dict[str, Peer]
    # Framejet's injecting backends, by link: why it is not available, or nothing.
    backends: dict[str, dict[str, str]]
    java: list[str]
    framejet: str
    files: Path

    def contender(self, name: str, tool: str, command: list[str], **rest) -> Contender:
        """A peer's contender, left out if the peer is."""
        missing = self.peers[tool].missing
        return Contender(name, tool, [] if missing else command, missing, **rest)
