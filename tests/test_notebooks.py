"""The rules for notebooks, and each one run with its own and with other parameters."""

import ast
import re

import nbformat
import pytest

from convrnn_lab import reports
from convrnn_lab.exercises.solutions import EXERCISES
from tests.sampling import LEVEL
from tests.stored import of_notebook

NOTEBOOKS = list(reports.shipped().values())
LESSONS = NOTEBOOKS[1:]  # the first one shows the way
FOLDED = {"source_hidden": True}

OTHERS = {
    "00_start": [{"image": "photograph", "kernel": "box"}],
    "01_convolution": [
        {
            "image": "digit 4",
            "kernel": "random",
            "kernel_size": 4,
            "stride": 2,
            "padding": 3,
            "dilation": 2,
            "bias": 1,
            "signal": "sunspots",
            "signal_kernel": "difference",
            "signal_kernel_size": 2,
            "signal_padding": "causal",
            "seed": 7,
        },
        {"padding": "same", "kernel_size": 11, "signal_padding": "same"},
    ],
    "01b_transposed_convolution": [
        {"image": "photograph", "kernel": "random", "kernel_size": 4, "stride": 3, "seed": 7}
    ],
    "02_pooling": [
        {
            "image": "digit 4",
            "kind": "average",
            "window": 5,
            "stride": 2,
            "padding": 2,
            "ceil_mode": True,
            "signal": "sunspots",
            "signal_window": 8,
            "shift_image": "checkerboard",
            "shift_stride": 3,
            "shift": 8,
        },
        {"kind": "global max", "shift_image": "digit 7", "shift_stride": 1, "shift": 0},
    ],
    "03_receptive_fields": [
        {
            "layers": 2,
            "kernel_size": 5,
            "stride": 2,
            "dilations": "doubling",
            "pooling": "after each",
            "weights": "random",
            "window": 3,
        },
    ],
    "04_cnn": [
        {
            "train_epochs": 1,
            "shipped": False,
            "filters": "8 / 16",
            "kernel_size": 5,
            "stride": 2,
            "padding": 2,
            "pooling": "none",
            "layer": "conv2",
            "digit": 7,
            "seed": 1,
        },
        {"train_epochs": 0, "pooling": "average", "layer": "dense1"},
    ],
    "04b_which_pixels": [{"digit": 7, "occluded": 11, "seed": 1}],
    "05_hidden_state": [
        {
            "series": "text",
            "length": 40,
            "cell": "RNN ReLU",
            "hidden_size": 5,
            "layers": 3,
            "direction": "both",
            "spectral_radius": 1.5,
            "first_state": 1,
            "seed": 4,
        },
        {"series": "sunspots", "length": 309, "forget_bias": 5, "first_state": -1},
        {"frequency": "1/3", "length": 1, "cell": "GRU", "hidden_size": 1},
    ],
    "05b_memory": [{"hidden_size": 3, "radius": 0.5, "seed": 4}],
    "06_gates": [
        {
            "series": "ECG",
            "cell": "GRU",
            "hidden_size": 8,
            "length": 128,
            "forget_bias": -2,
            "weight_scale": 4.0,
            "radius": 1.5,
            "matrix": "random",
            "gradient_length": 32,
            "seed": 9,
        },
        {"series": "impulse", "length": 16, "gradient_length": 16},
    ],
    "06b_learning": [
        {"task": "sunspots", "cell": "GRU", "forget_bias": -2, "train_epochs": 0, "seed": 9},
        {"task": "power demand", "cell": "RNN"},
    ],
    "06c_which_inputs": [
        {
            "example": "quotes",
            "method": "gradient × input",
            "position": 55,
            "temperature": 0.2,
            "seed": 9,
        },
    ],
    "07_timing": [
        {
            "layer": "causal stack",
            "other": "LSTM loop",
            "work": "one more step",
            "length": 1024,
            "channels": 32,
            "batch": 4,
            "kernel_size": 9,
            "image_kernel": 31,
        },
        {},
    ],
    "07b_layers": [
        {
            "model": "two GRU layers",
            "layer_batch": 1,
            "switch": "packed batch",
            "other": "causal stack",
            "channels": 32,
            "batch": 4,
            "kernel_size": 9,
        },
    ],
}


