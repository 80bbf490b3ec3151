import platform

import pytest
import torch

from convrnn_lab import measure


def test_a_machine_says_what_measurements_depend_on():
    found = measure.machine()

    assert found.torch == torch.__version__
    assert found.python == platform.python_version()
    assert found.cores >= 1
    assert found.processor in str(found)


def test_peaks_are_the_fastest_repeats():
    """512³ products; 64 MB read and written."""
    product = measure.Timing("", (0.004, 0.002, 0.003, 0.002), threads=2)
    copy = measure.Timing("", (0.016, 0.008, 0.01, 0.01), threads=2)

    found = measure.Peak.of(product, copy, "bfloat16")

    assert found.multiply_adds_per_s == pytest.approx(512**3 / 0.002)
    assert found.bytes_per_s == pytest.approx(2 * 64e6 / 0.008)
    assert (found.threads, found.dtype) == (2, "bfloat16")


def test_a_real_peak_is_that_of_a_product_and_of_a_copy():
    calls = measure.peak_calls()

    assert calls["product"]().shape == (512, 512)
    assert calls["copy"]().numel() * 4 == 64e6
    assert measure.peak(budget_s=0.01).multiply_adds_per_s > 0


def test_a_roof_is_the_lower_of_two_lines():
    found = measure.Peak(100.0, 10.0, 1, "float32")

    # Ten multiply-adds for each byte are where they meet.
    assert [found.bound(each) for each in (1, 10, 50)] == [10, 100, 100]
