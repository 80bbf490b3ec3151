"""Sentences are short, and a notebook takes no longer to read than it says."""

import re

import pytest

from convrnn_lab import reports
from tests import prose
from tests.explorer.test_guide import EXPLORERS

NOTEBOOKS = list(reports.shipped().values())
GLOSSARY = "words"
"""The cell of 00 that has the glossary: a table to look things up."""

LONGEST = 30
"""Words of a sentence, at most."""

WORDS_A_MINUTE = 200
STEP_MIN = 0.5
EXERCISE_MIN = 1
MOST_MIN = 20


def named(path):
    return path.stem


def long(text):
    return [each for each in prose.sentences(text) if len(prose.words(each)) > LONGEST]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is 0.5, not 1.5. Then it ends.", ["It is 0.5, not 1.5.", "Then it ends."]),
        ("Cho et al. Twice.", ["Cho et al. Twice."]),
        ("Why? (Because.) *So* it is.", ["Why?", "(Because.", "*So* it is."]),
        ("- One point\n- another", ["- One point", "- another"]),
        ("# Head\n\nA [link](there.md).\n\n| a | table |", ["# Head", "A link."]),
        ("Say `x. Y` now.\n\n```py\nA. B.\n```", ["Say Code now."]),
        ("It is $a. B$ so.", ["It is so."]),
        ("<details><summary>Why?</summary>\nSo.</details>", ["Why?", "So."]),
    ],
)
def test_a_text_is_split_into_its_sentences(text, expected):
    assert prose.sentences(text) == expected


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_no_sentence_of_a_notebook_is_long(path):
    assert [each for source in prose.markdown_of(path) for each in long(source)] == []


@pytest.mark.parametrize("name", EXPLORERS)
def test_no_sentence_of_a_guide_is_long(name):
    texts = prose.texts_of(prose.guide(name))

    assert texts
    assert [each for text in texts for each in long(text)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_no_sentence_of_an_exercise_is_long(path):
    exercises = prose.exercises_of(path)
    texts = [text for each in exercises for text in (each.question, each.hint, each.reason)]

    assert [each for text in texts for each in long(text)] == []


def reading(path):
    """Return the minutes that a notebook's text takes."""
    sources = prose.markdown_of(path, {GLOSSARY})
    text = " ".join(block for source in sources for block in prose.paragraphs(source))
    return len(prose.words(text)) / WORDS_A_MINUTE


def minutes(path):
    """Return how long a notebook takes: its text, its guides' steps and its exercises."""
    doing = STEP_MIN * len(prose.guides_of(path)) + EXERCISE_MIN * len(prose.exercises_of(path))
    return reading(path) + doing


@pytest.mark.parametrize("path", NOTEBOOKS, ids=named)
def test_a_notebook_takes_no_longer_than_it_says(path):
    first = prose.markdown_of(path)[0]
    stated = re.search(r"^\*\*Time:\*\* (\d+) minutes\.$", first, re.MULTILINE)

    assert minutes(path) <= int(stated[1]) <= MOST_MIN


def test_text_steps_and_exercises_all_take_time():
    path = reports.shipped()["01b_transposed_convolution"]

    assert len(prose.guides_of(path)) == 6
    assert len(prose.exercises_of(path)) == 3
    assert minutes(path) == reading(path) + 6 * STEP_MIN + 3 * EXERCISE_MIN
    assert 1 < reading(path) < 4