def stored(name, parameters, folder):
    """Return the parameters with a file of measurements, where a notebook would make them."""
    if name not in ("07_timing", "07b_layers"):
        return parameters
    first = {key: parameters[key] for key in ("channels", "kernel_size", "batch") if parameters}
    return parameters | {"store": of_notebook(folder / "timings.jsonl", **first)}


def named(path):
    return path.stem


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


@pytest.fixture(params=NOTEBOOKS, ids=named)
def cells(request):
    return cells_of(request.param)


@pytest.fixture(params=LESSONS, ids=named)
def lesson(request):
    return cells_of(request.param)


def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def links(cells):
    prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return re.findall(r"\]\(([^)]*)\)", "\n".join(prose))


def test_the_notebooks_are_numbered_from_the_start():
    numbers = [path.stem.partition("_")[0] for path in NOTEBOOKS]
    whole = [number for number in numbers if number.isdigit()]

    assert whole == [f"{n:02}" for n in range(len(whole))]
    # A second part stands after its first, and a third after its second.
    for place, number in enumerate(numbers):
        before = numbers[place - 1]
        assert number in (*whole, f"{before}b", before.replace("b", "c"))
    assert list(OTHERS) == [path.stem for path in NOTEBOOKS]


def test_the_first_cell_has_a_title_a_question_and_what_a_reader_wants_to_know(cells):
    first = cells[0].source
    minutes = re.search(r"^\*\*Time:\*\* (\d+) minutes\.$", first, flags=re.MULTILINE)

    assert cells[0].cell_type == "markdown"
    assert first.startswith("# ")
    assert "?" in first
    assert "\n**Goals:** " in first
    assert "\n**Know before:** " in first
    assert int(minutes[1]) <= 20


def test_the_second_cell_has_the_parameters_and_is_folded(cells):
    tagged = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]

    assert tagged == [cells[1]]
    assert cells[1].metadata["jupyter"] == FOLDED


def test_what_is_recorded_is_folded(cells):
    recording = [cell for cell in code(cells) if "reports.record(" in cell.source]

    assert recording
    assert all(cell.metadata.get("jupyter") == FOLDED for cell in recording)


def test_no_output_is_stored(cells):
    assert all(not cell.outputs and cell.execution_count is None for cell in code(cells))


def test_cells_are_thin_and_have_readable_names_of_their_own(cells):
    ids = [cell.id for cell in cells]

    assert max(len(cell.source.splitlines()) for cell in code(cells)) <= 12
    assert all(name.replace("-", "").isalpha() for name in ids)
    assert len(set(ids)) == len(ids)


def test_no_cell_defines_loops_or_writes_a_table_by_hand(cells):
    nodes = [node for cell in code(cells) for node in ast.walk(ast.parse(cell.source))]

    kinds = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.JoinedStr)
    assert not [ast.unparse(node) for node in nodes if isinstance(node, kinds)]


def test_every_link_leads_to_a_notebook(cells):
    assert links(cells)
    assert set(links(cells)) <= {path.name for path in NOTEBOOKS}


@pytest.mark.parametrize("index", range(len(NOTEBOOKS)), ids=lambda index: NOTEBOOKS[index].stem)
def test_first_and_last_cell_lead_to_the_notebooks_before_and_after(index):
    cells = cells_of(NOTEBOOKS[index])
    # From the last one it goes back to the start.
    around = {NOTEBOOKS[max(index - 1, 0)].name, NOTEBOOKS[(index + 1) % len(NOTEBOOKS)].name}
    around -= {NOTEBOOKS[index].name}

    assert around <= set(links(cells[:1]))
    assert around == set(links(cells[-1:]))


