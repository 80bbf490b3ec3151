import pytest
import pywt.data
import torch

from convrnn_lab import checks, data
from tests.helpers import refused


def test_the_ecg_is_the_one_of_pywavelets():
    expected = torch.from_numpy(pywt.data.ecg())[150:].float()

    found = data.signal("ECG", length=2000)

    torch.testing.assert_close(found, expected / expected.abs().max())


def test_the_sunspots_begin_and_end_as_published():
    sunspots = data.signal("sunspots", length=1000)

    # 5 in 1700, 2.9 in 2008; the largest is 190.2, in 1957.
    assert len(sunspots) == 309
    assert sunspots.argmax() == 1957 - 1700
    assert (sunspots[[0, -1]] * 190.2).tolist() == pytest.approx([5, 2.9])


def test_a_part_is_taken_from_the_start_given():
    signal = torch.tensor([1.0, 2.0, 4.0, 8.0])

    assert data.signal(signal, start=1, length=2).tolist() == [0.25, 0.5]
    assert data.signal([0, 0]).tolist() == [0.0, 0.0]


def test_a_csv_file_is_read_with_or_without_a_header(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("volts\n1\n-2\n", "utf-8")

    assert data.signal(path).tolist() == [0.5, -1.0]
    path.write_text("1,\n4,\n", "utf-8")
    assert data.signal(str(path)).tolist() == [0.25, 1.0]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (torch.zeros(2, 2), "signal must have the axes (time); got shape (2, 2)"),
        (torch.zeros(0), "signal must have at least one sample; got none"),
        (
            ["a", "b"],
            "signal must be a name, a path, or an array of numbers; got ['a', 'b']",
        ),
        (
            torch.tensor([1.0, float("inf")]),
            "signal must be finite; got inf at index (1,)",
        ),
        (
            torch.zeros(2, dtype=torch.complex64),
            "signal must be real numbers; got torch.complex64",
        ),
        (
            "no.csv",
            "signal must be one of ECG, sunspots, or a CSV file; got 'no.csv', which is not there",
        ),
    ],
)
def test_what_is_no_signal_is_refused(source, message):
    with refused(message):
        data.signal(source)


def test_a_file_without_numbers_is_refused(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("a\nb\n", "utf-8")

    with refused(
        f"signal must be a file with one number a line; got {checks.shown(str(path))}, "
        "where line 2 is 'b'"
    ):
        data.signal(path)
    with refused("length must be an integer of at least 1; got 0"):
        data.signal("ECG", length=0)
