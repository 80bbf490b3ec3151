import json

import numpy as np
import plotly.graph_objects as go
import pytest

from convrnn_lab import data, explorers, trace
from convrnn_lab.drawing.sheet import PlotlySheet
from convrnn_lab.explorer import frames
from convrnn_lab.explorers import Choice, Explorer, Slider
from tests.explorer.wire import Wire
from tests.helpers import refused


def power_figure(base, exponent):
    trace = {"type": "scatter", "name": "powers", "y": np.arange(float(exponent + 1)) ** base}
    return {"data": [trace], "layout": {"title": {"text": f"{base} to the {exponent}"}}}


def view(base, exponent):
    if base == 3 and exponent == 0:
        raise ValueError("exponent must be at least 1 for base=3; got 0")
    return power_figure(base, exponent)


def controls(base=2, exponent=1):
    return {
        "base": Slider("base", 0, 4, base),
        "exponent": Slider("exponent", 0, lambda before: 4 - before["base"], exponent),
    }


@pytest.fixture
def explorer():
    return Explorer(view, controls(), name="powers", scan=["exponent"])


def test_the_first_figure_is_drawn_in_the_constructor():
    with refused("exponent must be at least 1 for base=3; got 0"):
        Explorer(view, controls(base=3, exponent=0), name="powers")
    with pytest.raises(ZeroDivisionError):
        Explorer(lambda n: 1 // n, {"n": Slider("n", 0, 3, 0)}, name="fault")


def test_a_start_that_is_not_offered_is_refused():
    with refused("base must be an integer from 0 to 4; got 9"):
        Explorer(view, controls(base=9), name="powers")
    with refused("exponent must be an integer from 0 to 2; got 3"):
        Explorer(view, controls(exponent=3), name="powers")
    with refused("word must be one of a, b; got 'c'"):
        Explorer(lambda word: word, {"word": Choice("word", ["a", "b"], "c")}, name="words")


@pytest.mark.parametrize(
    ("view", "controls", "message"),
    [
        (3, {}, "view must be a function of the controls; got 3"),
        (
            lambda n: n,
            {"n": 5},
            "controls['n'] must be a Slider or a Choice; got 5",
        ),
        (
            lambda n: n,
            {"m": Slider("m", 0, 1, 0)},
            "view must take the controls m by name; got a function with the arguments (n)",
        ),
    ],
)
def test_a_declaration_that_cannot_work_is_refused(view, controls, message):
    with refused(message):
        Explorer(view, controls, name="x")


def test_a_slider_without_whole_limits_is_refused():
    with refused("high must be an integer of at least 20; got 1"):
        Slider("x", 20, 1, 5)
    with refused("low must be an integer of at least -2147483648; got 0.5"):
        Slider("x", 0.5, 1, 1)


def test_a_view_that_draws_nothing_is_a_fault():
    with pytest.raises(TypeError, match=r"^view must return a sheet or a plotly figure; got None$"):
        Explorer(lambda: None, {}, name="x")


def test_functions_stay_functions_in_whatever_order_they_are_asked_for():
    import subprocess
    import sys

    for names in ("convolution1d, convolution", "convolution, convolution1d"):
        code = f"from convrnn_lab.explorers import {names}; convolution1d(); convolution('digit 3')"
        subprocess.run([sys.executable, "-c", code], check=True)


def test_moving_a_control_moves_those_that_depend_on_it(explorer):
    explorer.controls["exponent"].value = 2
    explorer.controls["base"].value = 3

    assert explorer.values == {"base": 3, "exponent": 1}
    assert explorer.controls["exponent"].max == 1
    explorer.controls["base"].value = 0
    assert explorer.values == {"base": 0, "exponent": 1}
    assert explorer.controls["exponent"].max == 4


def test_a_refused_setting_is_kept_with_its_reason(explorer):
    explorer.controls["exponent"].value = 0
    explorer.controls["base"].value = 3

    assert explorer.values == {"base": 3, "exponent": 0}
    assert explorer.refusal == "exponent must be at least 1 for base=3; got 0"
    with refused(explorer.refusal):
        explorer.figure()
    explorer.controls["exponent"].value = 1
    assert explorer.refusal is None


def test_a_fault_in_the_view_stops_the_cell_that_moves_there():
    explorer = Explorer(
        lambda n: go.Figure() if n < 2 else 1 // 0, {"n": Slider("n", 0, 3, 0)}, name="fault"
    )
    explorer.controls["n"].value = 1
    with pytest.raises(ZeroDivisionError):
        explorer.controls["n"].value = 2


def test_the_figure_of_other_values_is_a_checked_plotly_figure(explorer):
    figure = explorer.figure(exponent=2)

    assert isinstance(figure, go.Figure)
    assert figure.layout.title.text == "2 to the 2"
    assert list(figure.data[0].y) == [0.0, 1.0, 4.0]
    assert explorer.values == {"base": 2, "exponent": 1}


def test_figure_refuses_what_no_control_offers(explorer):
    with refused("control must be one of base, exponent; got 'basis'"):
        explorer.figure(basis=1)
    with refused("exponent must be an integer from 0 to 2; got 3"):
        explorer.figure(exponent=3)


def test_what_is_not_named_gives_way(explorer):
    explorer.controls["exponent"].value = 2

    assert explorer.figure(base=4).layout.title.text == "4 to the 0"


def test_combinations_are_all_that_can_be_reached(explorer):
    reached = [tuple(values.values()) for values in explorer.view.combinations()]

    assert reached == [(b, e) for b in range(5) for e in range(5 - b)]


def test_keys_survive_the_way_to_the_browser_and_back():
    words = ['a "quoted" name', "two\nlines", "ö, <b>"]
    explorer = Explorer(
        lambda word, n: go.Figure(),
        {
            "word": Choice("word", words, words[0]),
            "n": Choice("n", [0, 1, "same"], 0, ordered=True),
        },
        name="words",
    )

    for word in words:
        for n in (0, 1, "same"):
            values = {"word": word, "n": n}
            assert explorer.view.from_tokens(json.loads(explorer.view.key(values))) == values


def test_a_front_end_is_given_the_base_and_then_only_differences(explorer):
    wire = Wire(explorer)

    start, buffers = wire.ask("start")
    state, _ = wire.ask("state", values=[2, 2])

    assert start["names"] == ["base", "exponent"]
    assert start["scan"] == ["exponent"]
    assert start["key"] == "[2,1]"
    assert np.frombuffer(buffers[0]).tolist() == [0.0, 1.0]
    (entry,) = state["states"]
    assert entry["asked"] == ["[2,2]", "[2,2]"]
    paths = [path for path, _ in entry["patch"]]
    assert ["panels", 0, "data", 0, "y"] in paths
    assert ["panels", 0, "layout", "template"] not in [path[:4] for path in paths]
    assert len(paths) <= 6


def test_an_impossible_setting_is_answered_with_the_nearest(explorer):
    state, _ = Wire(explorer).ask("state", values=[4, 3])

    assert state["states"][0]["asked"] == ["[4,3]", "[4,0]"]


def test_a_refusal_travels_in_words(explorer):
    state, _ = Wire(explorer).ask("state", values=[3, 0])

    assert state["states"][0]["refusal"] == "exponent must be at least 1 for base=3; got 0"


def test_idle_time_brings_the_nearest_states_first_and_each_once(explorer):
    wire = Wire(explorer)
    wire.ask("start")
    keys = []
    for _ in range(100):
        answer, _ = wire.ask("fill", values=[2, 1])
        keys += [entry["asked"][0] for entry in answer["states"]]
        if answer["done"]:
            break

    assert answer["done"] is True
    assert set(keys[:4]) == {"[1,1]", "[3,1]", "[2,0]", "[2,2]"}
    assert len(keys) == len(set(keys))
    assert {"[0,1]", "[4,1]"} <= set(keys)


def test_a_fault_is_recorded_sent_and_raised():
    explorer = Explorer(
        lambda n: go.Figure() if n < 1 else 1 // 0, {"n": Slider("n", 0, 3, 0)}, name="fault"
    )
    wire = Wire(explorer)

    with pytest.raises(ZeroDivisionError):
        wire.ask("state", values=[1])

    assert isinstance(explorer.error, ZeroDivisionError)
    assert wire.sent[-1][0]["states"][0]["bug"].startswith("ZeroDivisionError: ")


def test_slow_states_are_not_computed_ahead(monkeypatch, explorer):
    clock = iter(range(1000))
    monkeypatch.setattr("convrnn_lab.explorer.live.time.perf_counter", lambda: next(clock))

    answer, _ = Wire(explorer).ask("fill", values=[2, 1])

    assert len(answer["states"]) == 1
    assert answer["done"] is True


def test_plotly_is_sent_whole_and_compressed(explorer):
    import gzip

    import plotly.offline

    _, (script,) = Wire(explorer).ask("plotly")

    assert gzip.decompress(script).decode() == plotly.offline.get_plotlyjs()


def test_a_notebook_shows_the_widget_and_a_report_the_page(monkeypatch, explorer):
    assert "application/vnd.jupyter.widget-view+json" in explorer._repr_mimebundle_()

    monkeypatch.setenv("CONVRNN_LAB_PAGES", "1")
    bundle, _ = explorer._repr_mimebundle_()

    assert set(bundle) == {"text/html", "text/plain"}
    assert repr(explorer) == "Explorer('powers', {'base': 2, 'exponent': 1})"


def test_the_numbers_of_a_figure_can_be_had_as_a_data_frame():
    table = explorers.convolution("digit 3", kernel="Sobel x").data(stride=2)

    pixels = table[table.trace == "output"].pivot_table(index="y", columns="x", values="z")
    image, kernel = data.image("digit 3"), data.kernel("Sobel x", 3)
    steps = trace.convolution(image[None, None], kernel[None, None], stride=2)
    assert list(table.columns) == ["panel", "trace", "x", "y", "z"]
    np.testing.assert_allclose(pixels.to_numpy(), steps.output[0, 0].numpy(), rtol=1e-6)


def test_a_line_that_starts_somewhere_has_its_positions_in_the_frame():
    table = frames.of_sheet(
        PlotlySheet(
            [
                {"name": "line", "x0": 5, "dx": 2, "y": [1.0, 2.0]},
                {"name": "points", "x": [7], "y": [8]},
                {"name": "bars", "x": [3]},
            ],
            {},
        )
    )

    assert table[["trace", "x", "y"]].values.tolist()[:3] == [
        ["line", 5, 1.0],
        ["line", 7, 2.0],
        ["points", 7, 8.0],
    ]


@pytest.fixture
def published(monkeypatch):
    """Return what a kernel's cells are told to show, as pairs of a bundle and how."""
    import ipykernel  # noqa: F401 - a kernel is told by it
    import IPython
    import IPython.display

    said = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: "a shell")
    monkeypatch.setattr(
        IPython.display,
        "publish_display_data",
        lambda bundle, **how: said.append((bundle, how)),
    )
    return said


def test_a_cell_says_how_to_wake_the_figure_and_a_report_does_not(monkeypatch, published, explorer):
    explorer._repr_mimebundle_()
    monkeypatch.setenv("CONVRNN_LAB_PAGES", "1")
    explorer._repr_mimebundle_()

    ((bundle, _),) = published
    assert "Run All Cells" in bundle["text/html"]
    assert bundle["text/html"].startswith('<p class="convrnn-lab-asleep">')


def test_a_picture_from_the_browser_takes_the_place_of_the_line_if_it_is_small(published, explorer):
    explorer._repr_mimebundle_()

    wire = Wire(explorer)
    wire.ask("picture", memoryview(b"RIFF"))
    wire.ask("picture", memoryview(b"x" * 200_000))

    (_, first), (bundle, second) = published
    assert 'src="data:image/webp;base64,UklGRg=="' in bundle["text/html"]
    assert "Run All Cells" in bundle["text/html"]
    assert (first["update"], second["update"]) == (False, True)
    assert first["transient"] == second["transient"]
