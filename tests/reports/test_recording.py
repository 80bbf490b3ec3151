import json
import math

import nbformat
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import torch

from convrnn_lab import reports
from convrnn_lab.reports import recording
from tests.helpers import refused

FIGURE = go.Figure(go.Scatter(x=[1, 2], y=np.array([3.0, 4.5])), layout={"title": {"text": "up"}})
TABLE = [{"layer": "a", "ms": 1.5}, {"layer": "<b>", "bytes": 3}]


def notebook(*results, shown=True):
    """Return a notebook as it is after a cell has recorded `results`."""
    bundles = [recording._bundle(name, value, shown=shown) for name, value in results]
    outputs = [nbformat.v4.new_output("display_data", json.loads(json.dumps(b))) for b in bundles]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        (-0.5, -0.5),
        (True, True),
        ("ok", "ok"),
        (None, None),
        (np.float32(0.5), 0.5),
        (np.int64(7), 7),
        (torch.tensor(2.5), 2.5),
        (math.inf, math.inf),
    ],
)
def test_a_number_or_a_text_comes_back_as_it_was(value, expected):
    found = reports.results(notebook(("loss", value)))

    assert found == {"loss": expected}
    assert type(found["loss"]) is type(expected)


def test_not_a_number_comes_back():
    assert math.isnan(reports.results(notebook(("loss", float("nan"))))["loss"])


def test_a_table_comes_back_as_a_data_frame():
    for table in (TABLE, pd.DataFrame(TABLE)):
        found = reports.results(notebook(("costs", table)))["costs"]

        pd.testing.assert_frame_equal(found, pd.DataFrame(TABLE), check_dtype=False)


@pytest.mark.parametrize("shown", [True, False])
def test_a_figure_comes_back_and_is_stored_once(shown):
    book = notebook(("picture", FIGURE), shown=shown)

    found = reports.results(book)["picture"]

    assert found.data[0].y.tolist() == [3.0, 4.5]
    assert json.dumps(book).count('"up"') == 1
    (output,) = book.cells[0].outputs
    assert ("application/vnd.plotly.v1+json" in output.data) == shown
    assert output.data["text/plain"] == "picture: up"


def test_a_name_recorded_again_is_replaced():
    book = notebook(("a", 1), ("b", 2), ("a", 3))

    assert list(reports.results(book).items()) == [("b", 2), ("a", 3)]


def test_what_is_shown_of_a_table_is_text_never_markup():
    (output,) = notebook(("<i>", TABLE)).cells[0].outputs

    assert "<b>" not in output.data["text/html"]
    assert "&lt;b&gt;" in output.data["text/html"]
    assert "<i>" not in output.data["text/html"]
    assert output.data["text/plain"] == (
        "<i>:\nlayer    ms  bytes\n    a   1.5   None\n  <b>  None      3"
    )


def test_a_long_table_is_cut_where_it_is_printed():
    (output,) = notebook(("long", [{"n": n} for n in range(25)])).cells[0].outputs

    assert output.data["text/plain"].splitlines()[-2:] == ["19", "and 5 more rows"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4.165001232792065e-09, "4.165e-09"),
        (0.1 + 0.2, "0.3"),
        (-0.43217, "-0.4322"),
        (1234.56789, "1235"),
        (123456.789, "123457"),
        (1.23456e18, "1.235e+18"),
        (3.0, "3"),
        (2**40, "1099511627776"),
        (math.inf, "inf"),
        (float("nan"), "nan"),
        (torch.tensor(2.5), "2.5"),
        (True, "True"),
        ("0.123456789", "0.123456789"),
    ],
)
def test_a_number_is_shown_short_and_stored_exactly(value, text):
    book = notebook(("a", value), ("t", [{"a": value}]))

    number, table = book.cells[0].outputs

    assert number.data["text/plain"] == f"a = {text}"
    assert table.data["text/plain"].splitlines()[-1].strip() == text
    assert f"<td>{text}</td>" in table.data["text/html"]
    exact = value.item() if hasattr(value, "item") else value
    for found in (reports.results(book)["a"], reports.results(book)["t"]["a"].tolist()[0]):
        assert found == exact or (pd.isna(found) and pd.isna(exact))


def test_a_value_that_is_not_there_yet_is_called_so():
    (output,) = notebook(("a", None)).cells[0].outputs

    assert output.data["text/plain"] == "a: not known yet"
    assert output.data[recording.MIMETYPE]["value"] is None


def test_in_a_script_the_text_is_printed(capsys, monkeypatch):
    monkeypatch.delitem(recording.sys.modules, "IPython.core.interactiveshell", raising=False)

    reports.record("loss", 0.25)

    assert capsys.readouterr().out == "loss = 0.25\n"


@pytest.mark.parametrize("name", ["", " ", "two\nlines", 3])
def test_a_name_that_is_none_is_refused(name):
    with refused(f"name must be a text on one line; got {name!r}"):
        reports.record(name, 1)


def test_a_long_name_is_refused():
    with refused(f"name must have at most 80 characters; got {repr('n' * 81)[:59]}…"):
        reports.record("n" * 81, 1)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object, f"a must be a number, a text, a table or a plotly figure; got {object!r}"),
        (
            np.zeros(3),
            "a must be a number, a text, a table or a plotly figure; got shape (3,)",
        ),
        ("x" * 2001, "a must have at most 2,000 characters; got 2,001"),
        (2**63, f"a must be an integer of 64 bits; got {2**63}"),
        ("\ud800", "a must be a text of whole characters; got '\\ud800'"),
        ([1, 2], "a must have a dict for each row; got 1"),
        ([{"n": 1}] * 10_001, "a must have at most 10,000 cells; got 10,001"),
        (
            [{"n": [1]}],
            "a['n'] must be a number, a text, a table or a plotly figure; got [1]",
        ),
    ],
)
def test_a_value_that_cannot_be_recorded_is_refused(value, message):
    with refused(message):
        reports.record("a", value)


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    with refused("notebook must be an executed file in the .ipynb format; got 'no_such.ipynb'"):
        reports.results("no_such.ipynb")


def test_a_result_of_another_form_is_refused():
    book = notebook(("a", 1))
    book.cells[0].outputs[0].data[recording.MIMETYPE] = {"name": "a"}

    with refused("results must be as `record` writes them; got {'name': 'a'}"):
        reports.results(book)


def test_a_run_keeps_what_its_notebook_recorded(tmp_path):
    source = (
        "import plotly.graph_objects as go\n"
        "from convrnn_lab import reports\n"
        "reports.record('loss', 0.5)\n"
        "reports.record('costs', [{'n': 1}])\n"
        "reports.record('picture', go.Figure(go.Scatter(y=[1, 2])))\n"
    )
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(book, tmp_path / "small.ipynb")

    report = reports.run(tmp_path / "small.ipynb", output=tmp_path / "out")

    found = reports.results(report)
    assert list(found) == ["loss", "costs", "picture"]
    assert found["picture"].data[0].y == (1, 2)
    page = report.page.read_text("utf-8")
    assert page.count("data-page") == page.count("data-page", page.rindex("</main>")) + 1
    assert "loss = 0.5" in page
