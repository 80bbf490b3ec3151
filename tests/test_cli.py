import json

import pandas as pd
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from convrnn_lab import cli, data, measure, models, reports, train
from convrnn_lab.reports import notebooks

SHOWN = reports.Report("a.ipynb", "a.html", {}, 1.0)


@pytest.fixture
def invoke():
    def run(*arguments):
        return CliRunner().invoke(cli.main, list(map(str, arguments)))

    return run


def test_list_names_the_notebooks_with_their_parameters(invoke):
    result = invoke("list")

    assert result.exit_code == 0
    assert "01_convolution  What a convolution does to an image, and to a signal" in result.output
    assert (
        "  kernel_size: int = 3  pixels under the window, along each side: 1 to 11" in result.output
    )
    assert "  padding: int or str = 0  " in result.output


def test_list_is_in_order(invoke):
    lines = invoke("list").output.splitlines()

    names = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert names == sorted(names) == list(notebooks.shipped())


@pytest.mark.parametrize("command", ["run", "sweep"])
@pytest.mark.parametrize(
    ("beginning", "expected"),
    [
        ("07", ["07_timing", "07b_layers"]),
        ("ti", ["timing"]),
        ("x", []),
        ("0", list(notebooks.shipped())),
    ],
)
def test_a_shell_completes_names_of_notebooks(command, beginning, expected):
    complete = ShellComplete(cli.main, {}, "convrnn-lab", "_CONVRNN_LAB_COMPLETE")

    found = complete.get_completions([command], beginning)

    assert [each.value for each in found] == expected


def test_run_hands_parsed_parameters_on_and_says_where_the_files_are(invoke, monkeypatch):
    seen = {}

    def run(name, values, output, **options):
        seen.update(name=name, values=values, output=output, **options)
        return reports.Report(output + "/a.ipynb", output + "/a.html", values, 1.0)

    monkeypatch.setattr(reports, "run", run)

    result = invoke(
        "run", "01_convolution", "-p", "kernel_size=5", "-p", "image=a=b.png", "-o", "x", "-q"
    )

    assert result.exit_code == 0, result.output
    assert result.output.split() == ["notebook", "x/a.ipynb", "page", "x/a.html"]
    assert seen == {
        "name": "01_convolution",
        "values": {"kernel_size": 5, "image": "a=b.png"},
        "output": "x",
        "timeout_s": 600,
        "progress": False,
    }


def test_run_takes_a_name_without_its_number(invoke, monkeypatch):
    seen = []
    monkeypatch.setattr(
        reports, "run", lambda name, *_, **__: seen.append(reports.find(name).name) or SHOWN
    )

    assert invoke("run", "convolution", "-q").exit_code == 0
    assert seen == ["01_convolution"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["nope"],
            f"notebook must be one of {', '.join(notebooks.shipped())}, or the path of one; "
            "got 'nope'",
        ),
        (["06_timing"], "notebook must be 07_timing; got '06_timing', its name in version 0.1.0"),
        (["01_convolution", "-p", "kernel_size"], "parameter must be KEY=VALUE; got 'kernel_size'"),
        (["01_convolution", "-p", "kernel_size=5.5"], "kernel_size must be int; got '5.5'"),
        (
            ["01_convolution", "--timeout", "0"],
            "timeout_s must be an integer of at least 1; got 0",
        ),
    ],
)
def test_what_cannot_be_run_ends_with_one_sentence(invoke, arguments, message):
    result = invoke("run", *arguments)

    assert result.exit_code == 1
    assert result.stderr == f"Error: {message}\n"
    assert result.stdout == ""


def test_an_unknown_parameter_is_met_with_the_known_ones(invoke):
    result = invoke("run", "01_convolution", "-p", "kernel_sise=5")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: parameter must be one of image, kernel, kernel_size, ")
    assert result.stderr.endswith("; got 'kernel_sise'\n")


