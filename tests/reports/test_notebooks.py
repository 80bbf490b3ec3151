import json

import nbformat
import pytest

from convrnn_lab.reports import notebooks
from tests.helpers import refused

CELL = """\
# the text
name: str = "a # b"  # a name
size: int = 3
ratio: float = 0.5  # a ratio
padding: int | str = 0  # a number or "same"
flag: bool = False
free = [1, 2]  # anything
other: list = None
print(size)
"""


@pytest.fixture
def parameters():
    return notebooks._parameters(CELL)


def test_the_parameters_cell_is_read_with_types_defaults_and_comments(parameters):
    read = {p.name: (p.types, p.default, p.help) for p in parameters.values()}

    assert read == {
        "name": ((str,), "a # b", "a name"),
        "size": ((int,), 3, ""),
        "ratio": ((float,), 0.5, "a ratio"),
        "padding": ((int, str), 0, 'a number or "same"'),
        "flag": ((bool,), False, ""),
        "free": ((), [1, 2], "anything"),
        "other": ((), None, ""),
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("name", "5", "5"),
        ("size", "5", 5),
        ("size", "-2", -2),
        ("ratio", "2", 2.0),
        ("padding", "same", "same"),
        ("padding", "2", 2),
        ("flag", "True", True),
        ("flag", "false", False),
        ("free", "x=1", "x=1"),
    ],
)
def test_text_of_a_command_line_becomes_a_value(parameters, name, text, value):
    parsed = parameters[name].parse(text)

    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("size", "five", "int"),
        ("size", "1.5", "int"),
        ("ratio", "", "float"),
        ("flag", "1", "bool"),
    ],
)
def test_text_that_stands_for_nothing_is_refused(parameters, name, text, kind):
    with refused(f"{name} must be {kind}; got {text!r}"):
        parameters[name].parse(text)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("size", True, "int"),
        ("size", 1.0, "int"),
        ("name", 1, "str"),
        ("name", "\ud800", "a text of whole characters"),
        ("padding", 1.5, "int or str"),
        ("flag", 0, "bool"),
        ("free", object, "a number, a text or a list of them"),
    ],
)
def test_a_value_of_another_type_is_refused(parameters, name, value, kind):
    with refused(f"{name} must be {kind}; got {value!r}"):
        parameters[name].check(value)


def test_an_int_is_taken_for_a_float(parameters):
    assert type(parameters["ratio"].check(2)) is float


def test_an_unknown_parameter_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"^parameter must be one of image, .*, seed; got 'sise'$"):
        notebooks.find("01_convolution").checked({"sise": 5})


KNOWN = (
    "00_start, 01_convolution, 01b_transposed_convolution, 02_pooling, 03_receptive_fields, "
    "04_cnn, 04b_which_pixels, "
    "05_hidden_state, 05b_memory, 06_gates, 06b_learning, 06c_which_inputs, 07_timing, 07b_layers"
)


def test_shipped_notebooks_are_in_order():
    assert ", ".join(notebooks.shipped()) == KNOWN


@pytest.mark.parametrize("name", KNOWN.split(", "))
def test_a_notebook_is_found_without_its_number(name):
    assert notebooks.find(name.partition("_")[2]) == notebooks.find(name)


@pytest.mark.parametrize("name", ["99_nothing", "", "01", "_timing", "tim", "hidden state"])
def test_an_unknown_notebook_is_refused_with_the_known_ones(name):
    with refused(f"notebook must be one of {KNOWN}, or the path of one; got {name!r}"):
        notebooks.find(name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("03_cnn", "04_cnn"),
        ("04_hidden_state", "05_hidden_state"),
        ("05_gates_and_gradients", "06_gates"),
        ("06_timing", "07_timing"),
    ],
)
def test_a_name_of_version_0_1_0_is_named_as_old(old, new):
    with refused(f"notebook must be {new}; got {old!r}, its name in version 0.1.0"):
        notebooks.find(old)


def test_a_name_that_two_notebooks_share_is_refused(monkeypatch, tmp_path):
    known = {name: tmp_path / f"{name}.ipynb" for name in ("01_same", "02_same", "03_other")}
    monkeypatch.setattr(notebooks, "shipped", lambda: known)

    with refused("notebook must be one of 01_same, 02_same; got 'same'"):
        notebooks.find("same")


def test_a_file_of_an_old_name_is_found(monkeypatch, tmp_path):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Mine")])
    nbformat.write(book, tmp_path / "03_cnn")
    monkeypatch.chdir(tmp_path)

    assert notebooks.find("03_cnn").title == "Mine"


@pytest.mark.parametrize("text", ["", "no notebook", "[]", '{"cells": [1]}', json.dumps({})])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "a.ipynb"
    path.write_text(text, "utf-8")

    with pytest.raises(ValueError, match=r"^notebook must be a file in the .ipynb format, version"):
        notebooks.find(path)


def test_a_notebook_without_parameters_takes_none(tmp_path):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    nbformat.write(book, tmp_path / "bare.ipynb")

    bare = notebooks.find(tmp_path / "bare.ipynb")

    assert (bare.title, bare.parameters) == ("bare", {})
    with refused("notebook must have parameters to be given some; got 'bare', which has none"):
        bare.checked({"size": 1})
