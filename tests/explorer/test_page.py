import base64
import gzip
import json
import re
import struct

import plotly.graph_objects as go
import pytest

from convrnn_lab import data, explorers, files
from convrnn_lab.drawing.sheet import Sheet
from convrnn_lab.explorer import page
from convrnn_lab.explorers import Choice, Explorer, Slider
from tests.browser.views import EXPLORERS
from tests.helpers import refused
from tests.sampling import sampled


def header(packed):
    raw = gzip.decompress(packed)
    (length,) = struct.unpack("<I", raw[:4])
    return json.loads(raw[4 : 4 + length])


def header_of(path):
    """Return what a page holds."""
    (text,) = re.findall(
        r'data-page[^>]*>.*?<script type="application/gzip">([^<]+)', path.read_text()
    )
    return header(base64.b64decode(text))


def keys(explorer, vary, budget=1_250_000):
    lists = page._lists(explorer, vary)
    return [tuple(s["key"]) for s in header(page._fit(explorer, lists, budget))["states"]]


@pytest.fixture
def explorer():
    controls = {
        "size": Slider("size", 1, 9, 4),
        "place": Slider("place", 0, lambda before: 9 - before["size"], 2),
        "word": Choice("word", ["a", "b"], "b"),
    }
    return Explorer(
        lambda size, place, word: go.Figure(go.Scatter(y=[size, place, len(word)])),
        controls,
        name="sizes",
    )


def test_a_page_holds_the_product_of_the_chosen_values(explorer):
    held = keys(explorer, {"size": [1, 4], "word": ["a", "b"]})

    assert sorted(held) == [(1, 2, "a"), (1, 2, "b"), (4, 2, "a"), (4, 2, "b")]


def test_a_name_alone_means_all_values_and_others_stay(explorer):
    explorer.controls["word"].value = "a"

    assert sorted(keys(explorer, ["size"])) == [
        *[(size, 2, "a") for size in range(1, 8)],
        (8, 1, "a"),
        (9, 0, "a"),
    ]


def test_the_present_setting_is_always_held_and_settings_are_not_repeated(explorer):
    held = keys(explorer, {"size": [9], "place": [0, 3]})

    assert sorted(held) == [(4, 0, "b"), (4, 2, "b"), (4, 3, "b"), (9, 0, "b")]


def test_what_does_not_fit_is_thinned_by_the_stated_rule(explorer):
    whole = page._fit(explorer, page._lists(explorer, ["size", "word"]), 1_000_000)

    thinned = header(page._fit(explorer, page._lists(explorer, ["size", "word"]), len(whole) - 1))

    sizes = sorted({state["key"][0] for state in thinned["states"]})
    assert sizes == [1, 3, 4, 5, 7, 9]
    assert {state["key"][2] for state in thinned["states"]} == {"a", "b"}
    assert thinned["holds"].startswith(
        "This page holds 12 settings, the combinations of: size 1, 3, 4, 5, 7, 9; word a, b. "
        "Fixed here: place."
    )


def test_a_budget_that_is_too_small_leaves_the_present_setting(explorer):
    assert keys(explorer, ["size", "word"], budget=1) == [(4, 2, "b")]
    only = header(page._fit(explorer, page._lists(explorer, []), 1))
    assert only["holds"] == "This page holds 1 setting. Fixed here: size, place, word."


def test_where_one_only_looks_a_page_holds_one_state():
    row = Slider("row", 0, 3, 1, look=True)
    explorer = Explorer(lambda row: Sheet([], "Rows", ""), {"row": row}, name="Rows")

    assert keys(explorer, None) == [()]


def test_unknown_names_and_values_are_refused(explorer):
    with refused("vary must be one of size, place, word; got 'sise'"):
        keys(explorer, ["sise"])
    with refused("vary['size'] must be an integer from 1 to 9; got 12"):
        keys(explorer, {"size": [12]})
    with refused("vary['word'] must be one of a, b; got 'c'"):
        keys(explorer, {"word": ["c"]})
    with refused("vary must be names of controls, or values by name; got 'size'"):
        keys(explorer, "size")
    with refused("vary['size'] must be a list of values; got 3"):
        keys(explorer, {"size": 3})


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (explorers.convolution, 11),
        (explorers.convolution1d, 11),
        (explorers.transposed_convolution, 5),
    ],
)
def test_the_pages_of_a_report_hold_all_their_kernels_in_their_budget(make, size):
    """All sizes, strides and paddings, too: the browser computes them."""
    explorer = make()
    packed = page._fit(explorer, page._lists(explorer, explorer.vary), 250_000)

    held = header(packed)
    assert len(held["states"]) == len(next(iter(explorer.view.settings.values())).options)
    assert len(packed) <= 250_000
    declared = {look["name"]: look for look in held["base"]["looks"]}
    assert declared["kernel"]["options"] == list(explorer.declared["kernel"].options)
    assert (declared["kernel_size"]["high"], declared["stride"]["high"]) == (size, 4)
    assert [name for name in declared if declared[name].get("computed")] == [
        *explorer.view.computed
    ]


def test_what_a_page_is_to_hold_of_a_computed_setting_is_held_anyway_or_refused(tmp_path):
    explorer = explorers.convolution1d()

    keys(explorer, {"stride": [1, 2], "padding": [0, "same"]})
    with refused("vary['stride'] must be an integer from 1 to 4; got 5"):
        keys(explorer, {"stride": [5]})
    with refused("vary['kernel'] must be one of " + ", ".join(data.KERNELS_1D) + "; got 'Sobel'"):
        keys(explorer, {"kernel": ["Sobel"]})


@pytest.mark.parametrize("notebook", sampled(list(EXPLORERS), 2))
def test_every_control_of_a_notebook_moves_in_its_page(notebook, tmp_path):
    """A page shows no fixed control, and there is none that a text could ask to move in vain."""
    for explorer, _ in EXPLORERS[notebook]():
        states = header_of(explorer.page(tmp_path / "page.html"))["states"]
        for place, (name, control) in enumerate(explorer.view.settings.items()):
            held = {state["key"][place] for state in states}
            assert len(held) > 1 or len(control.offered(explorer.values)) == 1, name


def test_a_page_asks_the_network_for_nothing(explorer, tmp_path):
    text = explorer.page(tmp_path / "page.html").read_text("utf-8")

    assert text.count('id="convrnn-lab-plotly"') == 1
    outside = re.sub(r'<script type="application/gzip"[^>]*>.*?</script>', "", text)
    assert re.findall(r"https?://[^\s\"'<)]+", outside) == []


def test_the_same_explorer_writes_the_same_page(explorer, tmp_path):
    first, second = (explorer.page(tmp_path / name).read_bytes() for name in ("a.html", "b.html"))

    assert first == second


def test_a_page_that_cannot_be_written_leaves_the_old_one(explorer, tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old", "utf-8")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fdopen", full)
    with pytest.raises(ValueError, match=r"^path must be a file .* \(No space left on device\)$"):
        explorer.page(path)

    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
    assert path.read_text("utf-8") == "old"
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"^path must be a file that can be written; got "):
        explorer.page(tmp_path / "missing" / "page.html")


def test_files_are_written_for_all_to_read(tmp_path):
    files.write_whole({tmp_path / "a": "a"})

    assert (tmp_path / "a").stat().st_mode & 0o444 == 0o444
