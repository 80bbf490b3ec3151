"""A file of measurements as version 0.1.0 wrote it."""

import shutil
from pathlib import Path

import pytest

from convrnn_lab import explorers, measure
from convrnn_lab.measure import store as store_module

SAMPLE = Path(__file__).with_name("timings_0_1_0.jsonl")
MACHINE = measure.Machine("A processor", 2, "Linux", "3.11.7", "2.13.0+cpu")
LSTM = measure.Setting("LSTM", length=16)


@pytest.fixture
def path(tmp_path):
    return shutil.copy(SAMPLE, tmp_path / "timings.jsonl")


def test_it_is_read_whole_by_the_version_that_wrote_it(path, monkeypatch):
    monkeypatch.setattr(store_module, "__version__", "0.1.0")

    store = measure.Store(path, MACHINE)

    assert (len(store), store.others, store.set_aside) == (3, 0, None)
    found = store.get(measure.key(LSTM))
    assert found.timing.seconds[:3] == (0.001433, 0.0009273, 0.0002576)
    assert len(found.timing.seconds) == 10  # both rounds of one sweep
    assert (found.operations, found.peak_bytes) == (5, 39176)
    assert dict(store.settings()).keys() == {
        LSTM,
        measure.Setting("Conv1d", length=64, kernel_size=5),
    }
    assert store.get({"peak": "product", "threads": 1, "dtype": "float32", "device": "cpu"})


def test_a_later_version_keeps_it_apart_and_says_so_in_one_sentence(path, monkeypatch):
    monkeypatch.setattr(store_module, "__version__", "0.2.0")
    before = Path(path).read_bytes()

    store = measure.Store(path, MACHINE)
    explorer = explorers.timing(store=store, length=16)

    assert (len(store), store.others, store.set_aside) == (0, 3, None)
    assert dict(explorer.view(**explorer.values).facts)["Kept apart"] == (
        "3 measurements of another machine or version (0.1.0)"
    )
    assert Path(path).read_bytes() == before


def test_what_is_measured_anew_stands_beside_it(path, monkeypatch):
    monkeypatch.setattr(store_module, "__version__", "0.2.0")
    new = measure.Measured(measure.Timing("", (1e-3,) * 4))

    measure.Store(path, MACHINE).add(measure.key(LSTM), new)

    again = measure.Store(path, MACHINE)
    assert again.get(measure.key(LSTM)).timing.median_s == 1e-3
    assert (len(again), again.others) == (1, 3)
