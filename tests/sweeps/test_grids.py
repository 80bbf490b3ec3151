import itertools
import json

import hypothesis
import nbformat
import pandas as pd
import pytest
from hypothesis import strategies as st

from convrnn_lab.reports import notebooks
from convrnn_lab.sweeps import grid_text, naming
from convrnn_lab.sweeps.grid import checked_grid
from tests.helpers import refused


@pytest.fixture
def notebook(tmp_path):
    """A notebook with a parameter of each type."""
    source = "n: int = 1\nrate: float = 0.5\nword: str = ''\npad: int | str = 0\nflag: bool = False"
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "small.ipynb")
    return notebooks.find(tmp_path / "small.ipynb")


def points(notebook, *texts, **fixed):
    return list(grid_text.parse(notebook, texts, fixed))


def test_a_grid_is_every_combination_and_the_last_changes_fastest(notebook):
    found = points(notebook, "n=1,2", "rate=0.5,1", word="x")

    assert found == [
        {"word": "x", "n": n, "rate": rate} for n, rate in itertools.product([1, 2], [0.5, 1.0])
    ]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("n=8:64:8", [8, 16, 24, 32, 40, 48, 56, 64]),
        ("n=3:1:-1", [3, 2, 1]),
        ("n=1:3,7", [1, 2, 3, 7]),
        ("rate=0.1:0.5:0.1", [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("rate=1e-3,2", [0.001, 2.0]),
        ("pad=0:1,same", [0, 1, "same"]),
        ("word=8:64:8", ["8:64:8"]),
        ('word="a,b", c', ["a,b", "c"]),
        ("word=", [""]),
        ("flag=true,False", [True, False]),
    ],
)
def test_values_are_read_as_the_parameter_takes_them(notebook, text, values):
    name = text.partition("=")[0]

    assert [point[name] for point in points(notebook, text)] == values


def test_a_yaml_file_has_axes_or_points(notebook, tmp_path):
    axes, listed = tmp_path / "axes.yaml", tmp_path / "listed.yml"
    axes.write_text("n: [1, '4:6']\nrate: 0.5\n", "utf-8")
    listed.write_text("- {n: 1, word: a}\n- {n: 2}\n", "utf-8")

    assert points(notebook, str(axes)) == [{"n": n, "rate": 0.5} for n in (1, 4, 5, 6)]
    assert points(notebook, str(listed), flag=True) == [
        {"n": 1, "word": "a", "flag": True},
        {"n": 2, "flag": True},
    ]


def test_a_csv_file_has_a_point_a_line(notebook, tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text('n,word,pad\n1,"a, b",same\n2,,3\n', "utf-8-sig")

    assert points(notebook, str(path)) == [
        {"n": 1, "word": "a, b", "pad": "same"},
        {"n": 2, "pad": 3},
    ]


def test_repeated_points_are_dropped_and_counted(notebook):
    grid = grid_text.parse(notebook, ["n=1,2,1", "rate=1,1.0"])

    assert (grid.count, grid.dropped) == (2, 4)
    rows = checked_grid(notebook, {}, [{"n": 1}, {"n": 2}, {"n": 1}])
    assert (list(rows), rows.dropped) == ([{"n": 1}, {"n": 2}], 1)


def test_every_wrong_value_is_named(notebook):
    with refused(
        "n must be int; got 'x'; and n must be int; got '1.5'; and "
        "parameter must be one of n, rate, word, pad, flag; got 'm'; and flag must be bool; got '2'"
    ):
        grid_text.parse(notebook, ["n=x,1,1.5", "m=1", "flag=2"])


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["n=1", "n=2"], "n must be given once; got it again in 'n=2'"),
        (["no.yaml"], "grid must be NAME=VALUES or the path of a YAML or CSV file; got 'no.yaml'"),
        (["n=5:1"], "a range must be FIRST:LAST:STEP with a value in it; got '5:1'"),
        (["n=5:1:0"], "a range must be FIRST:LAST:STEP with a value in it; got '5:1:0'"),
        (["n=1:2e6"], "a range must have at most 1,000,000 values; got '1:2e6'"),
        (["n="], "n must be int; got ''"),
    ],
)
def test_what_cannot_be_read_is_refused(notebook, texts, message):
    with refused(message):
        grid_text.parse(notebook, texts)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.yaml", "3", "a.yaml must have names with lists of values, or a list of points; got 3"),
        ("a.yaml", "[", "a.yaml must be YAML; got 'while parsing a flow node'"),
        ("a.yaml", "[]", "grid must have at least one point; got an empty list"),
        ("a.yaml", "n: []", "n must have at least one value; got none"),
        ("a.yaml", "n: [[1]]", "n must be int; got [1]"),
        ("a.csv", "n,word\n1\n", "a.csv must have a field for each name in line 2; got ['1']"),
        ("a.csv", "n\n1,2\n", "a.csv must have a field for each name in line 2; got ['1']"),
        ("a.csv", "n\nx\n", "n must be int; got 'x'"),
    ],
)
def test_what_cannot_be_read_in_a_file_is_refused(notebook, tmp_path, name, text, message):
    (tmp_path / name).write_text(text, "utf-8")

    with refused(message):
        grid_text.parse(notebook, [str(tmp_path / name)])


