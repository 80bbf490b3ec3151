"""The rules for notebooks, and each one run with its own and with other parameters."""

from pathlib import Path

import nbformat
import pytest

from convrnn_lab import reports
from tests.stored import of_notebook

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
OTHERS = {
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
            "occluded": 11,
            "seed": 1,
        },
        {"train_epochs": 0, "pooling": "average", "layer": "dense1"},
    ],
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
            "task": "sunspots",
            "train_epochs": 0,
            "seed": 9,
        },
        {"series": "impulse", "length": 16, "gradient_length": 16, "task": "power demand"},
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
            "switch": "packed batch",
        },
        {},
    ],
}


def stored(name, parameters, folder):
    """Return the parameters with a file of measurements, where a notebook would make them."""
    if name != "07_timing":
        return parameters
    first = {key: parameters[key] for key in ("channels", "kernel_size", "batch") if parameters}
    return parameters | {"store": of_notebook(folder / "timings.jsonl", **first)}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    return nbformat.read(request.param, as_version=4).cells


def code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def test_every_notebook_is_among_the_shipped_ones():
    assert list(reports.shipped()) == [path.stem for path in NOTEBOOKS]
    assert set(OTHERS) == set(reports.shipped())


def test_prose_comes_first_and_parameters_second(cells):
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert "?" in cells[0].source
    assert cells[1].metadata["tags"] == ["parameters"]


def test_no_output_is_stored(cells):
    assert all(not cell.outputs and cell.execution_count is None for cell in code(cells))


def test_cells_are_thin_and_have_readable_names(cells):
    assert max(len(cell.source.splitlines()) for cell in code(cells)) <= 12
    lines = [line.strip() for cell in code(cells) for line in cell.source.splitlines()]
    assert not any(line.startswith(("def ", "class ", "for ", "while ")) for line in lines)
    assert all(cell.id.replace("-", "").isalpha() for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_parameter_has_a_type_and_a_comment(path):
    notebook = reports.find(path.stem)

    assert notebook.parameters
    for parameter in notebook.parameters.values():
        assert parameter.types, parameter.name
        assert parameter.help, parameter.name
        assert parameter.check(parameter.default) == parameter.default


def test_a_notebook_ends_with_exercises(cells):
    headings = [
        line for cell in cells for line in cell.source.splitlines() if line.startswith("## ")
    ]

    assert headings[-2:] == ["## What you can answer now", "## Exercises"]


@pytest.mark.parametrize(
    ("name", "parameters"), [(name, each) for name, sets in OTHERS.items() for each in sets]
)
def test_notebooks_run_with_other_parameters(name, parameters, tmp_path):
    report = reports.run(name, stored(name, parameters, tmp_path), tmp_path)

    outputs = [
        o for cell in code(nbformat.read(report.notebook, as_version=4).cells) for o in cell.outputs
    ]
    assert not any(output.output_type == "error" for output in outputs)
    assert not any(output.get("name") == "stderr" for output in outputs)


# 01: 13 = 3·4 + 1; 14 = ⌊(28 + 2 − 3) / 2⌋ + 1; 14·14·9 = 1764, not 1765.
# 02: ⌈(28 + 2 − 3) / 2⌉ + 1 = 15; of the last window's rows 27 to 29, 27 is in the image and 28 on
# the padding, so 2 · 2 taps count and not 9; whole strides of 4.
# 03: 64 · 32 · 9 + 64 = 18,496; 3 + 1 = 4 after pool1, 4 + 2·2 = 8 after conv2, 8 + 2 = 10 after
# pool2; 64 · 5 · 5 = 1,600, not 64 · 25 · 25.
# 04: 4 · (8 + 64 + 8 + 8) = 352; half is left after each of three steps; 2 · 8, not 8.
# 06: 100 · 4 · 32 · (32 + 32); three quarters of it; 21 · 21 of 63 · 63.
# 05: σ(3) = 0.953, 0.953¹⁴ = 0.507 and 0.953¹⁵ = 0.482; 0.8²⁰ = 0.0115 and 0.8²¹ = 0.0092.
ANSWERS = {
    "01_convolution": {"extent": (13, True), "height": (14, True), "multiply_adds": (1765, False)},
    "02_pooling": {"height": (15, True), "divisor": (9, False), "shift": (4, True)},
    "04_cnn": {
        "conv2_parameters": (18496, True),
        "pool2_field": (10, True),
        "flattened": (40000, False),
    },
    "05_hidden_state": {
        "parameters": (352, True),
        "held": (0.125, True),
        "features": (8, False),
    },
    "06_gates": {
        "half_life": (15, True),
        "forget_bias": (1, False),
        "horizon": (21, True),
    },
    "07_timing": {
        "lstm": (819_200, True),
        "gru": (819_200, False),
        "stride_share": (0.111, True),
    },
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_exercises_know_right_from_wrong(name, tmp_path):
    book = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    (cell,) = [cell for cell in book.cells if cell.id == "exercises"]
    answers = {key: answer for key, (answer, _) in ANSWERS[name].items()}
    cell.source = "\n".join([f"answers = {answers}", *cell.source.splitlines()[1:]])
    nbformat.write(book, tmp_path / "answered.ipynb")

    report = reports.run(tmp_path / "answered.ipynb", stored(name, {}, tmp_path), tmp_path)

    (last,) = nbformat.read(report.notebook, as_version=4).cells[-1].outputs
    assert last.text.strip() == str({key: right for key, (_, right) in ANSWERS[name].items()})
