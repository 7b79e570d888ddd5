"""The figures, as SVG that reads in light and in dark: text takes the colour of whatever shows it."""

import re
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plot  # noqa: E402

from .numbers import digits, rate, spread  # noqa: E402

OURS, THEIRS = "#2f81f7", "#8b949e"
_LINES = ["#2f81f7", "#1f6feb", "#d29922", "#3fb950", "#db6d28", "#a371f7"]
_TEXT = "#010203"  # stands for the text colour until the file is written
_STYLE = "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"

matplotlib.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "framejet", "font.family": "sans-serif", "font.size": 10,
    "text.color": _TEXT, "axes.labelcolor": _TEXT, "axes.edgecolor": _TEXT, "xtick.color": _TEXT, "ytick.color": _TEXT,
    "axes.spines.top": False, "axes.spines.right": False,
})


def draw(work: dict, folder: Path) -> None:
    """Writes the figure of a work, if anybody did it."""
    done = [contender for contender in work["contenders"] if contender["rounds"]]
    if not done:
        return
    folder.mkdir(parents=True, exist_ok=True)
    if work["unit"] == "%":
        figure = _lines(done)
    else:
        figure = _bars(work, done)
    file = folder / f"{work['key']}.svg"
    figure.savefig(file, transparent=True, bbox_inches="tight", metadata={"Date": None, "Title": work["title"]})
    plot.close(figure)
    file.write_text(adapt(file.read_text()))


def adapt(svg: str) -> str:
    """Makes the text follow the reader's light or dark scheme."""
    svg = svg.replace(_TEXT, "currentColor")
    return re.sub(r"(<svg\b[^>]*>)", lambda tag: tag.group(1) + "\n " + _STYLE, svg, count=1)


def _bars(work: dict, done: list[dict]):
    """One bar a contender, the best on top, from the least to the most as a whisker."""
    key = "mpps" if work["unit"] == "Mpps" else "seconds"
    rows = [(contender, spread([figures[key] for figures in contender["rounds"]])) for contender in done]
    rows.sort(key=lambda row: row[1][0], reverse=key == "seconds")
    figure, axes = plot.subplots(figsize=(7.2, 0.6 + 0.34 * len(rows)))
    for at, (contender, (middle, least, most)) in enumerate(rows):
        axes.barh(at, middle, color=OURS if contender["ours"] else THEIRS, height=0.66)
        axes.plot([least, most], [at, at], color=_TEXT, linewidth=1)
        axes.annotate(_label(work, contender, middle), (max(most, middle), at), xytext=(5, 0),
                      textcoords="offset points", va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), [contender["name"] for contender, _ in rows])
    axes.set_xlabel("Mpps, more is better" if key == "mpps" else "seconds for the whole process, less is better")
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.22)
    axes.set_xlim(left=0)
    return figure


def _label(work: dict, contender: dict, middle: float) -> str:
    if work["unit"] == "Mpps":
        return digits(middle)
    found = min(figures["share"] for figures in contender["rounds"])
    return f"{digits(middle)} s" + ("" if found == 100 else f", {found:.1f} % found")


def _lines(done: list[dict]):
    """Share found over the rate that was asked for."""
    asked = sorted({contender["rate"] for contender in done}, key=lambda pps: pps or float("inf"))
    names = list(dict.fromkeys(contender["name"] for contender in done))
    figure, axes = plot.subplots(figsize=(7.2, 3.6))
    for name, colour in zip(names, _LINES * 2):
        points = [(asked.index(contender["rate"]), spread([figures["share"] for figures in contender["rounds"]]))
                  for contender in done if contender["name"] == name]
        ours = name.startswith("Framejet")
        axes.plot([at for at, _ in points], [middle for _, (middle, _, _) in points], color=colour, label=name,
                  marker="o" if ours else "s", linewidth=2.2 if ours else 1.4,
                  linestyle="--" if name.endswith("1 try") else "-")
    axes.set_xticks(range(len(asked)), [rate(pps) for pps in asked])
    axes.set_xlabel("probes per second asked for")
    axes.set_ylabel("hosts found, %")
    axes.set_ylim(bottom=0, top=104)
    axes.legend(frameon=False, fontsize=9, loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure
