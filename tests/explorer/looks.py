"""Where one looks, drawn by Python and by the browser: both must show the same."""

import itertools
import json
import math
import random
from pathlib import Path

import numpy as np

from convrnn_lab.drawing import looks
from convrnn_lab.drawing.looks import Look
from convrnn_lab.explorer import computed, states
from tests.sampling import SEED
from tests.web.test_web import node

RUNNER = Path(__file__).parents[1] / "web" / "seen.mjs"


def positions(view, settings, count):
    """Return the places of all looks for a setting, at most `count` of them, by chance.

    Of a look whose range cannot be told, since the computed settings do not go together, the start.
    """
    each, chance = [{}], random.Random(SEED)
    for name, control in view.looks.items():
        each = [
            before | {name: value}
            for before in each
            for value in control.offered(settings | before) or [control.start]
        ]
        if len(each) > 50 * count:
            each = chance.sample(each, 50 * count)
    return (
        each if len(each) <= count else [each[0], *chance.sample(each[1:-1], count - 2), each[-1]]
    )


def settings_by_chance(view, count):
    """Yield settings that can be reached, computed ones among them, by chance."""
    chance = random.Random(SEED)
    for _ in range(count):
        settings = {}
        for name, control in (view.settings | view.computed).items():
            settings[name] = chance.choice(control.offered(settings) or [control.start])
        yield settings


def check(view, values, tmp_path, count=60):
    """See that a setting looks the same everywhere: drawn by Python, and by the browser."""
    settings = {name: values[name] for name in view.settings}
    content = view.state(settings).content
    if content is None:
        return
    beside = ("looks", "given", "computed", "refusal")
    shown = {key: each for key, each in content.items() if key not in beside}
    refusal = {"refusal": content.get("refusal", "")}
    places, refused = [], []
    for look in positions(view, settings, count):
        place = view.places(settings | look)
        drawn, why = drawn_or_refused(view, settings | look)
        assert looks.seen(refusal, place) == {"refusal": why}, look
        if why:
            refused.append(place)
            continue
        computed_places = view.computed_places(settings | look)
        place |= computed.completed(content, computed_places)
        assert not states.difference(looks.seen(shown, place), drawn), look
        places.append(place)
    browser_agrees(refusal, refused, tmp_path)
    browser_agrees(shown | refusal, places, tmp_path, content.get("computed", []), view.computed)


def drawn_or_refused(view, values):
    """Return what Python draws, and an empty text; or none, and why."""
    try:
        return view(**values).content(), ""
    except ValueError as error:
        return None, str(error)


def browser_agrees(shown, places, tmp_path, rules=(), settings=()):
    """See that the browser makes the same of every look, and computes the same arrays."""
    made = {name for name, rule in rules if rule.operation in computed.OPERATIONS}
    found_there = in_browser(shown, places, tmp_path, rules, settings)
    for place, found in zip(places, found_there, strict=True):
        for wanted, got in zip(done(shown, place), found["looks"], strict=True):
            same(got, wanted)
        for name, got in found["computed"].items():
            if name in made:
                array = np.array(got["data"], dtype=np.float32).reshape(got["shape"])
                apart = computed.difference({name: array}, {name: place[name]})
                assert apart < computed.TOLERANCE, (name, place)


def looked(value):
    """Yield every look in a sheet, in the order of its text."""
    if isinstance(value, looks.Look):
        yield value
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(map(looked, value.values()))
    elif isinstance(value, (list, tuple)):
        yield from itertools.chain.from_iterable(map(looked, value))


def done(content, place):
    return [looks.seen(each, place) for each in looked(content)]


def in_browser(content, places, tmp_path, rules=(), settings=()):
    """Return what the browser's code makes of every look in a sheet, at each of the places.

    Numbers that layers computed are PyTorch's, so that their texts are the same; those that the
    browser computes itself stand beside them.
    """
    arrays = states.Arrays()
    packed = arrays.pack(list(looked(content)))
    cases = {
        "looks": packed,
        "rules": arrays.pack(list(rules)),
        "settings": list(settings),
        "places": [
            arrays.pack({name: Look("itself", each) for name, each in place.items()})
            for place in places
        ],
    }
    blob = b"".join(arrays.buffers)
    (tmp_path / "arrays.bin").write_bytes(blob)
    sizes = [size for size, _ in arrays.sizes()]
    (tmp_path / "looks.json").write_text(json.dumps(cases | {"sizes": sizes}))
    ended = node(str(RUNNER), str(tmp_path))
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


def same(found, wanted):
    if isinstance(wanted, np.ndarray):
        flat = np.array([math.nan if v is None else v for v in np.ravel(found)], dtype=float)
        np.testing.assert_allclose(flat, wanted.ravel(), rtol=1e-12, atol=1e-300)
    elif isinstance(wanted, (list, tuple)):
        for one, other in zip(found, wanted, strict=True):
            same(one, other)
    elif isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        for key in wanted:
            same(found[key], wanted[key])
    elif isinstance(wanted, (float, np.floating)) and not isinstance(wanted, bool):
        if math.isnan(wanted):
            assert found is None
        else:
            assert math.isclose(float(found), wanted, rel_tol=1e-12), (found, wanted)
    else:
        assert found == wanted
