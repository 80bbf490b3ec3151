"""Measurements kept in a small file, so that what has been measured need not be measured again.

The file has a line of JSON for each measurement, added as it is made: whatever stops a sweep, what
was measured before is there. Each line says which machine and which versions it was made with, and
only those of this one are given out.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from convrnn_lab import __version__, checks
from convrnn_lab.measure.hardware import Machine, machine
from convrnn_lab.measure.layer_kinds import Setting
from convrnn_lab.measure.timer import Timing

FORMAT = 1
"""Of a line."""


@dataclass(frozen=True)
class Measured:
    """What was found for one setting.

    Attributes
    ----------
    timing : Timing
    operations : int or None
        How many PyTorch started.
    peak_bytes : int or None
        What it allocated at its peak; None where following it would have taken too long.
    date : str
        Date and time, in UTC.
    session : str
        The sweep that it was measured in.
    kept_bytes : int or None
        What is still held when it has returned.
    """

    timing: Timing
    operations: int | None = None
    peak_bytes: int | None = None
    date: str = ""
    session: str = ""
    kept_bytes: int | None = None


class Store:
    """Measurements by setting, on this machine.

    Parameters
    ----------
    path : str or path, optional
        The file; without one, the measurements are gone with the process. It is read once: give
        several explorers one store, so that each draws what the others measure.
    here : Machine, optional
        What measures; by default this machine.

    Attributes
    ----------
    others : int
        Settings in the file that were measured on other machines or with other versions. They stay
        in the file, and are never given out.
    other_versions : tuple of str
        Versions of this package that those were measured with, but for this one.
    changes : int
        How often something was added: what was read off before is out of date when it grows.
    set_aside : Path or None
        Where the file was put if a part of it could not be read; what could be is in the new one.

    Raises
    ------
    ValueError
        If the file cannot be read or written.
    """

    def __init__(self, path: str | Path | None = None, here: Machine | None = None) -> None:
        self.path = None if path is None else _checked(path)
        self.here = here or machine()
        self.changes = 0
        self.set_aside: Path | None = None
        self._identity = {**self.here.dict, "convrnn_lab": __version__}
        self._found: dict[str, Measured] = {}
        self._others: set[str] = set()
        self._versions: set[str] = set()
        if self.path is not None:
            try:
                self._read(self.path)
            except OSError as error:
                raise _unusable(self.path, error.strerror) from error

    @property
    def others(self) -> int:
        """Count of settings measured elsewhere."""
        return len(self._others)

    @property
    def other_versions(self) -> tuple[str, ...]:
        """Versions of this package that wrote some of the others."""
        return tuple(sorted(self._versions))

    def get(self, key: Mapping[str, object]) -> Measured | None:
        """Return what was measured here, or None."""
        return self._found.get(_text(key))

    def add(self, key: Mapping[str, object], measured: Measured, *, keep: bool = True) -> None:
        """Add a measurement; with one of the same sweep it is put together, others it replaces.

        Parameters
        ----------
        key : mapping
            What was measured, in plain values.
        measured : Measured
        keep : bool
            Whether it goes into the file.

        Raises
        ------
        ValueError
            If the file cannot be written; the measurement is there all the same.
        """
        if not measured.date:
            measured = replace(measured, date=datetime.now(UTC).isoformat(timespec="seconds"))
        self._put(_text(key), measured)
        if keep and self.path is not None:
            try:
                self._write(self.path, key, measured)
            except OSError as error:
                raise _unusable(self.path, error.strerror) from error

    # Any: a key holds plain values, as JSON has them.
    def items(self) -> Iterator[tuple[dict[str, Any], Measured]]:
        """Yield all that was measured here, with what it was."""
        for text, measured in self._found.items():
            yield json.loads(text), measured

    def settings(self) -> Iterator[tuple[Setting, Measured]]:
        """Yield the layers among them."""
        for key, measured in self.items():
            if "layer" in key:
                yield Setting(**key), measured

    def __len__(self) -> int:
        """Count of settings measured here."""
        return len(self._found)

    def _put(self, text: str, new: Measured) -> None:
        old = self._found.get(text)
        if old is not None and old.session == new.session:
            operations = old.operations if new.operations is None else new.operations
            peak = old.peak_bytes if new.peak_bytes is None else new.peak_bytes
            kept = old.kept_bytes if new.kept_bytes is None else new.kept_bytes
            new = Measured(old.timing + new.timing, operations, peak, new.date, new.session, kept)
        self._found[text] = new
        self.changes += 1

    def _write(self, path: Path, key: Mapping[str, object], measured: Measured) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # One write at the end of the file, so that two processes do not mix their lines.
        with path.open("ab", buffering=0) as stream:
            stream.write((_line(self._identity, key, measured) + "\n").encode())

    def _read(self, path: Path) -> None:
        if not path.exists():
            return
        text = path.read_bytes().decode("utf-8", "replace")
        lines = text.splitlines()
        good = [line for line in lines if self._take(line)]
        if len(good) < len(lines):
            self.set_aside = _free(path)
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as stream:
                stream.writelines(f"{line}\n" for line in good)
            shutil.copymode(path, stream.name)
            path.rename(self.set_aside)
            Path(stream.name).rename(path)
        elif text and not text.endswith("\n"):
            with path.open("ab") as end:
                end.write(b"\n")

    def _take(self, line: str) -> bool:
        """Read one line; return whether that worked."""
        try:
            read = json.loads(line)
            measured, key, identity = measured_of(read), _text(read["key"]), read["machine"]
            if "layer" in read["key"]:
                Setting(**read["key"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return False
        if identity == self._identity:
            self._put(key, measured)
        else:
            self._others.add(_text(identity) + key)
            version = identity.get("convrnn_lab") if isinstance(identity, dict) else None
            if isinstance(version, str) and version != __version__:
                self._versions.add(version)
        return True


# Any: what a line of JSON holds; it is checked here.
def measured_of(read: Mapping[str, Any]) -> Measured:
    """Return the measurement of a line.

    Raises
    ------
    ValueError
        If it is none.
    """
    seconds = tuple(map(float, read["seconds"]))
    if read["format"] != FORMAT or not all(0 < each < math.inf for each in seconds):
        raise ValueError("of another kind")
    timing = Timing("", seconds, checks.integer("threads", read["threads"], 1))
    kept = read.get("kept_bytes")  # lines of layers have it
    for name, value in (*((n, read[n]) for n in ("operations", "peak_bytes")), ("kept", kept)):
        if value is not None:
            checks.integer(name, value, 0)
    date, session = read["date"], read["session"]
    if not isinstance(date, str) or not isinstance(session, str):
        raise TypeError("of another kind")
    return Measured(timing, read["operations"], read["peak_bytes"], date, session, kept)


def _checked(path: str | Path) -> Path:
    """Return the path of a file that can be written, links followed."""
    try:
        found = Path(path).resolve()
        found.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=found.parent):
            return found
    except OSError as error:
        raise _unusable(path, error.strerror) from error
    except (TypeError, ValueError) as error:
        raise _unusable(path, str(error)) from error


def _line(identity: Mapping[str, object], key: Mapping[str, object], measured: Measured) -> str:
    written = {
        "format": FORMAT,
        "machine": identity,
        **fields_of(key, measured),
        "date": measured.date,
        "session": measured.session,
    }
    return json.dumps(written, separators=(",", ":"))


def fields_of(key: Mapping[str, object], measured: Measured) -> dict[str, object]:
    """Return what a line says of a measurement, as plain values with four digits."""
    written = {
        "key": key,
        "seconds": [float(f"{each:.4g}") for each in measured.timing.seconds],
        "threads": measured.timing.threads,
        "operations": measured.operations,
        "peak_bytes": measured.peak_bytes,
    }
    if measured.kept_bytes is not None:
        written["kept_bytes"] = measured.kept_bytes
    return written


def _text(key: Mapping[str, object]) -> str:
    return json.dumps(key, sort_keys=True)


def _free(path: Path) -> Path:
    """Return a name beside `path` that no file has."""
    number = 1
    while (free := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    return free


def _unusable(path: str | Path, reason: str | None) -> ValueError:
    return ValueError(
        f"store must be a file that can be read and written; got {checks.shown(str(path), 300)} "
        f"({reason})"
    )