def test_the_start_lists_every_notebook_with_its_minutes():
    rows = re.findall(
        r"^\| \[[^|]*\]\((.*?)\) \| [^|]* \| (\d+) \|", cells_of(NOTEBOOKS[0])[0].source, re.M
    )

    assert [name for name, _ in rows] == [path.name for path in LESSONS]
    for (_, minutes), path in zip(rows, LESSONS, strict=True):
        assert f"**Time:** {minutes} minutes." in cells_of(path)[0].source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_every_parameter_has_a_type_and_a_comment(path):
    notebook = reports.find(path.stem)

    assert notebook.parameters
    for parameter in notebook.parameters.values():
        assert parameter.types, parameter.name
        assert parameter.help, parameter.name
        assert parameter.check(parameter.default) == parameter.default


def test_a_lesson_ends_with_answers_to_unfold_and_exercises(lesson):
    prose = [cell.source for cell in lesson if cell.cell_type == "markdown"]
    headings = [line for text in prose for line in text.splitlines() if line.startswith("## ")]
    summary = next(text for text in prose if text.startswith("## What you can answer now"))

    assert headings[-2:] == ["## What you can answer now", "## Exercises"]
    assert summary.count("<details><summary>") == summary.count("</details>") >= 3


@pytest.mark.parametrize("path", LESSONS, ids=named)
def test_exercises_are_asked_by_the_library_which_has_the_answers(path):
    (cell,) = [cell for cell in cells_of(path) if cell.id == "exercises"]
    topic = path.stem.split("_", 1)[1]

    assert topic in EXERCISES
    assert cell.source == f'exercises.ask("{topic}")'


def clean(cells):
    outputs = [output for cell in code(cells) for output in cell.outputs]
    faults = [output for output in outputs if output.output_type == "error"]
    return not faults and not any(output.get("name") == "stderr" for output in outputs)


@pytest.mark.kills
@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_notebooks_run_with_their_own_parameters(report_of, path):
    cells = cells_of(report_of(path.stem).notebook)

    assert clean(cells)
    if path in LESSONS:
        (output,) = next(cell for cell in cells if cell.id == "exercises").outputs
        assert "data-exercises" in output.data["text/html"]
        assert "Answer in Python: exercises.check(" in output.data["text/plain"]


@pytest.mark.kills
@pytest.mark.skipif(LEVEL != "all", reason="many whole notebooks, in make test-all only")
@pytest.mark.parametrize(
    ("name", "parameters"), [(name, each) for name, sets in OTHERS.items() for each in sets]
)
def test_notebooks_run_with_other_parameters(name, parameters, tmp_path):
    report = reports.run(name, stored(name, parameters, tmp_path), tmp_path)

    assert clean(cells_of(report.notebook))


def recorded(report):
    return {
        name: value
        for name, value in reports.results(report).items()
        if isinstance(value, (int, float))
    }


@pytest.mark.kills
def test_what_the_hidden_state_notebook_records_depends_on_the_cell_and_the_length(
    report_of, tmp_path
):
    own = recorded(report_of("05_hidden_state"))

    rnn = recorded(reports.run("05_hidden_state", {"cell": "RNN tanh", "length": 32}, tmp_path))

    assert rnn.keys() == own.keys()
    assert all(rnn[name] != own[name] for name in ("weights", "left_at_end", "mean_state"))


@pytest.mark.kills
@pytest.mark.skipif(LEVEL != "all", reason="a whole notebook more, in make test-all only")
def test_what_the_gates_notebook_records_depends_on_the_cell_and_its_bias(report_of, tmp_path):
    own = recorded(report_of("06_gates"))

    gru = recorded(reports.run("06_gates", {"cell": "GRU", "forget_bias": 3}, tmp_path))

    assert all(gru[name] != own[name] for name in ("half_life", "gradient_left"))


def test_a_browser_looks_at_every_notebook():
    from tests.browser.views import EXPLORERS

    # The first has a walk of its own, against torch.
    assert {*EXPLORERS, "01_convolution"} == set(reports.shipped())
