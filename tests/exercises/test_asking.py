"""Questions with a field under each: what goes to the browser, and what a headless run says."""

import base64
import json
import os

import pytest

from convrnn_lab import exercises
from convrnn_lab.exercises.solutions import EXERCISES
from tests.helpers import refused


def unpacked(questions):
    return json.loads(base64.b64decode(questions.packed))


@pytest.mark.parametrize("notebook", EXERCISES)
def test_the_browser_is_given_each_question_with_its_computed_answer(notebook):
    sent = unpacked(exercises.ask(notebook))

    assert sent["notebook"] == notebook
    assert {each["name"]: each["right"] for each in sent["questions"]} == {
        name: exercise.solve() for name, exercise in EXERCISES[notebook].items()
    }


def test_neither_answer_nor_reason_is_read_by_chance():
    element = exercises.ask("cnn").element()

    assert "How many numbers does flatten pass on?" in element
    assert "1600" not in element
    assert "64 channels" not in element


def test_a_report_shows_an_element_of_the_page_and_a_notebook_a_widget(monkeypatch):
    monkeypatch.setitem(os.environ, "CONVRNN_LAB_PAGES", "1")
    page, _ = exercises.ask("pooling")._repr_mimebundle_()
    monkeypatch.delitem(os.environ, "CONVRNN_LAB_PAGES")
    live = exercises.ask("pooling")._repr_mimebundle_()

    assert page["text/html"].startswith('<div class="convrnn-lab" data-exercises>')
    assert "application/vnd.jupyter.widget-view+json" in live


def test_without_a_screen_the_questions_say_how_to_answer_in_python():
    asked = str(exercises.ask("timing"))

    assert asked.splitlines()[1] == "gru: How many has a GRU of the same sizes?"
    assert asked.endswith(
        'Answer in Python: exercises.check("timing", {"lstm": None, "gru": None, '
        '"stride_share": None, "more_operations": None})'
    )


def test_an_unknown_notebook_is_refused():
    with refused(f"notebook must be one of {', '.join(EXERCISES)}; got 'nothing'"):
        exercises.ask("nothing")


def test_a_broken_exercise_stops_the_cell(monkeypatch):
    broken = EXERCISES["pooling"]["height"].__class__(lambda: 1 / 0, "", "")
    monkeypatch.setitem(EXERCISES["pooling"], "height", broken)

    with pytest.raises(ZeroDivisionError):
        exercises.ask("pooling")
