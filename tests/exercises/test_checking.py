import numpy as np
import pytest
import torch

from convrnn_lab import exercises
from tests.helpers import refused

# Worked by hand; the reasons in the exercises say how.
BY_HAND = {
    "convolution": {"extent": 13, "height": 14, "multiply_adds": 14 * 14 * 9},
    "transposed_convolution": {"height": 15, "products": 4, "smooth": 6},
    "pooling": {"height": 15, "divisor": 4, "shift": 4},
    "receptive_fields": {"three_layers": 7, "doubling": 15, "halvings": 7},
    "cnn": {"conv2_parameters": 18_496, "pool2_field": 10, "flattened": 64 * 5 * 5},
    "which_pixels": {"covered": 13 * 13, "grad_cam_values": 11 * 11, "errors": 26},
    "hidden_state": {"parameters": 352, "held": 0.125, "features": 16},
    "gates": {"half_life": 15, "forget_bias": 2, "horizon": 21},
    "timing": {"lstm": 819_200, "gru": 614_400, "stride_share": 1 / 9},
}


@pytest.mark.parametrize("notebook", BY_HAND)
def test_what_is_worked_by_hand_is_right_and_one_more_is_not(notebook):
    more = {name: answer + 1 for name, answer in BY_HAND[notebook].items()}

    assert set(exercises.check(notebook, BY_HAND[notebook]).verdicts.values()) == {"right"}
    assert set(exercises.check(notebook, more).verdicts.values()) == {"not yet"}


@pytest.mark.parametrize(
    "answer", ["13", " 13 ", 13.0, "13.0", np.int64(13), torch.tensor(13), "26/2"]
)
def test_a_right_number_is_right_however_it_is_written(answer):
    assert exercises.check("convolution", {"extent": answer}).verdicts == {"extent": "right"}


@pytest.mark.parametrize(
    ("answer", "verdict"), [(0.111, "right"), ("1/9", "right"), ("0.11", "not yet"), (3, "not yet")]
)
def test_a_share_may_be_rounded(answer, verdict):
    assert exercises.check("timing", {"stride_share": answer}).verdicts["stride_share"] == verdict


@pytest.mark.parametrize(
    "answer", ["thirteen", "", [13], True, float("nan"), "1/0", torch.ones(2), {}, object()]
)
def test_what_is_no_number_is_said_to_be_none(answer):
    checked = exercises.check("convolution", {"extent": answer})

    assert checked.verdicts == {"extent": "not a number"}
    assert checked.words == {"extent": "Write a number, such as 13, 0.5 or 1/3."}


def test_a_wrong_answer_is_given_a_hint_without_the_solution_and_a_right_one_the_reason():
    wrong = exercises.check("cnn", {"flattened": 40_000})
    right = exercises.check("cnn", {"flattened": 1_600})

    assert str(wrong) == (
        "flattened: not yet. Follow the height: 28, 26 after conv1, 13 after pool1, and so on."
    )
    assert str(right) == "flattened: right. 64 channels of 5 × 5."


def test_a_notebook_shows_a_table():
    shown = exercises.check("convolution", {"extent": None})._repr_html_()

    assert "<td" in shown
    assert "not answered yet" in shown


def test_an_unknown_question_is_refused():
    with refused("answer must be one of extent, height, multiply_adds; got 'width'"):
        exercises.check("convolution", {"width": 3})
    with refused(
        "notebook must be one of convolution, transposed_convolution, pooling, "
        "receptive_fields, cnn, "
        "which_pixels, hidden_state, gates, timing; got 'nothing'"
    ):
        exercises.check("nothing", {})
    with refused("answers must be a dict; got [13]"):
        exercises.check("convolution", [13])
