"""What the guides say of gates and gradients, held to the numbers."""

import pytest

from convrnn_lab import explorers
from convrnn_lab.topics.gates import guides


@pytest.mark.parametrize(
    ("place", "title"),
    [
        (0, "unit 0 keeps half of what it holds for 3 steps; its forget gate is 0.737 at step 32"),
        (1, "unit 0 keeps half of what it holds for 18 steps; its forget gate is 0.961 at step 32"),
        (2, "unit 0 keeps half of what it holds for 1 step; its forget gate is 0.12 at step 32"),
        (4, "unit 0 keeps half of what it holds for 3 steps; its update gate is 0.719 at step 32"),
    ],
)
def test_the_gates_are_as_open_as_the_guide_says(place, title):
    sheet = explorers.gates().sheet(**guides.GATES[place].sets)

    assert sheet.title.partition(": ")[2] == title


def test_eighteen_times_the_gate_leaves_what_the_guide_says():
    assert pytest.approx(0.49, abs=0.005) == 0.961**18
    assert 0.961**17 > 0.5


def test_gates_of_unit_0_reach_the_ends_only_with_large_weights():
    explorer = explorers.gates()

    before, after = (
        [said for name, said in explorer.sheet(**guides.GATES[at].sets).facts if "gate, " in name]
        for at in (0, 3)
    )

    assert all(said.startswith("open 0\xa0%, closed 0\xa0%") for said in before)
    assert any("open 8\xa0%, closed 17\xa0%" in said for said in after)


@pytest.mark.parametrize(
    ("place", "cell", "said"),
    [
        (0, "linear", "× 0.9 a step, horizon 44"),
        (0, "LSTM", "× 0.9 a step, horizon 34"),
        (1, "linear", "× 1.2 a step, horizon over 63"),
        (2, "tanh", "× 0.873 a step, horizon 31"),
        (3, "LSTM", "× 0.306 a step, horizon 4"),
        (4, "LSTM", "× 1.03 a step, horizon over 63"),
    ],
)
def test_the_gradients_go_where_the_guide_says(place, cell, said):
    sheet = explorers.gradient_through_time().sheet(**guides.GRADIENT[place].sets)

    assert dict(sheet.facts)[cell] == said


def test_the_guide_of_the_gradient_leads_through_its_own_series_only():
    assert explorers.gradient_through_time("sine").guide == ()
