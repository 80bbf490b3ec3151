"""A picture or a signal that a reader gives in place of what is pooled."""

import random

import numpy as np
import pytest
import torch

from convrnn_lab import explorers, trace
from convrnn_lab.drawing import looks
from convrnn_lab.explorer import computed
from convrnn_lab.topics.pooling.kind_controls import KINDS, arguments
from tests import copied
from tests.explorer.looks import settings_by_chance
from tests.explorer.test_computed import in_browser
from tests.sampling import LEVEL, SEED

COUNT = {"check": 10, "test": 40, "all": 400}[LEVEL]


def traced(settings, values):
    """Pool with torch what was given, as the reader set it."""
    kind, options = KINDS[settings["kind"]], arguments(settings)
    return trace.pooling(torch.tensor(values)[None], kind, **options, axes=values.ndim)


def pooled(view, count):
    """Yield settings by chance, what is shown for them, and what a reader may have given."""
    numbers = np.random.default_rng(SEED)
    for settings in settings_by_chance(view, count):
        content = view.state(settings).content
        ((name, original),) = content["given"].items()
        values = numbers.uniform(-0.2, 1, original.shape).astype(np.float32)
        # Values that are the same show which one of them wins.
        yield settings, content, {name: np.round(values, random.Random(SEED).choice((1, 6)))}


@pytest.mark.parametrize("name", ["pooling", "pooling1d"])
def test_a_picture_or_a_signal_gives_what_pytorch_gives(name, tmp_path):
    cases = list(pooled(getattr(explorers, name)().view, COUNT))

    found = in_browser([case[1:] for case in cases], tmp_path)

    for (settings, content, arrays), seen in zip(cases, found, strict=True):
        wanted = computed.completed(content, arrays)
        steps = traced(settings, *arrays.values())
        by_hand = {"output": steps.output[0].numpy()}
        if steps.wins is not None:
            by_hand["wins"] = steps.wins[0].numpy()
        assert computed.difference(wanted, by_hand) < 1e-6, settings
        assert computed.difference(seen, wanted) < computed.TOLERANCE, settings


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"window": 3, "padding": 1, "stride": 2, "ceil_mode": True},
        {"kind": "average", "window": 3, "padding": 1, "include_padding": False},
        {"kind": "Lp", "p": 3},
        {"kind": "adaptive max", "output_size": 3},
        {"kind": "global average"},
    ],
)
def test_all_of_the_figure_follows_a_picture(options):
    given = torch.linspace(0, 1, 64).flip(0).reshape(8, 8)
    image, own = explorers.pooling(torch.eye(8), **options), explorers.pooling(given, **options)
    content = image.view.base
    values = image.start | {"row": 0, "column": 0}

    places = computed.completed(content, {"image": given.numpy()}) | image.view.places(values)
    seen = looks.seen({key: content[key] for key in ("panels", "facts", "description")}, places)

    wanted = own.view(**own.start | {"row": 0, "column": 0}).content()
    assert seen["panels"][0]["title"] == wanted["panels"][0]["title"].replace(
        "Input", "Your picture"
    )
    wanted["panels"][0]["title"] = seen["panels"][0]["title"]
    for panel, other in zip(seen["panels"], wanted["panels"], strict=True):
        for trace_, as_wanted in zip(panel["data"], other["data"], strict=True):
            if "z" in trace_:
                np.testing.assert_allclose(trace_["z"], as_wanted["z"], rtol=1e-5, atol=1e-7)
        assert panel["title"] == other["title"]
        assert panel["layout"]["shapes"] == other["layout"]["shapes"]
    assert (seen["facts"], seen["description"]) == (wanted["facts"], wanted["description"])


def test_the_winners_of_a_drawn_signal_are_marked():
    explorer = explorers.pooling1d(torch.tensor([0.0, 1.0, 0.5, -1.0]), window=2, position=1)
    drawn = np.array([0.5, 0.25, -0.5, 0.75], dtype=np.float32)
    content = explorer.view.base

    places = computed.completed(content, {"signal": drawn}) | explorer.view.places(explorer.start)
    seen = looks.seen({key: content[key] for key in ("panels", "facts", "code")}, places)

    panel = seen["panels"][0]
    shapes = {shape["name"]: shape["path"] for shape in panel["layout"]["shapes"]}
    # Samples 0 and 3 win: each has a diamond of 0.108 up and down, of 0.032 to both sides.
    assert panel["title"] == "Your signal, 4 samples, winners marked"
    assert shapes["winners"] == (
        "M-0.032,0.5L0,0.616L0.032,0.5L0,0.384ZM2.968,0.75L3,0.866L3.032,0.75L3,0.634Z"
    )
    assert shapes["winner"] == "M2.5,-1.16H3.5V1.16H2.5Z"
    assert dict(seen["facts"])["Winners"] == "2 of 4 values, of at most 1 window each"
    made = copied.run(seen["code"])
    np.testing.assert_array_equal(made["output"].numpy(), [0.5, 0.75])


def test_the_code_opens_a_picture_of_the_readers():
    explorer = explorers.pooling(torch.eye(8), image_size=8)
    places = {"image": np.ones((8, 8), dtype=np.float32)}

    code = looks.seen(explorer.view.base["code"], places)

    assert code.startswith('pixels = data.image("picture.png", size=8)\n')
    assert looks.seen(explorer.view.base["code"], {}).startswith("pixels = data.image(image")


def test_a_window_that_lies_outside_a_given_picture_has_no_winner(tmp_path):
    options = {"window": 2, "stride": 2, "padding": 1, "dilation": 3, "ceil_mode": True}
    content = explorers.pooling(torch.ones(1, 2), **options).view.base
    picture = {"image": np.array([[0.5, 0.25]], dtype=np.float32)}

    (found,) = in_browser([(content, picture)], tmp_path)

    wanted = computed.completed(content, picture)
    assert (found["output"] == -np.inf).any()
    assert found["wins"].sum() == (found["output"] > -np.inf).sum()
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)
