"""Results as a table: ours, the alternative, and what is asked of the two."""

from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Row:
    what: str
    ours: str
    other: str
    ratio: str
    target: str
    met: bool


def ratio(what, ours, other, target, *, unit="ms", against=""):
    """Return the row of two lists of measurements, whose medians are compared."""
    found = median(ours) / median(other)
    return Row(
        what,
        spread(ours, unit),
        f"{against} {spread(other, unit)}".strip(),
        f"{found:.2f} x",
        f"at most {target} x",
        found <= target,
    )


def bound(what, value, target, *, unit, other="-", at_least=False):
    """Return the row of one number that has a limit of its own."""
    met = value >= target if at_least else value <= target
    word = "at least" if at_least else "at most"
    return Row(what, f"{value:,.1f} {unit}", other, "-", f"{word} {target:,} {unit}", met)


def frame(what, times, *, median, most):
    """Return the row of times from the hand to the figure, in milliseconds."""
    middle, late = quantiles(times, n=20)[9], quantiles(times, n=20)[-1]
    met = middle <= median and late <= most
    ours = f"{middle:,.1f} ms (p95 {late:,.1f})"
    return Row(what, ours, "-", "-", f"at most {median} ms, p95 {most} ms", met)


def told(what, text):
    """Return a row that has no target: a number to compare with another run's."""
    return Row(what, text, "-", "-", "-", True)


def spread(values, unit):
    """Write the median and the 95th percentile, or the range of a few values."""
    if len(values) < 20:
        return f"{median(values):,.1f} {unit} ({min(values):,.1f} to {max(values):,.1f})"
    return f"{median(values):,.1f} {unit} (p95 {quantiles(values, n=20)[-1]:,.1f})"


def show(rows):
    """Print the rows, and return whether all targets were met."""
    cells = [("what", "ours", "against", "ratio", "target", "met")]
    cells += [(r.what, r.ours, r.other, r.ratio, r.target, "yes" if r.met else "NO") for r in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        print(" | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)))
    return all(row.met for row in rows)
