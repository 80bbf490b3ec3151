"""The glossary: each word is explained where a reader first needs it, and not used before."""

import re
from pathlib import Path

import pytest

from convrnn_lab import reports
from tests import prose

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs" / "glossary.md"
NOTEBOOKS = list(reports.shipped().values())
NAMES = [path.stem for path in NOTEBOOKS]
CELL = "words"
"""The cell of 00 that has the glossary."""

ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| \[(\w+)\]\(\.\./notebooks/(\w+)\.ipynb\) \|$", re.M)
TERMS = {
    term: (meaning, name) for term, meaning, _, name in ROW.findall(GLOSSARY.read_text("utf-8"))
}

FORMS = {
    "convolution": r"convolution(?:s|al)?",
    "pooling": r"pool(?:s|ing)?",
    "training": r"train(?:s|ed|ing)?",
}
"""Words whose other forms are no plural."""

COMMON = {"that", "this", "them", "with", "which", "what", "where", "from", "into", "than", "said"}
"""Words of a meaning that say nothing about it, beside the short ones."""

SHARED = 2
"""How many words a meaning and the notebook's explanation have in common, at least."""


def pattern(term):
    """Return a pattern for a term in a text, alone or in the plural."""
    plain = re.escape(term).replace(r"\ ", r"\s")
    return rf"(?<![\w-]){FORMS.get(term, plain + '(?:s|es)?')}(?!\w)"


def blocks_of(name):
    """Return a notebook's paragraphs, without what leads to other notebooks."""
    sources = prose.markdown_of(NOTEBOOKS[NAMES.index(name)], {CELL})
    text = "\n\n".join(sources)
    return prose.paragraphs(re.sub(r"\[[^\]]*\]\([^)]*\)", "", text))


def telling(text):
    """Return the beginnings of the words that tell what something is."""
    found = re.findall(r"[a-z]{4,}", text.lower())
    return {word[:5] for word in found if word not in COMMON}


def explanations(term, name):
    """Return the paragraphs of a notebook that set a term off, in italics or bold."""
    set_off = re.compile(rf"\*{pattern(term)}[.:]?\*", re.IGNORECASE)
    return [block for block in blocks_of(name) if set_off.search(block)]


def used_early(name, text):
    """Return the words of a text in a notebook that only a later one explains."""
    here = NAMES.index(name)
    later = [term for term, (_, home) in TERMS.items() if NAMES.index(home) > here]
    return [term for term in later if re.search(pattern(term), text, re.IGNORECASE)]


def test_the_glossary_is_in_order_and_each_word_has_its_notebook():
    rows = ROW.findall(GLOSSARY.read_text("utf-8"))
    lines = [line for line in GLOSSARY.read_text("utf-8").splitlines() if line.startswith("| ")]

    assert len(rows) == len(lines) - 2 == len(TERMS) >= 50
    assert list(TERMS) == sorted(TERMS, key=str.lower)
    assert [label for _, _, label, name in rows if label != name.split("_")[0]] == []
    assert {name for *_, name in rows} <= set(NAMES)


@pytest.mark.parametrize("term", TERMS)
def test_a_word_is_said_in_one_short_sentence_without_itself(term):
    meaning, _ = TERMS[term]

    (sentence,) = prose.sentences(meaning)

    assert len(prose.words(sentence)) <= 30
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert not re.search(pattern(term), sentence, re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_no_notebook_uses_a_word_that_only_a_later_one_explains(name):
    assert used_early(name, " ".join(blocks_of(name))) == []


@pytest.mark.parametrize("path", NOTEBOOKS[1:], ids=NAMES[1:])
def test_no_guide_and_no_exercise_does_either(path):
    asked = [each.question for each in prose.exercises_of(path)]
    text = " ".join([*asked, *prose.texts_of(prose.guides_of(path))])

    assert text
    assert used_early(path.stem, text) == []


@pytest.mark.parametrize("term", TERMS)
def test_the_notebook_that_a_word_is_said_to_come_from_explains_it(term):
    meaning, name = TERMS[term]
    told = telling(meaning) - telling(term)

    shared = [told & telling(block) for block in explanations(term, name)]

    assert max(map(len, shared), default=0) >= min(SHARED, len(told)), (term, name, told)


def test_a_word_before_its_notebook_is_found(monkeypatch):
    monkeypatch.setitem(TERMS, "window", ("", "07_timing"))

    assert used_early("06_gates", "Two windows.") == ["window"]
    assert used_early("07_timing", "Two windows.") == []


def test_the_first_notebook_has_the_glossary_folded():
    (cell,) = [each for each in prose.markdown_of(NOTEBOOKS[0]) if "<summary>Glossary<" in each]
    rows = re.findall(r"^\|.*\|$", GLOSSARY.read_text("utf-8"), re.MULTILINE)

    # A page and a copied folder have the notebooks beside each other.
    assert "\n".join(rows).replace("](../notebooks/", "](") in cell


def test_the_readme_leads_to_the_glossary():
    assert "(docs/glossary.md)" in (ROOT / "README.md").read_text("utf-8")
