"""The Sheet: what is seen for one setting, in panels.

A view makes one at every step, and it goes to the browser as it is: panels that wrap on a narrow
screen, of which only those that changed are drawn again. Traces, axes and shapes are dicts in
plotly's JSON schema. A plotly figure, which takes longer to build than everything else in a slider
move, is composed from a sheet when somebody asks for one; see `composed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypedDict

from convrnn_lab.drawing.looks import Look, Seen

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Any: traces, axes and shapes are plotly's own, nested JSON.
Part = dict[str, Any]
"""A trace, an axis or a shape in plotly's JSON schema."""

Scale = Sequence[Sequence[float | str]]
"""A colour scale in plotly's JSON schema: pairs of a place from 0 to 1 and its colour."""


class Axes(TypedDict):
    """The two axes of a panel."""

    xaxis: Part
    yaxis: Part


@dataclass(frozen=True)
class Panel:
    """One pair of axes with what is drawn on it.

    Attributes
    ----------
    title : str
        Plain text above the panel.
    traces : list of dict
        In plotly's schema, without their axes.
    xaxis, yaxis : dict
        In plotly's schema, without domain and anchor.
    shapes : list of dict
        Outlines in plotly's schema, without their axes. They are drawn again by themselves, which
        traces are not: what moves at every step belongs here.
    scale : tuple of (colours, low, high), optional
        A colour scale to show above the panel.
    click : dict, optional
        Names of the controls that a click on the panel sets, by axis ("x", "y"). Where the
        control's values lie further apart than 1 on that axis, ``{"control": name, "step": ...}``;
        on a log axis, ``{"control": name, "values": [...]}``.
        Or what `picture_grid.PictureGrid.click` returns; or ``maps`` in ``boxes``, which set two
        ``controls``, and where they are set already, ``again``: a list of two.
    still : bool
        Whether the panel says nothing where one points at it, which draws faster.
    tab : str
        Under which name the panel is folded away, with others of that name; shown at once without.
        The first of such names is open at first where a laptop's screen has room for it.
    size : "quarter", "small", "large", "wide", "tall" or "broad"
        Four quarters, three small panels, two large ones or one wide or tall one fill a row; a
        broad one leaves room for the facts at its side.
    digits : int, optional
        Decimal places of the numbers that the browser writes into a still matrix; without, or
        under zero, it writes none.
    gives : dict, optional
        What a reader may give here in place of the array that is drawn: its ``name``, as in
        `looks.given`, and how, ``by`` "numbers" that are typed into the cells of a still matrix or
        under bars (of some rows of one array or several: ``parts``, a list of ``name``, ``starts``,
        where each row begins in the array, and ``count``, how many of its numbers are edited; and
        ``heads``, the words of the ``rows`` and ``columns``), a "pen" for the line of a signal, or
        a "picture" or "digit" that is drawn or opened (of a picture also ``low`` and ``high``, the
        values of black and white).
    """

    title: str
    traces: list[Part]
    xaxis: Part = field(default_factory=dict)
    yaxis: Part = field(default_factory=dict)
    shapes: list[Part] = field(default_factory=list)
    scale: tuple[Scale, float, float] | None = None
    click: Part = field(default_factory=dict)
    still: bool = False
    tab: str = ""
    size: str = "small"
    digits: int | None = None
    gives: Part = field(default_factory=dict)

    def content(self) -> Part:
        """Return what the browser draws: one small figure, and what stands around it."""
        content: Part = {"title": self.title, "size": self.size, "data": self.traces}
        content["layout"] = {
            "showlegend": False,
            "xaxis": self.xaxis,
            "yaxis": self.yaxis,
            "shapes": [shape | {"xref": "x", "yref": "y"} for shape in self.shapes],
        }
        if self.tab:
            content["tab"] = self.tab
        if self.scale:
            content["scale"] = self.scale
        if self.click:
            content["click"] = self.click
        if self.still:
            content["still"] = True
        if self.digits is not None:
            content["digits"] = self.digits
        if self.gives:
            content["gives"] = self.gives
        return content


def quarter(panel: Panel) -> Panel:
    """Return a panel of which four fill a row."""
    return replace(panel, size="quarter")


def folded(tab: str, panels: Sequence[Panel]) -> list[Panel]:
    """Return panels that are folded away under a name."""
    return [replace(panel, tab=tab) for panel in panels]


@dataclass(frozen=True)
class Sheet:
    """Panels, and the words beside them.

    Attributes
    ----------
    panels : sequence of Panel
    title : str
        The finding, with its numbers.
    description : str
        One sentence with the numbers, for readers who cannot see the figure.
    facts : sequence of (what, value)
        Shown beside the panels as text.
    code : str
        The lines of PyTorch that do the same, to be copied.
    refusal : Look, optional
        Why there is nothing to see where computed settings do not go together: a text, which is
        empty where they do.
    """

    panels: Sequence[Panel]
    title: str
    description: str
    facts: Sequence[tuple[str, str]] = ()
    code: str = ""
    refusal: Seen = ""

    @property
    def traces(self) -> list[Part]:
        """All that is drawn, over all panels."""
        return [trace for panel in self.panels for trace in panel.traces]

    @property
    def shapes(self) -> list[Part]:
        """All outlines, over all panels."""
        return [shape for panel in self.panels for shape in panel.shapes]

    def content(self) -> Part:
        """Return what the browser draws, as JSON with arrays."""
        facts: Seen = self.facts  # which there are may depend on a look
        if not isinstance(facts, Look):
            facts = [list(fact) for fact in facts]
        content = {
            "title": self.title,
            "description": self.description,
            "facts": facts,
            "code": self.code,
            "panels": [panel.content() for panel in self.panels],
        }
        return content | ({"refusal": self.refusal} if isinstance(self.refusal, Look) else {})

    def numbers(self) -> Iterator[tuple[str, Part]]:
        """Yield each trace with the title of its panel."""
        for panel in self.panels:
            yield from ((panel.title, trace) for trace in panel.traces)

    def plotly(self) -> Part:
        """Return one figure of all panels in plotly's JSON schema."""
        from convrnn_lab.drawing.composed import composed

        return composed(self)

    def figure(self) -> go.Figure:
        """Return the plotly figure of all panels, checked by plotly."""
        import plotly.graph_objects as go

        return go.Figure(self.plotly())


@dataclass(frozen=True)
class PlotlySheet:
    """A sheet that is one plotly figure, as somebody's own view may return it.

    Attributes
    ----------
    data : list of dict
        The traces, in plotly's JSON schema.
    layout : dict
    """

    data: list[Part]
    layout: Part

    @property
    def traces(self) -> list[Part]:
        """All that is drawn."""
        return self.data

    def content(self) -> Part:
        """Return what the browser draws: the figure as one panel."""
        text = ((self.layout.get("title") or {}).get("text")) or ""
        layout = {key: value for key, value in self.layout.items() if key != "title"}
        whole = {"title": "", "data": list(self.data), "layout": layout, "size": "whole"}
        return {"title": text, "description": text, "facts": [], "code": "", "panels": [whole]}

    def numbers(self) -> Iterator[tuple[str, Part]]:
        """Yield each trace with the title of its panel, which is empty here."""
        yield from (("", trace) for trace in self.data)

    def plotly(self) -> Part:
        """Return the figure in plotly's JSON schema."""
        return {"data": self.data, "layout": self.layout}

    def figure(self) -> go.Figure:
        """Return the plotly figure."""
        import plotly.graph_objects as go

        return go.Figure(self.plotly())