def test_the_system_s_errors_are_one_sentence_too(invoke, monkeypatch):
    def run(*_, **__):
        raise PermissionError(13, "Permission denied", "out")

    monkeypatch.setattr(reports, "run", run)

    assert invoke("run", "01_convolution").stderr == "Error: out: Permission denied\n"


def test_notebooks_are_copied_but_never_over_work(tmp_path, capsys):
    first = cli.copy_notebooks(tmp_path / "mine")
    first[0].write_text("my work", "utf-8")

    again = cli.copy_notebooks(tmp_path / "mine")

    assert again == first
    assert first[0].read_text("utf-8") == "my work"
    assert capsys.readouterr().err == f"{first[0]} is yours or an older one; kept as it is\n"


def test_lab_opens_the_first_notebook_and_passes_arguments_on(invoke, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr("jupyterlab.labapp.main", seen.append)

    result = invoke("lab", "--folder", tmp_path / "mine", "--no-browser", "--port", "8899")

    assert result.exit_code == 0, result.output
    assert seen == [[str(tmp_path / "mine" / "00_start.ipynb"), "--no-browser", "--port", "8899"]]
    assert json.loads((tmp_path / "mine" / "00_start.ipynb").read_text("utf-8"))["cells"]


def test_train_writes_weights_that_say_how_they_were_made(invoke, tmp_path):
    path = tmp_path / "own.safetensors"

    result = invoke("train", "cnn", "-o", path, "--epochs", 1, "--seed", 3, "-q")

    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    about = models.about_trained_cnn(path)
    assert about["command"] == "convrnn-lab train cnn --epochs 1 --seed 3"
    assert about["epochs"] == "1, the best of 1"
    assert result.stdout.splitlines() == [
        *(f"{name}: {value}" for name, value in about.items()),
        f"weights: {path}",
    ]
    digits = data.digits(seed=3)
    score = train.evaluate(models.trained_cnn(path), digits.test_images, digits.test_labels)
    assert score.accuracy == pytest.approx(float(about["test accuracy"].split()[0]), abs=0.003)


def test_train_makes_a_model_of_sequences_with_epochs_on_the_way(invoke, tmp_path):
    path = tmp_path / "own.safetensors"

    result = invoke("train", "sunspots", "-o", path, "--epochs", 1, "--seed", 3, "-q")

    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    about = models.trained_sequence("sunspots", path=path)[1]
    assert models.stored_epochs("sunspots", path=path) == (0, 1)
    assert about["command"] == "convrnn-lab train sunspots --epochs 1 --seed 3"
    assert result.stdout.splitlines() == [
        *(f"{name}: {value}" for name, value in about.items()),
        f"weights: {path}",
    ]


def test_train_refuses_what_it_cannot_write_before_it_begins(invoke, tmp_path):
    path = tmp_path / "nowhere" / "a.safetensors"

    result = invoke("train", "cnn", "-o", path)

    assert result.exit_code == 1
    assert result.stderr == f"Error: output must be in a folder that is there; got '{path}'\n"


def test_an_interrupted_training_writes_nothing(invoke, monkeypatch, tmp_path):
    monkeypatch.setattr(train, "fit", lambda *_, **__: train.History(stopped="stopped"))

    result = invoke("train", "cnn", "-o", tmp_path / "a.safetensors")

    assert result.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_inspect_prints_the_table_of_a_shipped_model(invoke):
    result = invoke("inspect", "cnn", "--input", "1,28,28")

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == [
        *("layer", "kind", "input", "output"),
        *("parameters", "multiply-adds", "memory", "field", "stride"),
    ]
    assert lines[-1].startswith("121,930 parameters, 2,528,000 multiply-adds, ")


def test_inspect_ends_with_status_1_and_the_failure_below_the_table(invoke):
    result = invoke("inspect", "copied", "--input", "3,224,224")

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert len(lines) == 1 + 6 + 3 + 1 + 2  # heading, up to the failure, some more, the rest, notes
    assert lines[10].startswith("… and 136 more layers that are not reached, ")
    assert lines[-1] == (
        "Layer 5 (Conv2d) fails: kernel_size is missing. What mends it: kernel_size=32."
    )


@pytest.mark.parametrize("name", ["model", "make", "Model", "layers"])
def test_inspect_takes_models_from_a_file_or_a_module(invoke, monkeypatch, tmp_path, name):
    (tmp_path / "my_own.py").write_text(
        "from torch import nn\n"
        "class Model(nn.Sequential):\n"
        "    def __init__(self):\n"
        "        super().__init__(nn.Linear(4, 2))\n"
        "        assert self[0].weight.is_meta\n"
        "model = nn.Linear(4, 2)\n"
        "layers = [nn.Linear(4, 2)]\n"
        "def make():\n"
        "    return Model()\n",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)

    for home in ("my_own", tmp_path / "my_own.py"):
        result = invoke("inspect", f"{home}:{name}", "--input", "4")
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines()[-1].startswith("10 parameters, 8 multiply-adds, ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["nope", "--input", "3"],
            "model must be package.module:name, file.py:name, or one of copied, cnn; got 'nope'",
        ),
        (["cnn", "--input", "1,x"], "input must be sizes such as 3,224,224; got '1,x'"),
        (["cnn", "--input", "1,0"], "input must be sizes such as 3,224,224; got '1,0'"),
        (
            ["no_such_module:a", "--input", "3"],
            "model must be in a module that can be imported; got 'no_such_module:a' "
            "(No module named 'no_such_module')",
        ),
        (["math:no_such_name", "--input", "3"], "model must be a name in math; got 'no_such_name'"),
        (
            ["torch.nn:Linear", "--input", "3"],
            "model must be made without arguments; got 'torch.nn:Linear' (Linear.__init__() "
            "missing 2 required positional arguments: 'in_features' and 'out_features')",
        ),
    ],
)
def test_what_cannot_be_inspected_ends_with_one_sentence(invoke, arguments, message):
    result = invoke("inspect", *arguments)

    assert result.exit_code == 1
    assert result.stderr == f"Error: {message}\n"


