"""Texts for readers, taken apart: paragraphs, sentences, words."""

import functools
import re

import nbformat

from convrnn_lab.exercises.solutions import EXERCISES

_LEFT_OUT = [
    r"```.*?```",  # code
    r"\$\$?[^$]+\$\$?",  # formulas
    r"^\|.*\|$",  # rows of tables
]
_INLINE = r"`[^`\n]*`"
_BREAK = r"\n\s*\n|\n(?=#|- |\d+\. )|</?(?:details|summary|p|li|ul|ol|br)\b[^>]*>"
_LINK = r"\[([^\]]*)\]\([^)]*\)"
# A sentence ends with its mark, perhaps closed by a quote, a bracket or stars, before a new start.
_END = r"(?<=[.?!…])(?<!\bal\.)(?<!\be\.g\.)(?<!\bi\.e\.)[\"”’)*_]*\s+(?=[\"“‘(*_]*[^\Wa-z_])"


def markdown_of(path, without=()):
    """Return the sources of a notebook's Markdown cells, but for those with these ids."""
    cells = nbformat.read(path, as_version=4).cells
    return [
        cell.source for cell in cells if cell.cell_type == "markdown" and cell.id not in without
    ]


def paragraphs(text):
    """Return the paragraphs, headings and points of a text, without code, formulas and tables."""
    for pattern in _LEFT_OUT:
        text = re.sub(pattern, "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(_INLINE, "Code", text)
    return [block for part in re.split(_BREAK, text) if (block := " ".join(part.split()))]


def sentences(text):
    """Return the sentences of a text, paragraph by paragraph."""
    return [
        sentence
        for block in paragraphs(text)
        for sentence in re.split(_END, re.sub(_LINK, r"\1", block))
    ]


def words(text):
    """Return what a reader reads as words: signs alone are none."""
    return [word for word in text.split() if re.search(r"\w", word)]


@functools.cache
def guide(name):
    """Return the steps of an explorer's guide; none for one that has no guide."""
    from tests.explorer.test_guide import EXPLORERS

    return EXPLORERS[name]().guide if name in EXPLORERS else ()


def guides_of(path):
    """Return the steps of the guides that a notebook shows."""
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    shown = dict.fromkeys(re.findall(r"\bexplorers\.(\w+)\(", code))
    return [step for name in shown for step in guide(name)]


def texts_of(steps):
    """Return all that the steps of a guide say."""
    return [
        text
        for step in steps
        for text in (step.says, step.watch, step.question, step.reason, *step.choices)
    ]


def exercises_of(path):
    """Return the exercises of a notebook."""
    return list(EXERCISES.get(path.stem.split("_", 1)[1], {}).values())
