import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from convrnn_lab import exercises
from convrnn_lab.exercises.checking import Exercise, share
from convrnn_lab.exercises.solutions import EXERCISES
from tests.helpers import refused

CASES = json.loads((Path(__file__).parents[1] / "web" / "answer_cases.json").read_text("utf-8"))

# Worked by hand; the reasons in the exercises say how.
BY_HAND = {
    "convolution": {
        "extent": 13,
        "height": 14,
        "multiply_adds": 14 * 14 * 9,
        "four_times": "its multiply-adds",
        "parameters": 8 * 3 * 25 + 8,
    },
    "transposed_convolution": {"height": 15, "products": 4, "smooth": 6},
    "pooling": {"height": 15, "divisor": 4, "shift": 4, "keeps_place": "a stride of 1"},
    "receptive_fields": {
        "three_layers": 7,
        "doubling": 15,
        "halvings": 7,
        "matters_most": "the middle",
    },
    "cnn": {
        "conv2_parameters": 18_496,
        "pool2_field": 10,
        "flattened": 64 * 5 * 5,
        "most_work": "conv2",
    },
    "which_pixels": {"covered": 13 * 13, "grad_cam_values": 11 * 11, "errors": 26},
    "hidden_state": {"parameters": 352, "held": 0.125, "features": 16},
    "memory": {"fades": 5, "grows": "RNN with ReLU", "left": (1 / (1 + math.exp(-1))) ** 3},
    "gates": {"half_life": 15, "forget_bias": 2, "horizon": 21, "remembers": "forget gate"},
    "learning": {"parameters": 1297, "clipped": 0.2, "forgets": "−2"},
    "which_inputs": {"behind": 0, "linear": 6, "saturated": "occlusion"},
    "timing": {"lstm": 819_200, "gru": 614_400, "stride_share": 1 / 9, "more_operations": "GRU"},
    "layers": {"conv1": 26 * 26 * 32 * 9, "pool": 0, "groups": 256 * 16 * 4 * 9},
}


EACH = [(notebook, name) for notebook, names in BY_HAND.items() for name in names]


def test_every_question_is_worked_by_hand():
    assert [(notebook, name) for notebook, each in EXERCISES.items() for name in each] == EACH


@pytest.mark.parametrize(("notebook", "name"), EACH)
def test_what_is_worked_by_hand_is_right_and_every_other_answer_is_not(notebook, name):
    answer = BY_HAND[notebook][name]
    choices = EXERCISES[notebook][name].choices
    others = [each for each in choices if each != answer] or [
        "nothing" if isinstance(answer, str) else answer + 1
    ]

    assert exercises.check(notebook, {name: answer}).verdicts == {name: "right"}
    for other in others:
        assert exercises.check(notebook, {name: other}).verdicts == {name: "not yet"}


@pytest.mark.parametrize(("notebook", "name"), EACH)
def test_a_question_is_asked_with_a_hint_that_does_not_give_it_away(notebook, name):
    exercise = EXERCISES[notebook][name]

    assert exercise.question.rstrip(".").count("?") >= 1
    assert exercise.hint
    assert exercise.reason
    if not exercise.choices:
        told = re.findall(r"\w+", exercise.question)
        assert str(BY_HAND[notebook][name]) not in {*re.findall(r"\w+", exercise.hint)} - {*told}


@pytest.mark.parametrize(("name", "answer", "verdict"), CASES["cases"])
def test_answers_are_judged_as_the_browser_judges_them(name, answer, verdict):
    question = CASES["questions"][name]
    exercise = Exercise(lambda: question["right"], "", "", choices=tuple(question["choices"]))

    assert exercise.verdict(answer) == verdict
    if not isinstance(question["right"], str):
        assert share(question["right"]) == question["share"]


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
    "answer", ["thirteen", "?", [13], True, float("nan"), "1/0", torch.ones(2), {}, object()]
)
def test_what_is_no_number_is_said_to_be_none(answer):
    checked = exercises.check("convolution", {"extent": answer})

    assert checked.verdicts == {"extent": "not readable"}
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


def test_an_answer_that_is_none_of_the_choices_is_told_them():
    checked = exercises.check("timing", {"more_operations": "RNN"})

    assert str(checked) == "more_operations: not readable. Choose one of: LSTM; GRU."


def test_an_unknown_question_is_refused():
    with refused(
        "answer must be one of extent, height, multiply_adds, four_times, parameters; got 'width'"
    ):
        exercises.check("convolution", {"width": 3})
    with refused(
        "notebook must be one of convolution, transposed_convolution, pooling, "
        "receptive_fields, cnn, which_pixels, hidden_state, memory, gates, learning, which_inputs, "
        "timing, layers; got 'nothing'"
    ):
        exercises.check("nothing", {})
    with refused("answers must be a dict; got [13]"):
        exercises.check("convolution", [13])
