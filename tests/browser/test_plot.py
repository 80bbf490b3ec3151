"""Panels that the page draws itself, without plotly."""

import numpy as np
import pytest

from convrnn_lab import data, explorers
from convrnn_lab.explorers import Choice, Explorer, Slider
from convrnn_lab.figures import Panel, Sheet
from tests.browser.screen import read
from tests.browser.test_page import control, ready, values

pytestmark = pytest.mark.browser

VALUES = np.array([[0.0, 1.0, np.nan], [2.0, 3.0, 4.0]])
SCALE = [[0, "#000000"], [1, "#ffffff"]]
HEAT = {"zmin": 0, "zmax": 4, "colorscale": SCALE, "showscale": False}


def page_of(open_page, tmp_path, traces, **options):
    """Open the page of a sheet with one panel, whose traces are chosen by their names."""

    def view(shown):
        axes = {"xaxis": {"range": [-0.5, 2.5]}, "yaxis": {"range": [-0.5, 3.5]}}
        return Sheet([Panel("panel", traces[shown], **axes)], title="", description="")

    controls = {"shown": Choice("shown", list(traces), next(iter(traces)))}
    path = Explorer(view, controls, name="own").page(tmp_path / "own.html", vary=["shown"])
    return ready(open_page(path.as_uri(), offline=True, **options))


def at(page, x, y):
    """Return the pixel of a value of the first panel."""
    box = page.locator(".cl-area").first.bounding_box()
    return box["x"] + (x + 0.5) / 3 * box["width"], box["y"] + (3.5 - y) / 4 * box["height"]


def test_a_matrix_has_a_pixel_a_value_and_a_hole_for_nan(open_page, tmp_path):
    page = page_of(open_page, tmp_path, {"a": [{"type": "heatmap", "z": VALUES} | HEAT]})

    colours = page.locator(".cl-pixels canvas").evaluate(
        "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 3, 2).data)"
    )
    shades = np.array(colours).reshape(2, 3, 4)
    assert shades[..., 0].tolist() == [[0, 64, 0], [128, 191, 255]]
    assert shades[..., 3].tolist() == [[255, 255, 0], [255, 255, 255]]


def test_the_pointer_is_told_the_numbers_under_it_as_text(open_page, tmp_path):
    line = {"type": "scatter", "x": [0, 1, 2], "y": [0.25, 3, 1], "hovertemplate": "<b> %{y:.2f}"}
    page = page_of(open_page, tmp_path, {"a": [line]})
    readout = page.locator(".cl-readout")

    assert not readout.is_visible()
    page.mouse.move(*at(page, 0.02, 0.3))
    assert readout.inner_text() == "<b> 0.25"
    page.mouse.move(*at(page, 1.5, 0.5))
    assert not readout.is_visible()


def test_states_may_be_drawn_by_plotly_and_by_ourselves_in_turns(open_page, tmp_path):
    traces = {
        "line": [{"type": "scatter", "name": "t", "y": [1, 2]}],
        "violin": [{"type": "violin", "name": "t", "y": [1, 2, 3]}],
        "bars": [{"type": "bar", "name": "t", "y": [3]}, {"type": "bar", "name": "u", "y": [2]}],
    }
    page = page_of(open_page, tmp_path, traces)
    shown = control(page, "shown").locator("select")

    for name in ("violin", "bars", "violin", "line"):
        shown.select_option(name)
        ours = name != "violin"
        page.locator(".cl-drawn" if ours else ".main-svg").first.wait_for()
        assert page.locator(".main-svg" if ours else ".cl-drawn").count() == 0
        assert read(page).trace("t")["y"] == traces[name][0]["y"]
    assert page.locator(".cl-inside rect").count() == 0


def test_a_look_redraws_what_it_moves_and_leaves_the_rest(open_page, tmp_path):
    path = explorers.convolution1d().page(tmp_path / "signal.html", vary=[])
    page = ready(open_page(path.as_uri(), offline=True))
    page.evaluate(
        """() => {
          window.changed = new Set();
          new MutationObserver(changes => changes.forEach(({target}) => window.changed.add(target)))
            .observe(document.querySelector('.cl-plot'),
                     {subtree: true, childList: true, attributes: true});
          window.line = document.querySelector('.cl-inside path');
        }"""
    )

    control(page, "position").locator("input").press("ArrowRight")

    changed = page.evaluate(
        "[...window.changed].map(node => node.parentNode.getAttribute('class'))"
    )
    assert page.evaluate("window.line.isConnected")
    assert 1 <= len(changed) <= 4
    assert "cl-outlines" in changed


def test_a_click_and_a_drag_into_a_line_pick_a_sample(open_page, tmp_path):
    path = explorers.convolution1d("ECG").page(tmp_path / "signal.html", vary=[])
    page = ready(open_page(path.as_uri(), offline=True))
    box = page.locator(".cl-area").nth(1).bounding_box()
    count = len(data.signal("ECG"))

    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 20)
    page.mouse.down()
    clicked = int(values(page)["position"])
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.up()

    assert abs(clicked - count / 4) <= 2
    assert abs(int(values(page)["position"]) - count / 2) <= 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_of_axes_follow_the_theme_and_stay_inside(open_page, tmp_path, scheme):
    explorer = Explorer(_named_bars, {"n": Slider("n", 1, 9, 3)}, name="names")
    path = explorer.page(tmp_path / "names.html")
    page = ready(open_page(path.as_uri(), width=360, scheme=scheme))

    outside = page.evaluate(
        """() => [...document.querySelectorAll('.cl-drawn text')].filter(text => {
          const [word, plot] = [text, text.closest('.cl-plot')].map(e => e.getBoundingClientRect());
          return word.left < plot.left - 1 || word.right > plot.right + 1
              || word.bottom > plot.bottom + 1;
        }).map(text => text.textContent)"""
    )
    fill = page.locator(".cl-tick").first.evaluate("text => getComputedStyle(text).fill")
    assert outside == []
    assert (fill == "rgb(230, 237, 243)") == (scheme == "dark")


def _named_bars(n):
    names = [f"a layer with a long name {k}" for k in range(8)]
    bars = {"type": "bar", "x": names, "y": [1e7 * n] * 8, "texttemplate": "%{y:.3~s}"}
    panel = Panel("bars", [bars], {"type": "category"}, {"title": {"text": "multiply-adds"}})
    return Sheet([panel], title="", description="")
