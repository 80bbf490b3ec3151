"""Measurements of a reference machine: what figures show until the reader has measured."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

import numpy as np

from convrnn_lab import __version__
from convrnn_lab.measure.hardware import Machine
from convrnn_lab.measure.store import FORMAT, Store, fields_of, measured_of
from convrnn_lab.measure.timer import Timing

PATH = Path(__file__).with_name("reference.jsonl.gz")
"""One line that says where and when, then a line for each measurement."""

REPEATS = 12
"""How many of a measurement's repeats are kept."""


@cache
def reference() -> Store:
    """Return the measurements of the reference machine; nobody adds to them."""
    return read(PATH)


def read(path: Path) -> Store:
    """Return the measurements in a file that `write` has written.

    Those of another version of this package are left out: a layer may have been another one.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ValueError
        If a line holds no measurement.
    """
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        head, *lines = map(json.loads, stream)
    machine = dict(head["machine"])
    version = machine.pop("convrnn_lab")
    store = Store(here=Machine(**machine))
    shared = {"format": head["format"], "date": head["date"], "session": ""}
    for line in lines if version == __version__ else ():
        store.add(line["key"], measured_of(shared | line), keep=False)
    return store


def write(store: Store, path: Path = PATH) -> int:
    """Write what a store has measured, with few repeats of each; return how many there are.

    What runs on several threads is left out: its time depends on what else the cores do.

    Parameters
    ----------
    store : Store
    path : Path

    Raises
    ------
    ValueError
        If there are none.
    """
    found = [each for each in store.items() if each[1].timing.threads == 1]
    if not found:
        raise ValueError("store must have measurements of one thread; got none")
    date = max(measured.date for _, measured in found)
    machine = {**store.here.dict, "convrnn_lab": __version__}
    lines: list[object] = [{"format": FORMAT, "machine": machine, "date": date}]
    for key, measured in found:
        seconds = _few(measured.timing)
        lines.append({**fields_of(key, measured), "seconds": seconds})
    text = "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return len(lines) - 1


def _few(timing: Timing) -> list[float]:
    """Return repeats from the first to the last, evenly spaced: of all rounds, and of each turn.

    The layers of a model are measured in turns, and keep the same ones.
    """
    count = len(timing.seconds)
    places = np.linspace(0, count - 1, min(REPEATS, count)).round().astype(int)
    return [float(f"{timing.seconds[place]:.4g}") for place in places]
