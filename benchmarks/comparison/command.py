"""The command: see `benchmarks/peers --help`."""

import argparse
import json
import os
import re
import shutil
import signal
import tempfile
import time
from pathlib import Path

from . import check, environment, measure, peers, streams, sweeps
from .lab import Lab
from .measure import say
from .processes import Failed, end_all, must, run
from .works import Setting

_DOCS = peers.ROOT / "docs"
_DROP = """__attribute__((section("xdp"), used)) int drop(void *frame) { (void)frame; return 1; }
char license_text[] __attribute__((section("license"), used)) = "Apache-2.0";
"""
_KEYS = ["stream-veth", "stream-ifb", "stream-1514", "build-veth", "build-ifb", "sweep-arp", "sweep-icmp",
         "sweep-syn-closed", "sweep-syn-open", "completeness"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/peers", description="See benchmarks/peers --help.")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", default=",".join(_KEYS))
    parser.add_argument("--out", type=Path, default=peers.TARGET / "peers")
    parser.add_argument("--no-install", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--page", nargs="?", type=Path, const=peers.TARGET / "peers" / "comparison.json")
    given = parser.parse_args()
    given.only = given.only.split(",")
    if given.only == ["help"]:
        parser.exit(0, "\n".join(_KEYS) + "\n")
    if not set(given.only) <= set(_KEYS):
        parser.error(f"--only: {', '.join(sorted(set(given.only) - set(_KEYS)))}: use {', '.join(_KEYS)}")
    return given


def java() -> list[str]:
    """Framejet's benchmarks, as the launcher starts its command line."""
    home = os.environ.get("JAVA_HOME")
    program = f"{home}/bin/java" if home else "java"
    jar = os.environ.get("FRAMEJET_BENCH_JAR", str(peers.TARGET / "framejet-benchmarks.jar"))
    return [program, "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xshare:auto", "-cp", jar]


def build() -> None:
    """What is missing or stale: the jar of the benchmarks, and the command line."""
    library = peers.ROOT / "benchmarks" / "lib.sh"
    must(["bash", "-c", f"set -euo pipefail; source {library}; build"], timeout=900)
    must([os.environ.get("FRAMEJET", str(peers.ROOT / "framejet")), "--version"], timeout=900)


def backends(framejet: str, namespace: str, link: str) -> dict[str, str]:
    """Framejet's injecting backends on a link, as its doctor tells: why one is not available, or nothing."""
    ended = run([framejet, "doctor", "-i", link, "--netns", namespace])
    return read_doctor(ended.output)


def read_doctor(text: str) -> dict[str, str]:
    """`BACKEND inject AVAILABLE WHY_NOT` of each line of the doctor's table."""
    found = {}
    for line in text.splitlines():
        row = re.match(r"(\w+)\s+inject\s+(\w+)\s*(.*)$", line)
        if row:
            available = row.group(2) in ("true", "yes")
            found[row.group(1)] = "" if available else row.group(3).strip() or "not available"
    if not found:
        raise Failed("framejet doctor names no backend")
    return found


def setting_on(lab: Lab, files: Path, known: dict[str, peers.Peer] | None = None) -> Setting:
    framejet = os.environ.get("FRAMEJET", str(peers.ROOT / "framejet"))
    found = known if known is not None else peers.find(lab)
    links = {link: backends(framejet, lab.tx, link) for link in ("v0", "sink")}
    return Setting(lab, found, links, java(), framejet, files)


def make_drop(files: Path) -> str | None:
    """An XDP program that drops all frames, if there is a clang."""
    if not shutil.which("clang"):
        return None
    source, made = files / "drop.c", files / "drop.o"
    source.write_text(_DROP)
    ended = run(["clang", "-O2", "-g", "-target", "bpf", "-c", "-o", str(made), str(source)])
    return str(made) if ended.code == 0 else None


def measure_all(given: argparse.Namespace, files: Path, drop: str | None) -> dict:
    """All works that were asked for."""
    pace = measure.Pace(given.rounds or 1, 1.2, 0.7) if given.quick else measure.Pace(given.rounds or 5, 2.0, 2.0)
    results, began = [], time.monotonic()
    with Lab(drop) as lab:
        lab.drop_all()
        setting = setting_on(lab, files)
        described = environment.describe(java()[0], setting.peers)
        for work in streams.works(setting):
            if work.key in given.only:
                results.append(measure.measure(setting, work, pace))
    with Lab(None) as lab:
        lab.answer_all()
        setting = setting_on(lab, files, setting.peers)
        warm_up(setting)
        for work in sweeps.works(setting, given.quick):
            if work.key in given.only:
                rounds = max(1, pace.rounds // 2) if work.key == "completeness" else pace.rounds
                results.append(measure.measure(setting, work, measure.Pace(rounds, 0, 0)))
    return {"schema": 1, "quick": given.quick, "rounds": pace.rounds, "warmup_s": pace.warmup, "window_s": pace.window,
            "minutes": round((time.monotonic() - began) / 60, 1), "environment": described, "works": results}


def warm_up(setting: Setting) -> None:
    """Fills the caches that every later start finds."""
    for contender in sweeps.Sweeps(setting).arp():
        if not contender.missing:
            run(contender.command, setting.lab.tx, timeout=180)


def publish(results: dict, folder: Path) -> None:
    """The page and its figures."""
    from . import figures, page  # they want matplotlib
    for work in results["works"]:
        figures.draw(work, folder / "figures")
    (folder / "comparison.md").write_text(page.render(results))
    say(f"page: {folder / 'comparison.md'}")


def command(given: argparse.Namespace) -> int:
    if given.page:
        publish(json.loads(given.page.read_text()), _DOCS)
        return 0
    if os.geteuid() != 0:
        raise Failed("makes network namespaces: run it as root")
    build()
    with tempfile.TemporaryDirectory(prefix="fj-peers-") as name:
        files = Path(name)
        drop = make_drop(files)
        if given.check:
            return check.check(lambda lab, known=None: setting_on(lab, files, known), drop)
        say(f"load average: {os.getloadavg()[0]:.2f}" + (
            " - this machine is BUSY, the figures are not worth much" if os.getloadavg()[0] > 0.5 else ""))
        results = measure_all(given, files, drop)
    given.out.mkdir(parents=True, exist_ok=True)
    made = given.out / "comparison.json"
    made.write_text(json.dumps(results, indent=1) + "\n")
    say(f"results: {made}")
    whole = set(given.only) == set(_KEYS) and not given.quick
    publish(results, _DOCS if whole else given.out)
    return 0


def stop(number: int, _frame) -> None:
    raise SystemExit(128 + number)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        return command(arguments())
    except Failed as fault:
        say(f"benchmarks/peers: {fault}")
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end_all()

