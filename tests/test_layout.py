"""What holds for the repository as a whole."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import convrnn_lab

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "convrnn_lab"
ORDER = [
    "checks",
    "data",
    "models",
    "trace",
    "measure",
    "train",
    "figures",
    "explorers",
    "reports",
    "cli",
]
WITHOUT_JUPYTER = {"data", "models", "trace", "measure", "train"}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "convrnn_lab":
            yield from (f"convrnn_lab.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def stage(path):
    part = path.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


MODULES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if path.parent != PACKAGE or path.stem in ORDER
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_back_along_the_way_of_the_data(path):
    inside = [name.split(".")[1] for name in imported(path) if name.startswith("convrnn_lab.")]

    wrong = [
        name for name in inside if name in ORDER and ORDER.index(name) > ORDER.index(stage(path))
    ]

    assert wrong == []


@pytest.mark.parametrize("path", [path for path in MODULES if stage(path) in WITHOUT_JUPYTER])
def test_computing_knows_nothing_of_jupyter_or_plotly(path):
    roots = {name.split(".")[0] for name in imported(path)}

    assert (
        roots & {"plotly", "ipywidgets", "anywidget", "IPython", "papermill", "nbconvert"} == set()
    )


def loaded_after(code):
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_package_imports_nothing_heavy():
    heavy = {"torch", "numpy", "plotly", "ipywidgets", "papermill", "click"}

    assert loaded_after("import convrnn_lab") & heavy == set()


def test_computing_stages_import_nothing_that_only_some_functions_need():
    code = "from convrnn_lab import data, models, train"

    assert loaded_after(code) & {"captum", "safetensors", "sklearn"} == set()


def test_running_notebooks_does_not_import_torch_in_the_parent():
    code = "from convrnn_lab.reports import find, html\nfind('01_convolution')"

    assert "torch" not in loaded_after(code)


def test_public_names_can_be_had_and_unknown_ones_not():
    from convrnn_lab import explorers

    assert set(convrnn_lab.__all__) <= set(dir(convrnn_lab))
    assert convrnn_lab.trace.convolution
    for name in explorers.__all__:
        assert getattr(explorers, name)
    for module in (convrnn_lab, explorers):
        with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
            module.nothing  # noqa: B018


def test_every_public_function_and_class_has_a_docstring_with_its_errors():
    missing = []
    for path in MODULES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            text = ast.get_docstring(node) or ""
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            if not text or (raises and "Raises\n------" not in text and path.stem != "cli"):
                missing.append(f"{path.name}:{node.name}")
    assert missing == []


TEXTS = [
    path
    for path in ROOT.rglob("*")
    if path.suffix in {".py", ".md", ".js", ".css", ".ipynb", ".toml", ".txt", ".yml", ".yaml"}
    and not set(path.relative_to(ROOT).parts) & {".venv", "out", "build", "dist", ".git"}
]


def test_no_script_or_style_asks_another_machine():
    assets = [path for path in TEXTS if path.suffix in {".js", ".css"}]

    assert assets
    for path in assets:
        assert re.findall(r"https?://|//cdn|@import", path.read_text("utf-8")) == []


def test_nothing_is_unpickled():
    for path in MODULES:
        text = path.read_text("utf-8")
        assert not re.search(r"pickle|torch\.load|allow_pickle=True|np\.load", text), path


def test_versions_agree():
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")

    assert f"## {convrnn_lab.__version__}" in changes


def test_stored_notebooks_are_small():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert len(json.dumps(json.loads(path.read_text("utf-8")))) < 20_000
