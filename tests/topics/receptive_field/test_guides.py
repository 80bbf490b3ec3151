"""The guide through a stack: the numbers that it says."""

import pytest

from convrnn_lab import explorers
from convrnn_lab.topics.receptive_field import guides


@pytest.mark.parametrize(
    ("step", "title"),
    [
        (0, "One output value reads 9 samples, no holes"),
        (1, f"One output value reads {guides.STACK[1].answer} samples, no holes"),
        (2, f"One output value reads {guides.STACK[2].answer} samples, no holes"),
        (3, "One output value reads 17 samples, 8 of them holes"),
        (4, "One output value reads 14 samples, no holes"),
    ],
)
def test_the_guide_says_how_many_samples_a_stack_reads(step, title):
    assert explorers.stack().sheet(**guides.STACK[step].sets).title == title


def test_the_middle_of_the_last_step_is_the_brightest():
    sheet = explorers.stack().sheet(**guides.STACK[-1].sets)

    assert dict(sheet.facts)["Middle pixel"] == "1 of the most influential one"
