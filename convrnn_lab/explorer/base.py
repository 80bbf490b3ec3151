"""The Explorer: controls tied to one pure function that computes and draws."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import ipywidgets

from convrnn_lab import checks
from convrnn_lab.drawing.sheet import PlotlySheet, Sheet
from convrnn_lab.explorer import (
    asleep,
    assets,
    controls as control_rules,
    folds as folding,
    guide as guides,
)
from convrnn_lab.explorer.controls import Control, Value, Values
from convrnn_lab.explorer.guide import Step
from convrnn_lab.explorer.jobs import Job, Pad, Progress
from convrnn_lab.explorer.view import View

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from convrnn_lab.explorer.calls import Made
    from convrnn_lab.explorer.live import FrontEnd

PAGE_BYTES = 1_250_000
"""Budget of one page's states, compressed."""


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
    also : sequence of dict
        Further sets of settings that it holds then, likewise: combinations of a few controls'
        values, while the others stay as they are.
    scan : sequence of str
        Sliders that the step buttons move through, the last one fastest.
    job : Job, optional
        Work that a button starts; see `run`.
    pad : Pad, optional
        A field to draw in, beside the controls of a live explorer.
    guide : sequence of Step
        Leads through the figure; steps that its controls cannot show are left out.

    Attributes
    ----------
    controls : dict of str to ipywidgets.Widget
        The live controls; set their ``value``.
    made : Made or None
        Which function of `explorers` made it, and with which arguments.
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
        also: Sequence[Mapping[str, Sequence[object] | None]] = (),
        scan: Sequence[str] = (),
        job: Job | None = None,
        pad: Pad | None = None,
        guide: Sequence[Step] = (),
    ) -> None:
        self.view = View(view, controls)
        self.name = name
        self.vary = dict(vary) if vary is not None else dict.fromkeys(controls)
        self.also = tuple(also)
        self.scan = tuple(scan)
        self.job = job
        self.pad = pad
        self.guide = guides.fitting(self.view, guide)
        self.folds = folding.of(self.declared)
        self.made: Made | None = None
        self.error: Exception | None = None
        self.refusal: str | None = None
        self._known = {self._key(self.start)}
        self._settling = False
        self._settled: Values = dict(self.start)
        self.controls = self._make_controls()
        self._live: FrontEnd | None = None
        self._box: ipywidgets.Widget | None = None
        self._notes: list[asleep.Note] = []
        self.refreshed = False

    @property
    def declared(self) -> dict[str, Control]:
        """The controls as they are declared."""
        return self.view.declared

    @property
    def start(self) -> dict[str, Value]:
        """The values that the controls start with."""
        return self.view.start

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
        return self.view(**self._wanted(values))

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

    def call(self, **values: Value) -> str:
        """Return the Python call that makes this explorer with its values, or with others.

        Takes the same as `sheet`. What a call cannot say is set by the lines after it. An array or
        a model stands in it by the name of its argument.

        Raises
        ------
        ValueError
            If no function of `explorers` made it, a name is unknown, or a value is not offered.

        Examples
        --------
        >>> from convrnn_lab import explorers
        >>> explorers.stack(kernel_size=5).call(layers=3)
        'explorers.stack(layers=3, kernel_size=5)'
        """
        from convrnn_lab.explorer import calls

        return calls.written(self, self._wanted(values))

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

    def _wanted(self, values: dict[str, Value]) -> dict[str, Value]:
        """Return the controls' values with others in their place, or refuse those."""
        for name in values:
            checks.choice("control", name, self.declared)
        wanted = self.values | values
        if values:
            # What is not named gives way to what is, as on screen.
            kept = control_rules.carried(self.declared, self.values, wanted)
            resolved = control_rules.resolve(self.declared, kept | values)
            wanted = resolved | values
        control_rules.check(self.declared, wanted)
        return wanted

    def _make_controls(self) -> dict[str, ipywidgets.DOMWidget]:
        widgets: dict[str, ipywidgets.DOMWidget] = {}
        for name, control in self.declared.items():
            offered = control.offered(self.start)
            self.view.note(name, offered)
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
                    self.view.note(name, offered)
                    control.offer(self.controls[name], offered, settled[name])
        finally:
            self._settling = False
        self._settled = settled
        return settled

    def _check(self, settled: Values) -> None:
        """See that a setting can be computed, or why not."""
        key = self._key(settled)
        self.refusal = None
        if key not in self._known:
            self.refusal = self.view.refusal(settled)
            if self.refusal is None:
                self._known.add(key)

    def _key(self, values: Values) -> str:
        """Return a text that differs where another array is seen, or refused."""
        computed = [control.token(values[name]) for name, control in self.view.computed.items()]
        return f"{self.view.key(values)} {computed}"

    def live(self) -> ipywidgets.Widget:
        """Return the widget of controls and figure; made once."""
        if self._box is None:
            from convrnn_lab.explorer.live import FrontEnd

            # The browser has sliders of its own for looks, which tell the kernel when they rest.
            settings = {name: self.controls[name] for name in self.view.settings}
            self._live = FrontEnd(self)
            self._box = ipywidgets.VBox([*folding.boxes(self.folds, settings), self._live])
            self._box.add_class("convrnn-lab-explorer")
        return self._box

    def keep_picture(self, picture: bytes) -> None:
        """Let the saved notebook show a picture of the figure where it has no kernel.

        Parameters
        ----------
        picture : bytes
            In the format WebP, as the browser draws it.
        """
        for note in self._notes:
            note.show(picture)

    def _repr_mimebundle_(self, **_: object) -> object:
        if os.environ.get(assets.PAGES_VARIABLE):
            from convrnn_lab.explorer import page

            return {"text/html": page.fragment(self), "text/plain": repr(self)}, {}
        bundle = self.live()._repr_mimebundle_()
        self._notes.append(asleep.Note())
        return {**bundle, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Explorer({self.name!r}, {self.values})"
