"""A line that a reader types in a page without a kernel, read by the shipped model."""

import numpy as np
import pytest
import torch

from convrnn_lab import data, explorers, models
from tests.browser.screen import read
from tests.browser.test_page import control, ready

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_page, tmp_path):
    path = explorers.writing("def half(x):", length=150).page(
        tmp_path / "w.html", {"temperature": [0.2, 0.7]}
    )
    return ready(open_page(path.as_uri(), offline=True))


def states_after(text):
    model, _ = models.trained_sequence("characters")
    with torch.no_grad():
        return model.recurrent(data.one_hot(data.encode(text))[None])[0][0].numpy()


def problem(page):
    return page.locator(".cl-line .cl-problem").inner_text()


def press(page, **keys):
    for name, key in keys.items():
        control(page, name).locator("input").press(key)


def same_states(page, text, unit):
    state = np.ravel(read(page).trace("state")["z"]).astype(float)
    assert state[: len(text)] == pytest.approx(states_after(text)[:, unit], abs=1e-5)
    assert np.isnan(state[len(text) :]).all()


def test_the_figure_follows_a_typed_line_and_take_it_back_brings_the_text_again(page):
    before = read(page)
    text = "if a<b: # <img src=x onerror=alert(1)>"

    page.locator(".cl-typed").click()
    page.keyboard.type(text)

    same_states(page, text, 0)
    assert f"{len(text)} characters that you typed" in page.locator(".cl-title").inner_text()
    assert page.locator(".convrnn-lab img").count() == 0  # nothing typed is markup
    press(page, unit="ArrowRight", temperature="Home")
    same_states(page, text, 1)
    press(page, unit="ArrowLeft", temperature="End")

    page.get_by_role("button", name="take it back").click()
    assert read(page) == before
    assert page.locator(".cl-typed").input_value() == ""


def test_what_is_no_line_is_refused_in_a_sentence_and_the_figure_stays(page):
    field = page.locator(".cl-typed")
    field.fill("import re")
    before = read(page)

    for text, words in {
        "x" * 10_000: "A line must have 1 to 128 characters; got 10,000.",
        "café": "The model knows letters, digits and signs of ASCII only; got é.",
        "": "A line must have 1 to 128 characters; got none.",
    }.items():
        field.fill(text)
        assert (problem(page), read(page)) == (words, before)

    field.fill("import r")
    assert problem(page) == ""
    same_states(page, "import r", 0)
