"""The notebooks that come with the package, and what parameters a notebook takes."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from convrnn_lab import checks
from convrnn_lab.reports.values import Value

_PACKAGE = Path(__file__).parents[1]
_TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}

OLD_NAMES = {
    "03_cnn": "04_cnn",
    "04_hidden_state": "05_hidden_state",
    "05_gates_and_gradients": "06_gates",
    "06_timing": "07_timing",
}
"""What the notebooks of version 0.1.0 are called now, where that has changed."""


@dataclass(frozen=True)
class Parameter:
    """One line of the cell tagged ``parameters``.

    Attributes
    ----------
    name : str
    types : tuple of type
        What its annotation allows; empty where it has none or another.
    default : value
    help : str
        The comment behind it.
    """

    name: str
    types: tuple[type, ...]
    default: Value
    help: str

    def check(self, value: object) -> Value:
        """Return `value` as the notebook gets it; an int is taken for a float.

        Raises
        ------
        ValueError
            If it is of another type.
        """
        if float in self.types and type(value) is int:
            return float(value)
        if self.types and type(value) not in self.types:
            raise ValueError(f"{self.name} must be {self.kind}; got {checks.shown(value)}")
        if isinstance(value, str):
            checks.text(self.name, value)
        if not _literal(value):
            raise ValueError(
                f"{self.name} must be a number, a text or a list of them; got {checks.shown(value)}"
            )
        return value

    def parse(self, text: str) -> Value:
        """Return the value that `text`, from a command line, stands for.

        Raises
        ------
        ValueError
            If it stands for none of the types.
        """
        for kind in self.types:
            try:
                if kind in (int, float):
                    return int(text) if kind is int else float(text)
            except ValueError:
                continue
            if kind is bool and text.lower() in ("true", "false"):
                return text.lower() == "true"
        if not self.types or str in self.types:
            return text
        raise ValueError(f"{self.name} must be {self.kind}; got {checks.shown(text)}")

    @property
    def kind(self) -> str:
        """The types in words."""
        return " or ".join(kind.__name__ for kind in self.types)


def _literal(value: object) -> TypeGuard[Value]:
    if isinstance(value, list):
        return all(_literal(each) for each in value)
    return value is None or isinstance(value, (bool, int, float, str))


@dataclass(frozen=True)
class Notebook:
    """A notebook file, read.

    Attributes
    ----------
    path : Path
    text : str
        As it stands in the file.
    title : str
        Its first heading.
    parameters : dict of str to Parameter
        In the order of the cell.
    """

    path: Path
    text: str
    title: str
    parameters: dict[str, Parameter]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    def checked(self, values: Mapping[str, object]) -> dict[str, Value]:
        """Return `values` as the notebook gets them.

        Raises
        ------
        ValueError
            If a parameter is unknown or of another type.
        """
        if values and not self.parameters:
            raise ValueError(
                f"notebook must have parameters to be given some; got {self.name!r}, which has none"
            )
        for name in values:
            checks.choice("parameter", name, self.parameters)
        return {name: self.parameters[name].check(value) for name, value in values.items()}


def shipped() -> dict[str, Path]:
    """Return the notebooks that come with the package, by name."""
    # In a wheel they lie inside the package, in a checkout beside it.
    folders = (_PACKAGE / "notebooks", _PACKAGE.parent / "notebooks")
    folder = next((each for each in folders if each.is_dir()), folders[0])
    return {path.stem: path for path in sorted(folder.glob("[0-9]*.ipynb"))}


def find(notebook: str | Path) -> Notebook:
    """Return a notebook by the name of one that is shipped, or by its path.

    Parameters
    ----------
    notebook : str or path
        A name with or without its number, such as ``"07_timing"`` or ``"timing"``; or a path.

    Raises
    ------
    ValueError
        If there is none, or the file is no notebook.
    """
    path = _path(str(notebook))
    try:
        return read(path, path.read_text("utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"notebook must be a file in the .ipynb format, version 4; got "
            f"{checks.shown(str(notebook))}"
        ) from error


def _path(name: str) -> Path:
    """Return where the notebook of this name, or at this path, is."""
    known = shipped()
    meant = [each for each in known if name in (each, without_number(each))]
    if len(meant) == 1:
        return known[meant[0]]
    if not meant and Path(name).is_file():
        return Path(name)
    if not meant and OLD_NAMES.get(name) in known:
        raise ValueError(
            f"notebook must be {OLD_NAMES[name]}; got {name!r}, its name in version 0.1.0"
        )
    among = f"one of {', '.join(meant or known)}" + ("" if meant else ", or the path of one")
    raise ValueError(f"notebook must be {among}; got {checks.shown(name)}")


def without_number(name: str) -> str:
    """Return the name of a shipped notebook without the number before it."""
    return name.partition("_")[2]


def completions(beginning: str) -> list[str]:
    """Return the names of shipped notebooks that begin like this, numbered or not."""
    names = shipped()
    every = [*names, *map(without_number, names)]
    return [name for name in every if name.startswith(beginning)]


def read(path: Path, text: str) -> Notebook:
    """Return the notebook with this text."""
    cells = json.loads(text)["cells"]
    sources = [("".join(cell["source"]), cell) for cell in cells]
    headings = re.findall(r"^# (.+)$", "\n".join(s for s, _ in sources), flags=re.MULTILINE)
    tagged = [s for s, cell in sources if "parameters" in cell["metadata"].get("tags", [])]
    parameters = _parameters(tagged[0]) if tagged else {}
    return Notebook(path, text, headings[0] if headings else path.stem, parameters)


def _parameters(source: str) -> dict[str, Parameter]:
    """Read the assignments of literals in a cell.

    By Python's own parser: papermill's pattern passes over annotations such as ``int | str``.
    """
    lines = source.splitlines()
    found = {}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            target, annotation = statement.target, ast.unparse(statement.annotation)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            target, annotation = statement.targets[0], ""
        else:
            continue
        kinds = [_TYPES.get(kind.strip()) for kind in annotation.split("|")]
        types = tuple(kind for kind in kinds if kind is not None)
        if len(types) != len(kinds):
            types = ()
        line = lines[(statement.end_lineno or 1) - 1]
        comment = line.encode()[statement.end_col_offset or 0 :].decode().partition("#")[2]
        default: Value = ast.literal_eval(statement.value) if statement.value else None
        found[target.id] = Parameter(target.id, types, default, comment.strip())
    return found
