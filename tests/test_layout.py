"""What holds for the repository as a whole."""

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import convrnn_lab

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "convrnn_lab"
TOPICS = [  # each may build on those before it
    "convolution",
    "pooling",
    "receptive_field",
    "recurrence",
    "network",
    "gates",
    "timing",
    "training",
]
ORDER = [  # the way of the data: each imports only from those before it, and from its own room
    "facade",
    "checks",
    "files",
    "copied_code",
    "data",
    "models",
    "shapes",
    "traces",  # the topics' computing: all of a topic that is neither figure nor explorer
    "measure",
    "train",
    "drawing",
    "topic figures",
    "explorer",
    "topic explorers",
    "exercises",
    "kernels",
    "reports",
    "sweeps",
    "cli",
]
FACADES = {"trace", "tables", "explorers", "figures", "measure", "train", "reports"}
WITHOUT_JUPYTER = {"data", "models", "shapes", "traces", "measure", "train"}
JUPYTER = {"plotly", "ipywidgets", "anywidget", "IPython", "papermill", "nbconvert"}


def imported(path):
    """Return the modules and the names that a module imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def stage(parts):
    """Return the place in `ORDER` of a module, given by its path in the package."""
    if parts[0] != "topics":
        return parts[0]
    stem = parts[2] if len(parts) > 2 else ""
    if stem.endswith(("figure", "panels")) or stem in DRAWN:
        return "topic figures"
    return "topic explorers" if stem.endswith("explorer") or stem in EXPLORED else "traces"


DRAWN = {
    "cell_values",
    "drawn_channels",
    "drawn_gates",
    "drawn_run",
    "fields",
    "followed",
    "gradient_compared",
    "kernel_tables",
    "lens",
    "looked_step",
    "pictures",
    "seen_channels",
    "seen_convolution",
    "seen_window",
    "stamp",
    "transposed_looks",
    "values",
}
"""Topics' modules that draw, beside those called figure and panels."""

EXPLORED = {
    "guides",
    "series_choice",
    "chosen_layer",
    "kind_controls",
    "views",
    "job",
    "measuring",
    "take_reference",
}
"""Topics' modules that only explorers need."""

MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py"]
CHECKED = [path for path in MODULES if path.parent != PACKAGE or path.stem in ORDER]


def place(path):
    return path.relative_to(PACKAGE).with_suffix("").parts


def named(path):
    return "/".join(place(path))


def inside(path):
    """Return what a module imports of the package, as parts of paths."""
    names = (name for name in imported(path) if name.startswith("convrnn_lab."))
    return [tuple(name.split(".")[1:]) for name in names if not name.endswith("__")]


@pytest.mark.parametrize("path", CHECKED, ids=named)
def test_imports_point_back_along_the_way_of_the_data(path):
    here = ORDER.index(stage(place(path)))
    # A façade's public name is loaded when somebody asks for it; the command line is a user.
    wrong = [".".join(parts) for parts in inside(path) if ORDER.index(stage(parts)) > here]

    assert wrong == []


@pytest.mark.parametrize("path", [p for p in MODULES if place(p)[0] == "topics"], ids=named)
def test_topics_build_on_those_before_them(path):
    here = TOPICS.index(place(path)[1])
    others = [parts[1] for parts in inside(path) if parts[0] == "topics"]

    assert [other for other in others if TOPICS.index(other) > here] == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_any_has_its_reason_beside_it(path):
    text = path.read_text("utf-8")
    lines = text.splitlines()
    used = {
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and node.id == "Any"
    }

    # Above what it types, an alias or a function of a few lines, or at the end of an alias.
    unsaid = [line for line in used if "# Any: " not in "".join(lines[max(0, line - 8) : line + 1])]
    assert unsaid == []


def test_every_topic_has_its_room_its_tests_and_its_place():
    rooms = {
        path.name for path in (PACKAGE / "topics").iterdir() if (path / "__init__.py").exists()
    }
    tests = {path.name for path in (ROOT / "tests" / "topics").iterdir() if path.is_dir()}

    assert rooms == set(TOPICS)
    assert set(TOPICS) <= tests
    for room in rooms:
        files = {path.stem for path in (PACKAGE / "topics" / room).glob("*.py")}
        assert {"figure", "explorer"} <= files


@pytest.mark.parametrize("path", CHECKED, ids=named)
def test_inside_the_package_siblings_are_imported_not_facades(path):
    if place(path) == ("cli",):
        return
    facades = [parts for parts in inside(path) if len(parts) == 1 and parts[0] in FACADES]

    assert facades == []


@pytest.mark.parametrize(
    "path", [path for path in CHECKED if stage(place(path)) in WITHOUT_JUPYTER], ids=named
)
def test_computing_knows_nothing_of_jupyter_or_plotly(path):
    assert {name.split(".")[0] for name in imported(path)} & JUPYTER == set()


SHARED = {"sliding_explorer", "timing_words"}
"""What several explorers or figures are made by, and is none itself."""


def drawn_by(stem, kind):
    """Return the topics' public functions that give a `kind`, with their modules."""
    for path in MODULES:
        if place(path)[0] == "topics" and path.stem.endswith(stem):
            for node in ast.parse(path.read_text("utf-8")).body:
                public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
                if public and ast.unparse(node.returns or ast.Constant(None)).strip("'") == kind:
                    yield node.name, named(path)


@pytest.mark.parametrize(
    ("facade", "stem", "kind"),
    [("figures", "figure", "Sheet"), ("explorers", "explorer", "Explorer")],
)
def test_every_figure_and_every_explorer_is_public(facade, stem, kind):
    names = importlib.import_module(f"convrnn_lab.{facade}").__all__

    found = [each for each in drawn_by(stem, kind) if each[0] not in SHARED]

    assert found
    assert [each for each in found if each[0] not in names] == []


@pytest.mark.parametrize("name", sorted(FACADES))
def test_a_facade_shows_exactly_its_public_names(name):
    facade = importlib.import_module(f"convrnn_lab.{name}")

    assert facade.__all__ == sorted(dir(facade))
    assert not [public for public in dir(facade) if public.startswith("_")]
    for public in facade.__all__:
        # A module of the same name, once imported, would take the function's place.
        home = Path(facade.__file__).parent if facade.__file__.endswith("__init__.py") else None
        assert home is None or not (home / f"{public}.py").exists()
        assert getattr(facade, public) is not None


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
    assert convrnn_lab.topics.convolution.trace
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
    and not set(path.relative_to(ROOT).parts)
    & {".venv", "node_modules", "out", "build", "dist", ".git"}
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
