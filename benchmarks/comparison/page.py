"""The page: docs/comparison.md, made from the results and from nothing else."""

import shlex

from .numbers import digits, rate, ratios, spread
from .sweeps import HOSTS

_TIE = 0.03  # closer than this is no difference


def render(results: dict) -> str:
    """The whole page, in Markdown."""
    works = [work for work in results["works"] if any(contender["rounds"] for contender in work["contenders"])]
    parts = [_head(results), _summary(works), _losses(works)]
    parts += [_section(work) for work in works]
    parts += [_absent(results), _machine(results), _repeat(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(results: dict) -> str:
    quick = "\n\n**Made by a quick run: the figures are rough.**" if results["quick"] else ""
    return f"""# Framejet and other tools

The same work, done in turns on one machine, counted at the far link and not by a tool's own word. Framejet loses some
of it, and that is here too. Made by `benchmarks/peers`; nothing below is written by hand.{quick}

Read the ratios rather than the figures: such machines differ by a third from hour to hour. A ratio is that of one round,
in which all took their turn, and the median of {results['rounds']} is shown."""


def value_key(work: dict) -> str:
    """What a work is judged by."""
    return {"Mpps": "mpps", "s": "seconds", "%": "share"}[work["unit"]]


def values(work: dict, contender: dict) -> list[float]:
    return list(by_round(work, contender).values())


def by_round(work: dict, contender: dict) -> dict[int, float]:
    return {figures["round"]: figures[value_key(work)] for figures in contender["rounds"]}


def times_as_fast(work: dict, one: dict, other: dict) -> list[float]:
    """How many times as fast `one` is, in each round."""
    first, second = by_round(work, one), by_round(work, other)
    return ratios(second, first) if work["unit"] == "s" else ratios(first, second)


def best(work: dict, ours: bool) -> dict | None:
    """The best of Framejet's contenders, or of the others. For sweeps only who finds nearly all is in the running, unless
    nobody does."""
    sided = [contender for contender in work["contenders"]
             if contender["ours"] == ours and contender["judged"] and contender["rounds"]]
    if work["unit"] == "s":
        complete = [contender for contender in sided if _least_share(contender) >= 99.9]
        sided = complete or sided
    if not sided:
        return None
    pick = min if work["unit"] == "s" else max
    return pick(sided, key=lambda contender: spread(values(work, contender))[0])


def _least_share(contender: dict) -> float:
    return min(figures["share"] for figures in contender["rounds"])


def compare(work: dict) -> tuple[dict, dict, float, float, float] | None:
    """Framejet's best, the others' best, and how many times better Framejet is: median, least and most."""
    ours, theirs = best(work, True), best(work, False)
    if not ours or not theirs or work["unit"] == "%":
        return None
    each = times_as_fast(work, ours, theirs)
    return (ours, theirs, *spread(each)) if each else None


def _summary(works: list[dict]) -> str:
    lines = ["| work | Framejet's best | best of the others | Framejet is |", "|---|---|---|---|"]
    for work in works:
        found = compare(work)
        if not found:
            continue
        ours, theirs, middle, least, most = found
        lines.append(f"| [{work['title']}](#{anchor(work['title'])}) | {_named(work, ours)} | {_named(work, theirs)} | "
                     f"{_verdict(middle)} ({digits(least)} to {digits(most)}) |")
    return "\n".join(lines)


def anchor(title: str) -> str:
    """As Markdown's readers make one of a heading."""
    kept = "".join(letter for letter in title.lower() if letter.isalnum() or letter in " -")
    return kept.replace(" ", "-")


def _named(work: dict, contender: dict) -> str:
    middle = spread(values(work, contender))[0]
    found = f", {_least_share(contender):.1f} % found" if work["unit"] == "s" else ""
    return f"{contender['name']}: {digits(middle)} {work['unit']}{found}"


def _verdict(ratio: float) -> str:
    if abs(ratio - 1) <= _TIE:
        return "as fast"
    return f"**{digits(ratio)} times as fast**" if ratio > 1 else f"slower: {digits(ratio)} times as fast"


def losses(works: list[dict]) -> list[str]:
    """Everything in which somebody else is better than Framejet's best, as sentences."""
    said = []
    for work in works:
        if work["unit"] == "%":
            said += _losses_at_rates(work)
            continue
        for ours in _answerable(work):
            said += _losses_of(work, ours)
    return said


def _answerable(work: dict) -> list[dict]:
    """Framejet's best; of ways to build, which a reader chooses for other reasons than speed, each."""
    if work["key"].startswith("build"):
        return [contender for contender in work["contenders"]
                if contender["ours"] and contender["judged"] and contender["rounds"]]
    ours = best(work, True)
    return [ours] if ours else []


def _losses_of(work: dict, ours: dict) -> list[str]:
    said = []
    for other in work["contenders"]:
        if other["ours"] or not other["rounds"]:
            continue
        each = times_as_fast(work, other, ours)
        if each and spread(each)[0] > 1 + _TIE:
            note = f", and finds {_least_share(other):.1f} %" if work["unit"] == "s" else ""
            said.append(f"{work['title']}: {other['name']} is {digits(spread(each)[0])} times as fast as "
                        f"{ours['name']}{note}.")
    return said


def _losses_at_rates(work: dict) -> list[str]:
    said = []
    for pps in dict.fromkeys(contender["rate"] for contender in work["contenders"]):
        at = [contender for contender in work["contenders"] if contender["rate"] == pps and contender["rounds"]]
        for kind, others in (("Framejet ARP", ("arp-scan",)), ("Framejet ICMP", ("zmap", "masscan"))):
            ours = next((contender for contender in at if contender["name"] == kind), None)
            for other in at:
                if ours and other["name"] in others:
                    mine, theirs = spread(values(work, ours))[0], spread(values(work, other))[0]
                    if theirs > mine + 0.01:
                        said.append(f"{work['title']}, {rate(pps)} pps: {other['name']} finds {theirs:.2f} %, {kind} "
                                    f"{mine:.2f} %.")
    return said


def _losses(works: list[dict]) -> str:
    said = losses(works)
    if not said:
        return "## Where Framejet loses\n\nNowhere in this run, beyond the noise of its rounds."
    return "## Where Framejet loses\n\n" + "\n".join(f"- {sentence}" for sentence in said)


def _section(work: dict) -> str:
    done = [contender for contender in work["contenders"] if contender["rounds"]]
    table = {"Mpps": _stream_table, "s": _sweep_table, "%": _rate_table}[work["unit"]](work, done)
    parts = [f"## {work['title']}", f"{work['text']} The far side: {work['far_side']}.",
             f"![{work['title']}: the figures of the table below](figures/{work['key']}.svg)", table]
    notes = _notes(work)
    if notes:
        parts.append("\n".join(notes))
    parts.append("<details><summary>The commands</summary>\n\n```\n" + "\n".join(_commands(done)) + "\n```\n\n</details>")
    return "\n\n".join(parts)


def _notes(work: dict) -> list[str]:
    """Who was left out, and who failed, once each."""
    notes = []
    for contender in work["contenders"]:
        if contender["missing"]:
            notes.append(f"- left out: {contender['name']}: {contender['missing']}")
        for fault in contender["faults"]:
            at = f" at {rate(contender['rate'])} pps" if work["unit"] == "%" else ""
            notes.append(f"- failed in {len(contender['faults'])} of {len(contender['faults']) + len(contender['rounds'])} "
                         f"runs: {contender['name']}{at}: {fault}")
    return list(dict.fromkeys(notes))


def _commands(done: list[dict]) -> list[str]:
    return [f"{contender['name']}:\n  {readable(contender['command'])}" for contender in done]


def readable(command: list[str]) -> str:
    """A command as one would type it: without the folders of the run."""
    words = []
    for word in command:
        name = word.rsplit("/", 1)[-1]
        option, equals, value = word.partition("=")
        if word.startswith("/") and not word.startswith("/dev/"):
            words.append(name)
        elif equals and value.startswith("/"):
            words.append(f"{option}={value.rsplit('/', 1)[-1]}")
        else:
            words.append(word)
    return shlex.join(words)


def _stream_table(work: dict, done: list[dict]) -> str:
    lines = ["| | Mpps, median | least | most |", "|---|---|---|---|"]
    for contender in sorted(done, key=lambda one: -spread(values(work, one))[0]):
        middle, least, most = spread(values(work, contender))
        lines.append(f"| {_bold(contender)} | {digits(middle)} | {digits(least)} | {digits(most)} |")
    return "\n".join(lines)


def _sweep_table(work: dict, done: list[dict]) -> str:
    lines = [f"| | seconds, median | least | most | hosts found of {HOSTS:,}, least | most | frames out | CPU seconds |",
             "|---|---|---|---|---|---|---|---|"]
    for contender in sorted(done, key=lambda one: spread(values(work, one))[0]):
        middle, least, most = spread(values(work, contender))
        found = spread([figures["found"] for figures in contender["rounds"]])
        frames = spread([figures["frames_out"] for figures in contender["rounds"]])[0]
        cpu = spread([figures["cpu_seconds"] for figures in contender["rounds"]])[0]
        lines.append(f"| {_bold(contender)} | {digits(middle)} | {digits(least)} | {digits(most)} | {found[1]:,} | "
                     f"{found[2]:,} | {frames:,.0f} | {digits(cpu)} |")
    return "\n".join(lines) + _own_clock(done)


def _own_clock(done: list[dict]) -> str:
    """What a program that has Framejet as a library would wait."""
    own = [figures["own_seconds"] for contender in done for figures in contender["rounds"] if "own_seconds" in figures]
    if not own:
        return ""
    middle, least, most = spread(own)
    return (f"\n\nOf Framejet's time, {digits(middle)} s ({digits(least)} to {digits(most)}) are from the first probe to "
            "the complete report, by its own clock: what a program waits that has it as a library. The rest is the start "
            "of the JVM and writing the file.")


def _rate_table(work: dict, done: list[dict]) -> str:
    asked = list(dict.fromkeys(contender["rate"] for contender in done))
    names = list(dict.fromkeys(contender["name"] for contender in done))
    lines = ["| % found, median (seconds) | " + " | ".join(rate(pps) for pps in asked) + " |", "|---" * (len(asked) + 1) + "|"]
    for name in names:
        cells = []
        for pps in asked:
            at = [contender for contender in done if contender["name"] == name and contender["rate"] == pps]
            cells.append(_cell(work, at[0]) if at else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(work: dict, contender: dict) -> str:
    share = spread(values(work, contender))[0]
    seconds = spread([figures["seconds"] for figures in contender["rounds"]])[0]
    return f"{share:.2f} ({digits(seconds)})"


def _bold(contender: dict) -> str:
    return f"**{contender['name']}**" if contender["ours"] else contender["name"]


def _absent(results: dict) -> str:
    lines = [f"- {(peer['name'] + ' ' + peer['version']).strip()}: {peer['missing']}." for peer in results["environment"]["peers"]
             if peer["missing"]]
    return "## What could not run\n\n" + ("\n".join(lines) if lines else "All could.")


def _machine(results: dict) -> str:
    it = results["environment"]
    versions = ", ".join(f"{peer['name']} {peer['version']}" for peer in it["peers"] if not peer["missing"])
    return f"""## What it ran on

| | |
|---|---|
| date | {it['date']} |
| CPU | {it['cpu']}, {it['cores']} cores, {it['memory_gib']} GiB, hypervisor: {it['hypervisor']}, governor: {it['governor']} |
| kernel | {it['kernel']} |
| system | {it['os']} |
| Java | {it['java']} |
| Framejet | {it['framejet']} |
| others | {versions} |
| load average at the start | {it['load']} |
| it took | {results['minutes']} minutes |"""


def _repeat(results: dict) -> str:
    return f"""## How to repeat it

On Debian 12, as root, on a machine that does nothing else:

```sh
sudo benchmarks/peers            # installs what is missing, measures, writes this page
sudo benchmarks/peers --quick    # roughly, in under ten minutes; its page goes to benchmarks/target/peers
sudo benchmarks/peers --only sweep-arp,stream-veth --rounds 9
sudo benchmarks/peers --check    # no timings: that each tool delivers what it claims
```

- The lab is two network namespaces with a veth pair between them and an `ifb`. It has no way out, and scanners run nowhere
  else.
- All contenders take their turn in each round, every other round backwards.
- A stream is counted at the far end of the veth, which counts the frames that it has polled, or on the `ifb`: two readings
  {results['window_s']} s apart, {results['warmup_s']} s after the first frame.
- A sweep is the whole process, timed from its start to its end. Hosts found are distinct addresses in what the tool wrote,
  without the network's own, its broadcast address and the sweeper's, which some tools report and some do not.
- Framejet's own rows run with the same JVM options as its launcher uses. Its streams are the program
  `io.framejet.benchmark.InjectMain`, its sweeps the command line."""
