"""Which panels the browser draws itself: the same cases hold there, see tests/web/plot.test.js."""

import json
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Look
from convrnn_lab.explorer import assets, own_panels
from convrnn_lab.explorers import Choice, Explorer, Slider
from convrnn_lab.figures import Panel, Sheet

CASES = json.loads((Path(__file__).parents[1] / "web" / "panel_cases.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_a_panel_needs_plotly_exactly_where_the_browser_takes_it(case):
    needed = own_panels.needs_plotly({"panels": [case["panel"]]})

    assert needed == (case["kind"] == "plotly")


@pytest.mark.parametrize(("kinds", "needed"), [(("bar", "scatter"), False), (("bar", "pie"), True)])
def test_what_a_look_chooses_from_is_looked_through(kinds, needed):
    shown = Look("look", "kind")
    traces = [{"type": kind, "y": np.ones(3)} for kind in kinds]
    panels = {
        "of traces": [Panel("", [looks.pick(traces, shown)]).content()],
        "of panels": [looks.pick([Panel("", [each]).content() for each in traces], shown)],
        "of values": [Panel("", [traces[0] | {"y": looks.take(np.ones((3, 3)), shown)}]).content()],
    }

    assert own_panels.needs_plotly({"panels": panels["of traces"]}) == needed
    assert own_panels.needs_plotly({"panels": panels["of panels"]}) == needed
    assert not own_panels.needs_plotly({"panels": panels["of values"]})


def test_a_page_carries_plotly_only_if_one_of_its_settings_needs_it(tmp_path):
    def view(n, kind):
        return Sheet([Panel("", [{"type": kind, "y": [n]}])], title="", description="")

    controls = {"n": Slider("n", 0, 3, 1), "kind": Choice("kind", ["scatter", "violin"], "scatter")}
    explorer = Explorer(view, controls, name="kinds")

    own = explorer.page(tmp_path / "own.html", vary=["n"]).read_text("utf-8")
    mixed = explorer.page(tmp_path / "mixed.html", vary=["n", "kind"]).read_text("utf-8")

    assert own.count('id="convrnn-lab-plotly"') == 0
    assert mixed.count('id="convrnn-lab-plotly"') == 1
    assert len(own) < 250_000


def test_an_exporter_may_write_the_element_anew():
    element = assets.element(b"", plotly=True).replace("data-plotly", 'data-plotly=""')

    assert 'id="convrnn-lab-plotly"' in assets.scripts(f"<p></p>{element}")
    assert 'id="convrnn-lab-plotly"' not in assets.scripts(assets.element(b"", plotly=False))
    assert 'id="convrnn-lab-plotly"' not in assets.scripts("<p>data-plotly</p>")


def test_a_figure_of_plotly_is_left_to_plotly(tmp_path):
    explorer = Explorer(
        lambda n: go.Figure(go.Scatter(y=[n])), {"n": Slider("n", 0, 3, 1)}, name="whole"
    )

    text = explorer.page(tmp_path / "whole.html").read_text("utf-8")

    assert text.count('id="convrnn-lab-plotly"') == 1
