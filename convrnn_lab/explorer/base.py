"""The Explorer: controls tied to one pure function that computes and draws."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets

from convrnn_lab import checks
from convrnn_lab.drawing.sheet import Part, PlotlySheet, Sheet
from convrnn_lab.explorer import asleep, assets, controls as control_rules
from convrnn_lab.explorer.controls import Choice, Control, Slider, Token, Value, Values
from convrnn_lab.explorer.jobs import Job, Pad, Progress

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from convrnn_lab.explorer.live import FrontEnd

PAGE_BYTES = 1_250_000
"""Budget of one page's states, compressed."""


@dataclass(frozen=True, eq=False)
class State:
    """What an explorer shows for one setting.

    Attributes
    ----------
    values : dict
        The setting, with values that the others rule out replaced.
    content : dict or None
        What the browser draws, as `Sheet.content` gives it; None where the setting is refused.
    refusal : str or None
        Why there is no figure.
    """

    values: dict[str, Value]
    content: Part | None
    refusal: str | None = None


class Explorer:
    """Controls, and one pure function of their values that computes and draws.

    Display it in a notebook for sliders over a live figure; `page` writes the same sliders into a
    file that needs no kernel; `figure` returns the plotly figure of any setting.

    Parameters
    ----------
    view : function
        Takes the controls' values by name; returns a `Sheet`, a plotly figure or a dict in its
        schema. Raises ``ValueError`` for a setting that the operation refuses, which is shown in
        words.
    controls : dict of str to Slider or Choice
        One for each argument of `view`. What a control offers may depend on those before it.
    name : str
        Says what is explored, in a page's title.
    vary : dict of str to sequence, optional
        The values that a page holds if it is not told; by default all that the controls offer.
    scan : sequence of str
        Sliders that the step buttons move through, the last one fastest.
    job : Job, optional
        Work that a button starts; see `run`.
    pad : Pad, optional
        A field to draw in, beside the controls of a live explorer.

    Attributes
    ----------
    controls : dict of str to ipywidgets.Widget
        The live controls; set their ``value``.
    error : Exception or None
        The last fault of `view` that the browser ran into.

    Raises
    ------
    ValueError
        If a start value is not offered, or `view` refuses the start setting.
    """

    def __init__(
        self,
        view: Callable[..., object],
        controls: Mapping[str, Control],
        *,
        name: str,
        vary: Mapping[str, Sequence[object] | None] | None = None,
        scan: Sequence[str] = (),
        job: Job | None = None,
        pad: Pad | None = None,
    ) -> None:
        _check_declaration(view, controls)
        self.view = view
        self.declared = dict(controls)
        self.name = name
        self.vary = dict(vary) if vary is not None else dict.fromkeys(controls)
        self.scan = tuple(scan)
        self.job = job
        self.pad = pad
        self.start = {name: control.start for name, control in self.declared.items()}
        control_rules.check(self.declared, self.start)
        self._offered: dict[str, dict[Token, Value]] = {name: {} for name in self.declared}
        # Drawn here and not when it is shown, so that a failure stops the notebook.
        first = self.state(self.start)
        if first.content is None:
            raise ValueError(first.refusal)
        self.base = first.content
        self.error: Exception | None = None
        self.refusal: str | None = None
        self._known = {self.key(self.start)}
        self._settling = False
        self._settled: Values = dict(self.start)
        self.controls = self._make_controls()
        self._live: FrontEnd | None = None
        self._box: ipywidgets.Widget | None = None
        self.refreshed = False

    @property
    def values(self) -> dict[str, Value]:
        """The controls' values now."""
        return {name: widget.value for name, widget in self.controls.items()}

    def sheet(self, **values: Value) -> Sheet | PlotlySheet:
        """Return what is seen for the controls' values, or for others given by name.

        Raises
        ------
        ValueError
            If a name is unknown, a value is not offered, or the operation refuses the setting.
        """
        for name in values:
            checks.choice("control", name, self.declared)
        wanted = self.values | values
        if values:
            # What is not named gives way to what is, as on screen.
            kept = control_rules.carried(self.declared, self.values, wanted)
            resolved = control_rules.resolve(self.declared, kept | values)
            wanted = resolved | values
        control_rules.check(self.declared, wanted)
        return _as_sheet(self.view(**wanted))

    def figure(self, **values: Value) -> go.Figure:
        """Return the plotly figure of the controls' values, or of others given by name.

        Takes the same as `sheet`, and refuses the same.
        """
        from convrnn_lab.explorer.shown import SheetFigure  # here: a live figure does without

        return SheetFigure(self.sheet(**values))

    def data(self, **values: Value) -> pd.DataFrame:
        """Return the numbers that the figure draws, a row for each point, bar or pixel.

        Takes the same as `sheet`, and refuses the same.

        Returns
        -------
        pandas.DataFrame
            ``panel``, ``trace``, ``x``, ``y``, ``z``.
        """
        from convrnn_lab.explorer import frames

        return frames.of_sheet(self.sheet(**values))

    def refresh(self) -> None:
        """Draw again: what the view reads beside its arguments has changed, or what is offered."""
        self.refreshed = True
        self._known.clear()
        self._check(self._settle(self.values))
        if self._live is not None:
            self._live.forget()

    def run(self) -> Progress:
        """Do the whole of the job for the controls' values, as its button does in a notebook.

        Returns
        -------
        Progress
            How it ended.

        Raises
        ------
        ValueError
            If there is no job, or it refuses the setting.
        """
        if self.job is None:
            raise ValueError(f"run must be of an explorer with a job; got {self!r}")
        progress = Progress(0.0, "")
        try:
            for progress in self.job.start(**self.values):  # noqa: B007 - the last one counts
                pass
        finally:
            self.refresh()
        return progress

    def page(
        self,
        path: str | Path,
        vary: Mapping[str, Sequence[object] | None] | Sequence[str] | None = None,
        budget: int = PAGE_BYTES,
    ) -> Path:
        """Write one HTML file with working controls that needs no kernel and no network.

        Parameters
        ----------
        path : str or path
        vary : dict of str to sequence, or sequence of str
            Values that the page holds, by control; a name alone means all values. Controls that
            are not named stay as they are now.
        budget : int
            Bytes that the states may take, compressed. What does not fit is thinned: the control
            with the most values keeps its first, its last, the one it has now, and every second
            of the others, again and again. The page says what it holds.

        Raises
        ------
        ValueError
            If a name is unknown, a value is never offered, or the file cannot be written; what
            stood there before stays.
        """
        from convrnn_lab.explorer import page

        try:
            return page.write(self, Path(path), vary, budget)
        except OSError as error:
            raise ValueError(
                f"path must be a file that can be written; got {checks.shown(str(path))} "
                f"({error.strerror})"
            ) from error

    def state(self, values: Values) -> State:
        """Compute what is shown for `values`; values ruled out by others give way to them."""
        settled = control_rules.resolve(self.declared, values)
        for name, control in self.declared.items():
            self._note(name, control.offered(settled))
        try:
            sheet = _as_sheet(self.view(**settled))
        except ValueError as error:
            return State(settled, None, str(error))
        return State(settled, sheet.content())

    def combinations(self, vary: Mapping[str, Sequence[object]] | None = None) -> Iterator[Values]:
        """Yield every setting that can be reached, or those with the given values by control."""
        chosen = vary or {}

        def extend(before: dict[str, Value], rest: list[str]) -> Iterator[Values]:
            if not rest:
                yield before
                return
            name, *others = rest
            offered = self.declared[name].offered(before)
            if offered is None:
                offered = [self.start[name]]
            wanted = chosen.get(name)
            for value in offered if wanted is None else [v for v in offered if v in wanted]:
                yield from extend(before | {name: value}, others)

        return extend({}, list(self.declared))

    def tokens(self, values: Values) -> list[Token]:
        """Return `values` in the controls' order, as the browser knows them."""
        return [control.token(values[name]) for name, control in self.declared.items()]

    def key(self, values: Values) -> str:
        """Return the text by which kernel and browser know a setting."""
        return json.dumps(self.tokens(values), separators=(",", ":"), ensure_ascii=False)

    def from_tokens(self, tokens: Sequence[Token]) -> dict[str, Value]:
        """Return the values that `tokens` stand for; the inverse of `tokens`."""
        values: dict[str, Value] = {}
        for (name, control), token in zip(self.declared.items(), tokens, strict=True):
            self._note(name, control.offered(values))
            if isinstance(control, Slider):
                values[name] = checks.integer(name, token, control.low)
            else:
                # The browser may still have a value that another control has just ruled out.
                checks.choice(name, token, self._offered[name])
                values[name] = self._offered[name][token]
        return values

    def ever_offered(self, name: str) -> list[Token]:
        """Return what a list has offered so far, numbers first, as the browser knows it."""
        values = self._offered[name].values()
        numbers = sorted(value for value in values if isinstance(value, int))
        words = [value for value in values if not isinstance(value, int)]
        return [self.declared[name].token(value) for value in [*numbers, *words]]

    def _note(self, name: str, offered: Sequence[Value] | None) -> None:
        """Remember the values that a list has ever offered, by what the browser calls them."""
        control = self.declared[name]
        if isinstance(control, Choice) and offered is not None:
            self._offered[name].update((control.token(value), value) for value in offered)

    def _make_controls(self) -> dict[str, ipywidgets.DOMWidget]:
        widgets: dict[str, ipywidgets.DOMWidget] = {}
        for name, control in self.declared.items():
            offered = control.offered(self.start)
            self._note(name, offered)
            widgets[name] = control.widget(offered)
            widgets[name].observe(self._moved, "value")
        return widgets

    def _moved(self, _change: object) -> None:
        """Settle the other controls, and see that the new setting can be computed."""
        if self._settling:
            return
        wanted = control_rules.carried(self.declared, self._settled, self.values)
        self._check(self._settle(wanted))

    def _settle(self, wanted: Values) -> Values:
        """Give the controls what the others allow of `wanted`, and return it."""
        self._settling = True
        try:
            settled = control_rules.resolve(self.declared, wanted)
            for name, control in self.declared.items():
                offered = control.offered(settled)
                if offered is not None:
                    self._note(name, offered)
                    control.offer(self.controls[name], offered, settled[name])
        finally:
            self._settling = False
        self._settled = settled
        return settled

    def _check(self, settled: Values) -> None:
        """See that a setting can be computed, or why not."""
        key = self.key(settled)
        self.refusal = None
        if key not in self._known:
            self.refusal = self.state(settled).refusal
            if self.refusal is None:
                self._known.add(key)

    def live(self) -> ipywidgets.Widget:
        """Return the widget of controls and figure; made once."""
        if self._box is None:
            from convrnn_lab.explorer.live import FrontEnd

            columns = "repeat(auto-fit, minmax(min(100%, 300px), 1fr))"
            controls = ipywidgets.GridBox(
                list(self.controls.values()), layout={"grid_template_columns": columns}
            )
            self._live = FrontEnd(self)
            self._box = ipywidgets.VBox([controls, self._live])
            self._box.add_class("convrnn-lab-explorer")
        return self._box

    def _repr_mimebundle_(self, **_: object) -> object:
        if os.environ.get(assets.PAGES_VARIABLE):
            from convrnn_lab.explorer import page

            return {"text/html": page.fragment(self), "text/plain": repr(self)}, {}
        bundle = self.live()._repr_mimebundle_()
        asleep.note()
        return {**bundle, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Explorer({self.name!r}, {self.values})"


def _as_sheet(seen: object) -> Sheet | PlotlySheet:
    """Return what a view gave as a sheet; a plotly figure, or a dict in its schema, is one."""
    if isinstance(seen, (Sheet, PlotlySheet)):
        return seen
    if hasattr(seen, "to_plotly_json"):
        seen = seen.to_plotly_json()
    if isinstance(seen, dict) and {"data", "layout"} <= seen.keys():
        return PlotlySheet(list(seen["data"]), seen["layout"])
    # A fault of the view, which no setting mends.
    raise TypeError(f"view must return a sheet or a plotly figure; got {checks.shown(seen)}")


def _check_declaration(view: Callable[..., object], controls: Mapping[str, Control]) -> None:
    for name, control in controls.items():
        if not isinstance(control, (Slider, Choice)):
            raise ValueError(
                f"controls[{name!r}] must be a Slider or a Choice; got {checks.shown(control)}"
            )
    if not callable(view):
        raise ValueError(f"view must be a function of the controls; got {checks.shown(view)}")
    try:
        inspect.signature(view).bind(**controls)
    except TypeError as error:
        raise ValueError(
            f"view must take the controls {', '.join(controls)} by name; got a function with the "
            f"arguments {inspect.signature(view)}"
        ) from error
