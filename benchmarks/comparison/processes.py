"""Programs in namespaces: started in sessions of their own, so that whatever ends us can end all of them."""

import os
import resource
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass

_running: list[subprocess.Popen] = []


class Failed(Exception):
    """A program did not do what it was started for; the text says which and why."""


@dataclass(frozen=True)
class Ended:
    """How a program ended. Times are in seconds."""

    code: int
    seconds: float
    cpu_seconds: float
    output: str
    errors: str


def inside(namespace: str | None, command: list[str]) -> list[str]:
    """The command, to be run in a namespace, and never to outlive us, `kill -9` included."""
    entered = ["ip", "netns", "exec", namespace] if namespace else []
    return [*entered, "setpriv", "--pdeathsig", "KILL", "--", *command]


class Program:
    """A program that runs. Its words go to temporary files, so that no pipe holds it up."""

    def __init__(self, command: list[str], namespace: str | None = None, env: dict[str, str] | None = None):
        self.command = command
        self._out = tempfile.TemporaryFile()
        self._err = tempfile.TemporaryFile()
        self.started = time.monotonic()
        self._before = _children()
        self._process = subprocess.Popen(
            inside(namespace, command), stdin=subprocess.DEVNULL, stdout=self._out, stderr=self._err,
            start_new_session=True, env={**os.environ, **(env or {})})
        _running.append(self._process)

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def wait(self, timeout: float) -> Ended:
        """Waits for its end; a program that takes longer than `timeout` seconds is ended and counts as failed."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            raise Failed(f"did not end within {timeout:.0f} s: {last_line(self.errors())}") from None
        seconds = time.monotonic() - self.started
        return self._ended(code, seconds)

    def stop(self, first: int = signal.SIGINT) -> Ended:
        """Ends it: politely, then not."""
        for number in (first, signal.SIGTERM, signal.SIGKILL):
            self._signal(number)
            try:
                code = self._process.wait(3)
                break
            except subprocess.TimeoutExpired:
                continue
        self._signal(signal.SIGKILL)  # what it started and left behind
        return self._ended(code, time.monotonic() - self.started)

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            pass

    def _ended(self, code: int, seconds: float) -> Ended:
        if self._process in _running:
            _running.remove(self._process)
        return Ended(code, seconds, _children() - self._before, self.output(), self.errors())

    def output(self) -> str:
        return _text(self._out)

    def errors(self) -> str:
        return _text(self._err)


def run(command: list[str], namespace: str | None = None, timeout: float = 60, env: dict[str, str] | None = None) -> Ended:
    """Runs a program to its end."""
    return Program(command, namespace, env).wait(timeout)


def must(command: list[str], namespace: str | None = None, timeout: float = 60) -> str:
    """Runs a program that has to succeed, and returns what it wrote."""
    ended = run(command, namespace, timeout)
    if ended.code != 0:
        raise Failed(f"{' '.join(command)}: exit code {ended.code}: {last_line(ended.errors or ended.output)}")
    return ended.output


def end_all() -> None:
    """Ends whatever still runs."""
    for process in list(_running):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    _running.clear()


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.replace("\r", "\n").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _children() -> float:
    """Seconds of processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _text(file) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
