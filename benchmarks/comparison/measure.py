"""Takes turns, and counts at the far link."""

import json
import sys
import time
from dataclasses import dataclass

from .processes import Ended, Failed, Program, last_line, run
from .sweeps import HOSTS
from .works import Contender, Setting, Work


@dataclass(frozen=True)
class Pace:
    """How thoroughly: rounds, and for streams the seconds of warming up and of counting."""

    rounds: int
    warmup: float
    window: float


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def order(contenders: list, number: int) -> list:
    """The order in a round, counted from 0: every other one runs backwards, so that a machine that grows slower
    favours nobody."""
    return contenders if number % 2 == 0 else contenders[::-1]


def measure(setting: Setting, work: Work, pace: Pace) -> dict:
    """All rounds of a work, as an object of the results."""
    rounds: dict[int, list[dict]] = {number: [] for number in range(len(work.contenders))}
    faults: dict[int, list[str]] = {number: [] for number in rounds}
    for turn in range(pace.rounds):
        for number in order(range(len(work.contenders)), turn):
            contender = work.contenders[number]
            if contender.missing or len(faults[number]) > 1:
                continue  # who fails twice is not asked again
            try:
                figures = one(setting, work, contender, pace)
            except Failed as fault:
                faults[number].append(str(fault))
                say(f"  {work.key}: {contender.name}: FAILED: {fault}")
                continue
            rounds[number].append({"round": turn + 1, **figures})
            said = ", ".join(f"{key} {value}" for key, value in figures.items())
            at = "" if contender.rate is None or work.unit != "%" else f" at {contender.rate or 'max'}"
            say(f"  {work.key}, round {turn + 1} of {pace.rounds}: {contender.name}{at}: {said}")
    return {
        "key": work.key, "title": work.title, "text": work.text, "unit": work.unit, "far_side": setting.lab.far_side if work.link == "v0" else "the `ifb` drops by itself",
        "contenders": [
            {"name": contender.name, "tool": contender.tool, "ours": contender.ours, "judged": contender.judged, "rate": contender.rate,
             "command": contender.command, "missing": contender.missing,
             "faults": faults[number], "rounds": rounds[number]}
            for number, contender in enumerate(work.contenders)],
    }


def one(setting: Setting, work: Work, contender: Contender, pace: Pace) -> dict:
    """One run of one contender."""
    return sweep(setting, contender) if contender.found else stream(setting, work.link, contender, pace)


def stream(setting: Setting, link: str, contender: Contender, pace: Pace) -> dict:
    """Frames a second at the far link, between two readings some way into the run."""
    lab = setting.lab
    before = lab.settled(link)
    program = Program(contender.command, lab.tx)
    try:
        _until_frames_flow(lab, link, before, program)
        time.sleep(pace.warmup)
        first, start = lab.delivered(link), time.monotonic_ns()
        time.sleep(pace.window)
        last, end = lab.delivered(link), time.monotonic_ns()
        if not program.running():
            raise Failed(f"ended early: {last_line(program.errors() or program.output())}")
    finally:
        program.stop()
        lab.settled(link)
    return {"mpps": round((last - first) * 1e3 / (end - start), 5)}


def _until_frames_flow(lab, link: str, before: int, program: Program) -> None:
    deadline = time.monotonic() + 20
    while lab.delivered(link) - before < 10:
        if not program.running() or time.monotonic() > deadline:
            raise Failed(f"sends nothing: {last_line(program.errors() or program.output())}")
        time.sleep(0.01)


def sweep(setting: Setting, contender: Contender) -> dict:
    """A whole process: how long, what it found, and the frames that it took."""
    lab = setting.lab
    for file in setting.files.glob("*.found"):
        file.unlink()
    sent, answered = lab.settled("v0"), lab.answered()
    ended = surrounded(lab, contender, 180)
    if ended.code != 0:
        raise Failed(f"exit code {ended.code}: {last_line(ended.errors or ended.output)}")
    found = len(contender.found(ended.output))
    own = {}
    if contender.ours:
        summary = json.loads((setting.files / "framejet.json").read_text())
        own = {"own_seconds": summary["elapsed_ms"] / 1000, "possibly_lost": summary["possibly_lost"]}
    return {
        "seconds": round(ended.seconds, 4), "found": found, "share": round(100 * found / HOSTS, 3),
        "frames_out": lab.settled("v0") - sent, "frames_in": lab.answered() - answered,
        "cpu_seconds": round(ended.cpu_seconds, 3), **own,
    }


def surrounded(lab, contender: Contender, timeout: float) -> Ended:
    """Runs a sweep with what its tool needs around it."""
    heart = lab.heartbeat() if contender.tool == "masscan" else None
    if contender.routed:
        lab.route(True)
    try:
        return run(contender.command, lab.tx, timeout=timeout)
    finally:
        if contender.routed:
            lab.route(False)
        if heart:
            heart.stop()
