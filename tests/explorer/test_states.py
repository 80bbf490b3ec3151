import copy
import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

from convrnn_lab import explorers
from convrnn_lab.explorer import states


def applied(base, patch):
    """Put a patch in place, as the front end does."""
    result = copy.deepcopy(base)
    for path, value in patch:
        place = result
        for key in path[:-1]:
            place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
        if value is None:
            place.pop(path[-1], None)
        else:
            place[path[-1]] = value
    return result


LEAVES = st.one_of(st.integers(), st.text(max_size=3), st.lists(st.integers(), max_size=3))
TREES = st.recursive(
    st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=3),
    lambda inner: st.dictionaries(
        st.sampled_from("abc"), st.one_of(LEAVES, inner, st.lists(inner, min_size=1, max_size=2))
    ),
    max_leaves=12,
)


@given(TREES, TREES)
def test_a_difference_turns_one_figure_into_the_other(base, other):
    assert applied(base, states.difference(base, other)) == other
    assert states.difference(base, copy.deepcopy(base)) == []


def test_nan_is_no_other_than_nan():
    assert states.difference({"y": [float("nan"), 1.0]}, {"y": [float("nan"), 1.0]}) == []
    assert states.difference({"y": [float("nan")]}, {"y": [1.0]}) == [(["y"], [1.0])]


def test_only_leaves_that_differ_are_listed():
    base = {"data": [{"y": np.arange(3.0), "name": "a"}], "layout": {"title": {"text": "x"}}}
    other = copy.deepcopy(base)
    other["layout"]["title"]["text"] = "y"

    assert states.difference(base, other) == [(["layout", "title", "text"], "y")]


def test_arrays_differ_by_value_shape_and_kind():
    same = states.difference({"y": np.zeros(4)}, {"y": np.zeros(4)})
    others = [np.ones(4), np.zeros((2, 2)), np.zeros(4, np.float32), [0.0] * 4]

    assert same == []
    assert all(len(states.difference({"y": np.zeros(4)}, {"y": o})) == 1 for o in others)


def test_equal_arrays_are_kept_once():
    arrays = states.Arrays()

    packed = arrays.pack({"a": np.zeros(3), "b": [np.zeros(3), np.ones((2, 2), np.float32)]})

    assert packed == {
        "a": {"array": 0, "dtype": "float64", "shape": [3]},
        "b": [
            {"array": 0, "dtype": "float64", "shape": [3]},
            {"array": 1, "dtype": "float32", "shape": [2, 2]},
        ],
    }
    assert [len(buffer) for buffer in arrays.buffers] == [24, 16]
    assert arrays.widths == [8, 4]
    assert arrays.pack(np.arange(2)) == {"array": 2, "dtype": "int32", "shape": [2]}


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 3_218_079_744])
def test_counts_of_billions_travel_as_they_are(value):
    arrays = states.Arrays()

    packed = arrays.pack(np.array([1, value]))

    assert packed["dtype"] == "float64"
    assert np.frombuffer(arrays.buffers[0]).tolist() == [1, value]


def test_every_difference_between_settings_makes_the_right_figure():
    explorer = explorers.stack()
    settings = itertools.islice(explorer.view.combinations(), 0, None, 97)

    for values in settings:
        content = explorer.view.state(values).content
        if content is not None:
            rebuilt = applied(explorer.view.base, states.difference(explorer.view.base, content))
            assert states.difference(rebuilt, content) == []
