import json

import pytest
from click.testing import CliRunner

from convrnn_lab import cli, reports


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "notebook must be one of 01_convolution, or the path of one; got 'nope'"),
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
    assert seen == [
        [str(tmp_path / "mine" / "01_convolution.ipynb"), "--no-browser", "--port", "8899"]
    ]
    assert json.loads((tmp_path / "mine" / "01_convolution.ipynb").read_text("utf-8"))["cells"]
