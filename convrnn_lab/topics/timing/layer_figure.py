"""Which layers of a model take the time, and which the memory, beside their multiply-adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from convrnn_lab.drawing import theme
from convrnn_lab.drawing.parts import UNHOVERED, axes, empty, outline
from convrnn_lab.drawing.sheet import Panel, Part, Sheet
from convrnn_lab.measure.layer_rows import OUTSIDE, LayerTime, LayerTimes, Shares, shares_of
from convrnn_lab.measure.timer import Timing
from convrnn_lab.shapes.table import sizes_in_words
from convrnn_lab.topics.timing.figure import amount, duration
from convrnn_lab.topics.timing.stamp import Fact, Stamp

DRAWN = 14
"""Most layers that are drawn: those that take most."""


@dataclass(frozen=True)
class Modelled:
    """A model's layers, as far as they are known.

    Attributes
    ----------
    name : str
    batch : int
    rows : sequence of LayerTime
        From the shapes.
    times : LayerTimes or None
        Once they are measured: the same layers in the same order.
    """

    name: str
    batch: int
    rows: Sequence[LayerTime]
    times: LayerTimes | None = None

    @property
    def known(self) -> Sequence[LayerTime]:
        """The rows with all that is known of them."""
        return self.rows if self.times is None else self.times.rows

    def shares(self, place: int) -> Shares:
        """Return what parts of the whole a layer takes."""
        return shares_of(self.known, self.known[place])

    def drawn(self) -> list[int]:
        """Return the places of the rows that are drawn: of many, those that take most."""
        places = range(len(self.known))
        parts = {place: self.shares(place) for place in places}
        most = sorted(places, key=lambda e: -max(parts[e].both or 0, parts[e].multiply_adds or 0))
        return sorted(most[:DRAWN])


def layer_times(
    found: Modelled,
    layer: int,
    *,
    stamp: Stamp,
    notes: Sequence[Fact] = (),
    code: str = "",
) -> Sheet:
    """Draw the share of each layer in the time of its model, and in its multiply-adds.

    Parameters
    ----------
    found : Modelled
    layer : int
        The place of the row that is looked at.
    stamp, notes, code
        See `timing`.

    Returns
    -------
    Sheet
    """
    row, shares = found.known[layer], found.shares(layer)
    return Sheet(
        [_shares_panel(found, layer, stamp.short), _memory_panel(found, layer, stamp.short)],
        title=f"{row.layer}: {_finding(shares)}{stamp.mark}",
        description=(
            f"{found.name}, batch {found.batch}: {row.layer} takes {_finding(shares)}. "
            f"{_most(found, stamp.mark)}"
        ),
        facts=[*_facts(row, shares), *_whole(found), *notes, *stamp.facts],
        code=code,
    )


def _finding(shares: Shares) -> str:
    counted = f"{_percent(shares.multiply_adds)} of the multiply-adds"
    if shares.both is None:
        return f"{counted}; its time is not measured yet"
    return f"{_percent(shares.both)} of the time, {counted}"


def _most(found: Modelled, where: str) -> str:
    """Say which layer takes most of the time, once that is known."""
    if found.times is None:
        return "Nothing is measured yet."
    shares = [found.shares(place).both or 0.0 for place in range(len(found.known))]
    most = shares.index(max(shares))
    return f"{found.known[most].layer} takes most of the time, {_percent(shares[most])}{where}."


def _shares_panel(found: Modelled, layer: int, where: str) -> Panel:
    """Draw the shares of all layers: forward, backward and multiply-adds beside each other."""
    places = found.drawn()
    shares = [found.shares(place) for place in places]
    bars = {
        "forward": ([each.forward for each in shares], theme.INPUT, ""),
        "backward": ([each.backward for each in shares], theme.OUTPUT, "/"),
        "multiply-adds": ([each.multiply_adds for each in shares], theme.WEIGHT, "."),
    }
    drawn = {name: each for name, each in bars.items() if any(e is not None for e in each[0])}
    title = f"Share of all{where}: " + ", ".join(f"{name} {_SIGNS[name]}" for name in drawn)
    parts = [
        _bars(name, [100 * (e or 0.0) for e in values], colour, pattern, "%{x:.3g} %")
        for name, (values, colour, pattern) in drawn.items()
    ]
    return _by_layer(title, parts, found, places, layer, unit=" %", least=1.0)


_SIGNS = {"forward": "■", "backward": "▨", "multiply-adds": "▒"}
"""How a title writes the pattern of a bar, by which it is known without colours."""


def _memory_panel(found: Modelled, layer: int, where: str) -> Panel:
    """Draw the bytes that each layer keeps."""
    if found.times is None:
        return empty("Kept in memory: not measured yet", size="large")
    places = found.drawn()
    kept = [(found.known[place].kept_bytes or 0) / 1000 for place in places]
    parts = [_bars("kept", kept, theme.PRODUCT, "", "%{x:,.4g} kB")]
    title = f"Kept in memory{where}: outputs, and what a gradient needs"
    return _by_layer(title, parts, found, places, layer, unit=" kB", least=1.0)


def _by_layer(
    title: str,
    parts: list[Part],
    found: Modelled,
    places: list[int],
    layer: int,
    *,
    unit: str,
    least: float,
) -> Panel:
    """Return a panel of bars, a row for each layer, whose names stand behind them."""
    end = max(least, *(max(each["x"]) for each in parts))
    both = axes("", [0, 1.7 * end], [len(places) - 0.4, -0.6])
    both["xaxis"] |= {"ticksuffix": unit, "nticks": 4}
    both["yaxis"] |= {"showticklabels": False, "showgrid": False, "zeroline": False}
    names: Part = {
        "type": "scatter",
        "mode": "text",
        "name": f"names, {parts[0]['name']}",
        "x": [1.02 * end] * len(places),
        "y": list(range(len(places))),
        "text": [_short(found.known[place].layer) for place in places],
        "textposition": "middle right",
    } | UNHOVERED
    box = (0.0, -0.48, 1.7 * end, 0.48)
    chosen = [(places.index(layer))] if layer in places else []
    return Panel(
        title,
        [*parts, names],
        **both,
        shapes=[outline("layer", [box], moved=(0, place), width=1.5) for place in chosen],
        click={"y": {"control": "layer", "order": places}},
        size="large",
    )


def _bars(name: str, values: list[float], colour: str, pattern: str, words: str) -> Part:
    return {
        "type": "bar",
        "name": name,
        "orientation": "h",
        "x": values,
        "y": list(range(len(values))),
        "marker": {"color": colour, "pattern": {"shape": pattern}},
        "hovertemplate": f"{name}: {words}<extra></extra>",
    }


def _facts(row: LayerTime, shares: Shares) -> list[Fact]:
    """Write what is known of one layer."""
    kind = f", {row.kind}" if row.kind else ""
    calls = "never called" if not row.calls else "" if row.calls == 1 else f"{row.calls} calls"
    if row.layer == OUTSIDE:
        calls = "what the model computes itself, and what PyTorch does between layers"
    known = "not known" if row.multiply_adds is None else f"{row.multiply_adds:,}"
    facts = [
        ("Layer", "; ".join(each for each in (f"{row.layer}{kind}", calls) if each)),
        ("Output", sizes_in_words(row.output_shape)),
        ("Parameters", f"{row.parameters:,}"),
        ("Multiply-adds", f"{known}, {_percent(shares.multiply_adds)} of all"),
        *_seconds("Forward", row.forward, shares.forward),
        *_seconds("Backward", row.backward, shares.backward),
    ]
    if row.kept_bytes is not None and row.peak_bytes is not None:
        kept = f"{amount(row.kept_bytes)} kept; {amount(row.peak_bytes)} at its peak"
        facts.append(("Memory", kept))
    return [fact for fact in facts if fact != ("Output", "-")]


def _seconds(name: str, found: Timing | None, share: float | None) -> list[Fact]:
    if found is None:
        return []
    low, high = map(duration, found.quartiles_s)
    spread = "" if found.steady else ", unsteady"
    words = f"{duration(found.median_s)} (quartiles {low} to {high}{spread})"
    return [(name, f"{words}, {_percent(share)} of all")]


def _whole(found: Modelled) -> list[Fact]:
    """Write what is known of the whole model."""
    facts = [("Model", f"{found.name}; {len(found.rows) - 1} layers; batch {found.batch}")]
    hidden = [place for place in range(len(found.known)) if place not in found.drawn()]
    if hidden:
        share = sum(found.shares(place).both or 0.0 for place in hidden)
        facts.append(("Not drawn", f"{len(hidden)} layers, {_percent(share)} of the time"))
    if found.times is None:
        return facts
    whole = [found.times.whole_forward, found.times.whole_backward]
    words = [duration(each.median_s) for each in whole if each is not None]
    facts.append(("Whole model", " forward, ".join(words) + (" backward" * (len(words) > 1))))
    return [*facts, ("Under the bars", found.times.notes[-1])]


def _percent(share: float | None) -> str:
    return "not known" if share is None else f"{theme.number(100 * share)} %"


def _short(name: str, limit: int = 18) -> str:
    """Cut a long name at its beginning: the end tells layers apart."""
    return name if len(name) <= limit else f"…{name[1 - limit :]}"
