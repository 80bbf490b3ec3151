"""The measurements that the package brings along."""

import gzip
import json
import re

import pytest

from convrnn_lab import __version__, measure
from convrnn_lab.measure import reference as brought
from convrnn_lab.measure.peak_memory import operations
from convrnn_lab.measure.workload import prepare
from tests.helpers import refused
from tests.sampling import sampled
from tests.stored import fill


@pytest.fixture(scope="module")
def store():
    return brought.reference()


def test_the_reference_is_of_this_version_and_says_its_machine(store):
    with gzip.open(brought.PATH, "rt", encoding="utf-8") as stream:
        head = json.loads(next(stream))

    # Measure it anew when the version changes: see CONTRIBUTING.
    assert head["machine"]["convrnn_lab"] == __version__
    assert head["machine"]["processor"] == store.here.processor != ""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*", head["date"])
    assert brought.PATH.stat().st_size < 150_000
    assert store.path is None


def test_every_measurement_has_times_over_zero_and_a_few_repeats(store):
    assert len(store) > 1000
    for key, found in store.items():
        assert all(each > 0 for each in found.timing.seconds), key
        assert len(found.timing.seconds) <= brought.REPEATS
        assert found.timing.threads == 1
        assert measure.OWN not in key.values()


def test_operations_are_those_that_pytorch_starts(store):
    """A part of it, run anew: the count is the same on every machine, the time is not."""
    known = [
        (setting, found)
        for setting, found in store.settings()
        if found.operations is not None
        and setting.dtype == "float32"
        and measure.count(setting).multiply_adds < 1e6
    ]

    for setting, found in sampled(known, 12):
        work = prepare(measure.canonical_setting(setting))
        assert sum(operations(work.call).values()) == found.operations, setting


def test_a_store_is_written_with_few_repeats_and_read_back(tmp_path):
    made = measure.Store()
    fill(made, [measure.Setting("LSTM", length=n) for n in (16, 64)], spread=0.01)
    many = measure.Measured(measure.Timing("", tuple(1e-3 * k for k in range(1, 101))), 3, 4)
    made.add({"model": "m", "way": "forward"}, many)

    two = measure.Measured(measure.Timing("", (1e-3,), 2))
    made.add({"model": "m", "way": "on two threads"}, two)

    count = brought.write(made, tmp_path / "r.gz")
    again = brought.read(tmp_path / "r.gz")

    assert count == len(again) == len(made) - 1 == 5
    assert again.here == made.here
    assert again.get({"model": "m", "way": "on two threads"}) is None
    for key, kept in again.items():
        found = made.get(key)
        assert (kept.operations, kept.peak_bytes) == (found.operations, found.peak_bytes)
        assert kept.timing.threads == found.timing.threads
    few = again.get({"model": "m", "way": "forward"}).timing.seconds
    assert len(few) == brought.REPEATS
    assert (few[0], few[-1]) == (1e-3, 0.1)


def test_measurements_of_another_version_are_left_out(tmp_path, monkeypatch):
    made = measure.Store()
    fill(made, [measure.Setting("LSTM")])
    monkeypatch.setattr(brought, "__version__", "0.0.1")
    brought.write(made, tmp_path / "r.gz")
    monkeypatch.undo()

    assert len(brought.read(tmp_path / "r.gz")) == 0


def test_an_empty_store_is_no_reference(tmp_path):
    with refused("store must have measurements of one thread; got none"):
        brought.write(measure.Store(), tmp_path / "r.gz")
