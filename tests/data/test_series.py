import importlib.util
import math
import sys

import pytest
import torch

from convrnn_lab import checks, data
from tests.helpers import refused


def test_impulse_step_and_square_are_exact():
    assert data.series("impulse", length=7).tolist() == [0, 0, 0, 0, 1, 0, 0]
    assert data.series("step", length=7).tolist() == [0, 0, 0, 0, 1, 1, 1]
    # 49 × 1/98 falls a rounding short of half a period.
    square = data.series("square", length=196, frequency=1 / 98)
    assert square.tolist() == ([1.0] * 49 + [-1.0] * 49) * 2


def test_a_sine_is_zero_at_each_half_period():
    found = data.series("sine", length=512)

    assert (found[::8] == 0).all()
    assert (found != 0).sum() == 512 - 64


def test_the_sine_is_that_of_its_formula():
    found = data.series("sine", length=512, start=3, frequency=0.17)

    expected = [math.sin(2 * math.pi * 0.17 * time) for time in range(3, 515)]
    torch.testing.assert_close(found, torch.tensor(expected), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", data.SERIES)
def test_a_later_start_gives_the_same_samples_at_their_time(name):
    whole = data.series(name, length=60, seed=5)

    for start, length in ((1, 59), (7, 20), (33, 3)):
        part = data.series(name, length=length, start=start, seed=5)
        assert part.tolist() == whole[start : start + length].tolist()


def test_noise_is_normal_and_its_seed_makes_it():
    noise = data.series("noise", length=512, seed=1)

    assert abs(noise.mean()) < 0.15
    assert abs(noise.std() - 1) < 0.15
    assert not torch.equal(noise, data.series("noise", length=512, seed=2))


def test_measured_series_are_those_of_the_signals():
    for name in data.SIGNALS:
        torch.testing.assert_close(
            data.series(name, length=50, start=9), data.signal(name, length=50, start=9)
        )
    days = data.power_demand("train").inputs[:2, :, 0].flatten()
    demand = data.series("power demand", length=48)
    # Divided by the largest of all days, and of two decimals before that.
    torch.testing.assert_close(demand * (days[0] / demand[0]), days)


def test_nan_is_refused_or_handed_on_as_asked(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("volts\n1\nnan\n-2\ninf\n", "utf-8")

    with refused("series must be finite; got nan at index (1,)"):
        data.series(path, length=4)
    found = data.series(path, length=4, allow_nan=True)

    assert found[[0, 2]].tolist() == [0.5, -1.0]
    assert found[1].isnan()
    assert found[3].isinf()
    assert data.series([math.nan], length=1, allow_nan=True).isnan().all()
    assert data.series([0, 0], length=2).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("sine", {"length": 0}, "length must be an integer from 1 to 512; got 0"),
        ("sine", {"length": 513}, "length must be an integer from 1 to 512; got 513"),
        ("sine", {"start": -1}, "start must be an integer of at least 0; got -1"),
        ("sine", {"frequency": 0.6}, "frequency must be 0 to 0.5 periods a sample; got 0.6"),
        (
            "sunspots",
            {"length": 310},
            "length must be at most the series' 309 samples; got 310",
        ),
        (
            [1, 2],
            {"length": 2, "start": 1},
            "start + length must be at most the series' 2 samples; got 1 + 2",
        ),
        (
            "ramp",
            {},
            "series must be one of impulse, step, sine, square, noise, sunspots, ECG, power demand,"
            " or a CSV file; got 'ramp', which is not there",
        ),
        (
            "noise",
            {"start": 10**12},
            "series must take at most 2.0 GiB; got shape (1000000000064,), which takes 7450.6 GiB",
        ),
    ],
)
def test_what_cannot_be_had_is_refused(source, options, message):
    with refused(message):
        data.series(source, **options)


def test_a_csv_with_text_in_it_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("value\n1\ntwo\n3\n", "utf-8")

    with refused(
        f"series must be a file with one number a line; got {checks.shown(str(path))}, "
        "where line 3 is 'two'"
    ):
        data.series(path, length=2)


def test_text_is_the_source_of_the_library_without_importing_it(tmp_path):
    module = "this"  # which prints when it is imported
    sys.modules.pop(module, None)

    assert "The Zen of Python" not in data.text(module)  # it is written in rot13
    assert module not in sys.modules
    assert data.text("json.decoder") == importlib.util.find_spec("json.decoder").loader.get_source(
        "json.decoder"
    )
    assert "def makedirs" in data.text("os")  # which is compiled into Python as well
    path = tmp_path / "string.txt"
    path.write_text("Grüße", "utf-8")
    assert data.text(path) == "Grüße"


@pytest.mark.parametrize("source", ["sys", "math", "no such file", "json.no", "heapq.no", "."])
def test_what_is_no_text_is_refused(source):
    with refused(
        "text must be a module of Python's library that is written in Python, or a file "
        f"that is not empty; got {source!r}"
    ):
        data.text(source)


def test_characters_go_there_and_back():
    assert data.decode(data.encode(data.ALPHABET)) == data.ALPHABET
    assert data.encode(data.ALPHABET).tolist() == list(range(97))
    assert data.decode(data.encode("a\té")) == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"
    assert data.encode("").shape == (0,)
    assert data.one_hot(data.encode("ab"))[:, data.encode("a")].flatten().tolist() == [1, 0]
    with refused("codes must be an integer from 0 to 96; got 97"):
        data.decode(torch.tensor([97]))