def test_a_yaml_file_makes_no_objects(notebook, tmp_path):
    (tmp_path / "a.yaml").write_text("!!python/object/apply:os.getcwd []", "utf-8")

    with pytest.raises(ValueError, match=r"^a.yaml must be YAML; got "):
        grid_text.parse(notebook, [str(tmp_path / "a.yaml")])


def test_a_parameter_in_a_list_and_beside_it_is_refused(notebook):
    with refused("n must be given once; got it in a list of points, too"):
        checked_grid(notebook, {"n": [1]}, [{"n": 2}])


def test_a_notebook_without_parameters_has_no_grid(tmp_path):
    bare = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    nbformat.write(bare, tmp_path / "bare.ipynb")
    notebook = notebooks.find(tmp_path / "bare.ipynb")

    with refused("notebook must have parameters to be given some; got 'bare', which has none"):
        checked_grid(notebook, {"n": [1]})
    assert list(checked_grid(notebook)) == [{}]


def test_a_random_choice_is_of_different_cells_and_repeatable(notebook):
    grid = grid_text.parse(notebook, ["n=1:1000", "rate=0:1:0.001"])

    chosen = list(grid.sample(20, seed=1))

    assert len({json.dumps(point) for point in chosen}) == 20
    assert chosen == list(grid.sample(20, seed=1))
    assert chosen != list(grid.sample(20, seed=2))
    assert list(grid_text.parse(notebook, ["n=1:9"]).sample(20, 0)) == [
        {"n": n} for n in range(1, 10)
    ]
    with refused("random must be an integer of at least 1; got 0"):
        grid.sample(0, 1)


def test_a_grid_is_counted_before_it_is_made(notebook):
    axes = ["n=1:100000", "rate=1:100000", "pad=1:100000"]

    grid = grid_text.parse(notebook, axes)

    assert grid.count == 10**15
    assert next(iter(grid)) == {"n": 1, "rate": 1.0, "pad": 1}
    assert len(list(grid.sample(3, 0))) == 3


def test_values_of_numpy_and_pandas_are_taken_as_they_are_meant(notebook):
    import numpy as np

    assert list(checked_grid(notebook, {"n": np.arange(2)})) == [{"n": 0}, {"n": 1}]
    rows = pd.DataFrame({"n": [1, 2], "rate": [0.5, 1.0]}).to_dict("records")
    assert len(list(checked_grid(notebook, {}, rows))) == 2


# Names of files


VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["..", "/", "a/b", "CON", "nul", "é", "e\u0301", "A", "a", "'\"", "a,b=1", "字" * 300]
    ),
    st.integers(),
    st.floats(),
    st.booleans(),
)


@hypothesis.given(st.lists(VALUES, min_size=1, max_size=4))
def test_a_name_is_safe_and_the_same_every_time(values):
    parameters = {f"p{n}": value for n, value in enumerate(values)}

    name = naming.file_name(parameters, "small")

    assert 0 < len(name.encode()) <= 200
    assert not set(name) & set('/\\<>:"|?*\0\n\r\t ')
    assert not name.startswith((".", "-"))
    assert not name.endswith(".")
    assert name == naming.file_name(dict(parameters), "small")


@hypothesis.given(VALUES, VALUES)
def test_two_values_have_two_names_on_any_file_system(one, other):
    import unicodedata

    same = type(one) is type(other) and repr(one) == repr(other)
    names = [naming.file_name({"p": value}, "small") for value in (one, other)]

    folded = [unicodedata.normalize("NFC", name).casefold() for name in names]
    assert (folded[0] == folded[1]) == same


def test_plain_values_make_plain_names():
    assert naming.file_name({"hidden": 32, "cell": "gru", "rate": 0.5}, "x") == (
        "hidden=32,cell=gru,rate=0.5"
    )
    assert naming.file_name({}, "07_timing") == "07_timing"
    assert naming.file_name({"a": "../../x y"}, "x").startswith("a=.._.._x_y-")
    assert naming.file_name({"a": "字"}, "x").startswith("a=字-")