def test_cost_prints_a_table_and_writes_it(invoke, tmp_path):
    result = invoke("cost", "cnn", "--input", "1,28,28", "-o", tmp_path / "cost.parquet")

    assert result.exit_code == 0, result.output
    assert "conv2    Conv2d 64 × 11 × 11       18496        2230272" in result.output
    assert "multiply-adds  2,528,000" in result.output
    table = pd.read_parquet(tmp_path / "cost.parquet")
    assert table.multiply_adds.sum() == 2_528_000
    assert list(tmp_path.iterdir()) == [tmp_path / "cost.parquet"]


def test_time_prints_seconds_beside_counts_for_each_input(invoke, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from torch import nn\nlayer = lambda: nn.LSTM(4, 8, batch_first=True)\n"
    )

    result = invoke(
        *("time", f"{tmp_path / 'mine.py'}:layer", "--input", "16,4", "--input", "64,4"),
        *("--batch", 2, "--backward", "--seconds", 0.01, "-o", tmp_path / "time.csv"),
    )

    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "time.csv")
    assert list(table.input) == ["16,4", "64,4"]
    # 2 examples, forward and twice as much back, 4 gates of 8 units that read 4 + 8 numbers.
    assert list(table.multiply_adds) == [2 * 3 * steps * 4 * 8 * 12 for steps in (16, 64)]
    assert (table.median_s > 0).all()
    assert (table.peak_bytes > 0).all()
    assert str(measure.machine()) in result.output


