"""The page, from results made up for the purpose."""

import importlib.util
import tempfile
import unittest
from pathlib import Path

from comparison import numbers, page


def contender(name: str, figures: list[dict], ours: bool = False, missing: str = "", rate=None, faults=()) -> dict:
    return {"name": name, "tool": "framejet" if ours else name, "ours": ours, "rate": rate, "judged": True, "missing": missing,
            "command": [] if missing else ["/opt/x/tool", "--out=/tmp/a/b.txt", "-b", "/dev/null", "v0"],
            "faults": list(faults), "rounds": [{"round": turn + 1, **figure} for turn, figure in enumerate(figures)]}


def stream(ours: list[float], theirs: list[float]) -> dict:
    return {"key": "stream-veth", "title": "60-byte frames to a veth", "text": "Frames.", "unit": "Mpps", "far_side": "drops",
            "contenders": [contender("Framejet ring", [{"mpps": value} for value in ours], True),
                           contender("trafgen", [{"mpps": value} for value in theirs]),
                           contender("xdp-trafficgen", [], missing="does not run on this kernel")]}


def swept(seconds: float, found: int) -> dict:
    return {"seconds": seconds, "found": found, "share": 100 * found / 65533, "frames_out": 65533, "frames_in": found,
            "cpu_seconds": 1}


def results(*works: dict) -> dict:
    return {"quick": False, "rounds": 2, "warmup_s": 2, "window_s": 2, "minutes": 30, "works": list(works), "environment": {
        "date": "2026-01-02", "kernel": "6.1", "cpu": "A CPU", "cores": 2, "memory_gib": 24, "governor": "none shown",
        "hypervisor": "none", "os": "Debian", "java": "17", "load": 0.1, "framejet": "abc",
        "peers": [{"name": "trafgen", "version": "0.6.8", "missing": ""}, {"name": "jNetPcap", "version": "", "missing": "gone"}]}}


class Page(unittest.TestCase):
    def test_should_say_where_framejet_loses(self):
        text = page.render(results(stream([1.0, 1.0], [2.0, 4.0])))
        self.assertIn("slower: 0.375 times as fast (0.250 to 0.500)", text)
        self.assertIn("- 60-byte frames to a veth: trafgen is 3.00 times as fast as Framejet ring.", text)

    def test_should_say_where_framejet_wins(self):
        text = page.render(results(stream([4.0, 4.0], [2.0, 1.0])))
        self.assertIn("**3.00 times as fast** (2.00 to 4.00)", text)
        self.assertIn("Nowhere in this run", text)

    def test_should_call_a_small_difference_none(self):
        self.assertEqual([], page.losses([stream([1.0, 1.0], [1.02, 1.02])]))

    def test_should_count_less_time_as_better_and_name_what_was_found(self):
        work = {"key": "sweep-arp", "title": "ARP sweep of a /16", "text": "", "unit": "s", "far_side": "answers",
                "contenders": [contender("Framejet", [swept(2.0, 65533)], True), contender("arp-scan", [swept(1.0, 65533)]),
                               contender("masscan", [swept(0.5, 30000)])]}
        self.assertIn("slower: 0.500 times as fast", page.render(results(work)))
        self.assertEqual(["ARP sweep of a /16: arp-scan is 2.00 times as fast as Framejet, and finds 100.0 %.",
                          "ARP sweep of a /16: masscan is 4.00 times as fast as Framejet, and finds 45.8 %."],
                         page.losses([work]))

    def test_should_not_let_a_sweep_that_misses_hosts_be_the_best(self):
        work = {"key": "sweep-arp", "unit": "s", "contenders": [contender("fast", [swept(0.1, 9)]), contender("whole", [swept(1, 65533)])]}
        self.assertEqual("whole", page.best(work, False)["name"])

    def test_should_say_who_finds_more_at_a_rate(self):
        work = {"title": "Share", "unit": "%", "contenders": [
            contender("Framejet ARP", [swept(1, 65000)], True, rate=10_000),
            contender("arp-scan", [swept(1, 65533)], rate=10_000)]}
        self.assertEqual(["Share, 10k pps: arp-scan finds 100.00 %, Framejet ARP 99.19 %."], page.losses([work]))

    def test_should_not_compare_what_does_less_work(self):
        work = {**stream([9.0], [2.0]), "key": "build-veth"}
        work["contenders"][0]["judged"] = False
        work["contenders"].append(contender("Framejet builder, ring", [{"mpps": 1.0}], True))
        self.assertEqual("Framejet builder, ring", page.best(work, True)["name"])
        self.assertEqual(["60-byte frames to a veth: trafgen is 2.00 times as fast as Framejet builder, ring."],
                         page.losses([work]))

    def test_should_name_what_could_not_run(self):
        text = page.render(results(stream([1.0], [1.0])))
        self.assertIn("- left out: xdp-trafficgen: does not run on this kernel", text)
        self.assertIn("- jNetPcap: gone.", text)

    def test_should_tell_of_failures(self):
        work = stream([1.0], [1.0])
        work["contenders"][1]["faults"] = ["ended early: no buffers"]
        self.assertIn("- failed in 1 of 2 runs: trafgen: ended early: no buffers", page.render(results(work)))

    def test_should_match_ratios_by_round(self):
        self.assertEqual([2.0], numbers.ratios({1: 9.0, 2: 4.0}, {2: 2.0, 3: 1.0}))

    def test_should_show_commands_without_folders(self):
        self.assertEqual("tool --out=b.txt -b /dev/null v0", page.readable(["/opt/x/tool", "--out=/tmp/a/b.txt", "-b",
                                                                           "/dev/null", "v0"]))

    def test_should_show_three_figures(self):
        self.assertEqual(["4.52", "0.00490", "65,533", "12.3", "0.645"],
                         [numbers.digits(value) for value in (4.521, 0.0049, 65533, 12.34, 0.6451)])

    @unittest.skipUnless(importlib.util.find_spec("matplotlib"), "no matplotlib")
    def test_should_draw_in_the_readers_colours(self):
        from comparison import figures
        with tempfile.TemporaryDirectory() as folder:
            figures.draw(stream([1.0, 2.0], [2.0, 4.0]), Path(folder))
            text = (Path(folder) / "stream-veth.svg").read_text()
        self.assertIn("prefers-color-scheme:dark", text)
        self.assertIn("currentColor", text)
        self.assertIn(">Framejet ring<", text)
        self.assertNotIn("#010203", text)


if __name__ == "__main__":
    unittest.main()
