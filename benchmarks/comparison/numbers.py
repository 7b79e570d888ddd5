"""Small sums over rounds."""

from statistics import median


def spread(values: list[float]) -> tuple[float, float, float]:
    """Median, least and most."""
    return median(values), min(values), max(values)


def digits(value: float) -> str:
    """Three figures that count: 4.52, 0.0049, 65,533."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    places = 2
    scaled = abs(value)
    while scaled < 1 and places < 5:
        scaled *= 10
        places += 1
    return f"{value:.{places - 1 if abs(value) >= 10 else places}f}"


def rate(pps: int | None) -> str:
    """A rate as people write it: 10k, 1M, max."""
    if not pps:
        return "max"
    return f"{pps // 1_000_000}M" if pps % 1_000_000 == 0 else f"{pps // 1000}k"


def ratios(over: dict[int, float], under: dict[int, float]) -> list[float]:
    """The one to the other, in each round that has both."""
    return [value / under[turn] for turn, value in over.items() if under.get(turn, 0) > 0]