def test_time_by_layer_shows_each_model_and_writes_one_table(invoke, tmp_path):
    (tmp_path / "mine.py").write_text(
        "from torch import nn\nlayer = lambda: nn.LSTM(4, 8, batch_first=True)\n"
    )
    lstm = f"{tmp_path / 'mine.py'}:layer"
    path = tmp_path / "layers.parquet"

    result = invoke(
        *("time", "cnn", lstm, "--input", "1,28,28", "--input", "16,4", "--layers"),
        *("--batch", 2, "--seconds", 0.01, "-o", path),
    )

    assert result.exit_code == 0, result.output
    table = pd.read_parquet(path)
    shown = [*models.cnn()._modules, measure.OUTSIDE]
    assert list(table.layer) == [*shown, "(model)", measure.OUTSIDE]
    assert list(table.model.unique()) == ["cnn", lstm]
    for _, rows in table.groupby("model"):
        assert (
            rows[["share", "forward_share", "backward_share"]].sum().tolist()
            == [pytest.approx(1)] * 3
        )
    assert "cnn, input 1,28,28, batch 2\nlayer" in result.output
    assert f"{lstm}, input 16,4, batch 2\nlayer" in result.output
    assert "Clocks between the layers change the whole by " in result.output
    assert str(measure.machine()) in result.output


def test_several_models_are_timed_side_by_side(invoke, tmp_path):
    (tmp_path / "mine.py").write_text("from torch import nn\none, two = nn.ReLU, nn.Sigmoid\n")
    names = [f"{tmp_path / 'mine.py'}:{each}" for each in ("one", "two")]

    result = invoke(
        *("time", *names, "--input", "4", "--seconds", 0.01, "-o", tmp_path / "time.csv")
    )

    assert result.exit_code == 0, result.output
    table = pd.read_csv(tmp_path / "time.csv")
    assert list(table.model) == names
    assert list(table.input.astype(str)) == ["4", "4"]


def test_a_list_of_layers_is_counted_and_timed(invoke, tmp_path):
    (tmp_path / "mine.py").write_text("from torch import nn\nnet = [nn.Linear(4, 2), nn.ReLU]\n")
    name = f"{tmp_path / 'mine.py'}:net"

    counted = invoke("cost", name, "--input", "4")
    timed = invoke("time", name, "--input", "4", "--seconds", 0.01)

    assert "multiply-adds  8" in counted.output
    assert timed.exit_code == 0, timed.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cost", "cnn", "--input", "x"], "input must be sizes such as 3,224,224; got 'x'"),
        (
            ["cost", "cnn", "--input", "1,28,28", "-o", "table.txt"],
            "output must end in .csv or .parquet; got 'table.txt'",
        ),
        (
            ["cost", "copied", "--input", "3,224,224"],
            "model must have layers that can be made; got 'copied' (Conv2d.__init__() missing 1 "
            "required positional argument: 'kernel_size'), of which `inspect` says more",
        ),
        (["time", "cnn", "--input", "1,28,28", "--batch", "0"], "batch must be an integer of at "),
        (["time", "cnn", "--input", "1,28,28", "--device", "tpu"], "device must be one of cpu"),
        (["time", "cnn", "--input", "1,28,28", "--dtype", "int8"], "dtype must be one of float32"),
        (
            ["time", "cnn", "--input", "1,28,28", "--batch", "100000000"],
            "memory must be at most 2.0 GiB; got batch=100000000, which takes about ",
        ),
        (["time", "cnn", "--input", "3,28,28"], "model must run on an input of (3, 28, 28); got "),
        (
            ["time", "cnn", "--layers", "--input", "28,28"],
            "model must run on an input of (28, 28); got a failure in layer ",
        ),
        (
            ["time", "cnn", "--layers", "--input", "1,28,28", "--batch", "100000000"],
            "memory must be at most 2.0 GiB; got batch=100000000, which takes about ",
        ),
        (
            ["time", "nope", "--layers", "--input", "3"],
            "model must be package.module:name, file.py:name, or one of copied, cnn; got 'nope'",
        ),
        (
            ["time", "cnn", "cnn", "cnn", "--input", "1,28,28", "--input", "1,9,9"],
            "input must be one for all models, or one for each of 3; got 2",
        ),
    ],
)
def test_what_cannot_be_counted_or_timed_is_refused(invoke, arguments, message):
    result = invoke(*arguments)

    assert result.exit_code == 1
    assert f"Error: {message}" in result.output
