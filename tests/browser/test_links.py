"""A copied link brings what a reader gave: weights, a signal, a picture, a digit."""

import numpy as np
import pytest
from PIL import Image

from convrnn_lab import explorers
from tests.browser.screen import read
from tests.browser.test_given import drawn, image_page, pages, png, typed
from tests.browser.test_page import linked, ready, said, values

__all__ = ["image_page", "pages"]  # fixtures

pytestmark = pytest.mark.browser


def copied_link(page):
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Copied").wait_for()
    return page.url


def opened_again(page, open_page):
    """Copy the link of what a page shows, and open it elsewhere."""
    return ready(open_page(copied_link(page), offline=True))


def picture(page, pixels):
    page.get_by_text("Your own picture").click()
    page.locator(".cl-own input[type=file]").set_input_files([png(pixels)])
    page.get_by_text("Shown: your picture").wait_for()


def test_a_link_brings_edited_weights_and_ones_own_picture(image_page, open_page):
    typed(image_page, 1, "0.3")
    half = np.zeros((56, 56), dtype=np.uint8)
    half[:, 20:] = 255
    picture(image_page, half)

    other = opened_again(image_page, open_page)

    assert "&given.weight=3x3_-1_0.3_1_-2_0_2_-1_0_1&" in image_page.url
    assert len(image_page.url) < 1500
    here, there = read(image_page), read(other)
    assert there.code == here.code
    np.testing.assert_array_equal(there.trace("weight")["z"], here.trace("weight")["z"])
    np.testing.assert_allclose(there.trace("input")["z"], here.trace("input")["z"], atol=0.002)
    assert there.panels[0]["caption"] == here.panels[0]["caption"]
    assert other.get_by_text("Shown: your picture, reduced to 28 × 28.").count() == 1
    assert copied_link(other) == image_page.url
    other.get_by_role("button", name="reset").click()
    other.get_by_text("Your own picture").click()
    other.get_by_role("button", name="take it back").click()
    assert "given" not in copied_link(other)


def test_a_link_brings_a_drawn_signal_in_every_digit(pages, open_page):
    page = ready(open_page((pages / "signal.html").as_uri(), offline=True))
    page.get_by_role("button", name="draw").click()
    box = page.locator(".cl-plot").first.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 700, box["y"] + 90, steps=5)
    page.mouse.up()

    assert read(opened_again(page, open_page)) == read(page)
    assert len(page.url) < 3000


def test_a_link_brings_a_drawn_digit_and_what_the_model_says_of_it(pages, open_page):
    page = ready(open_page((pages / "network.html").as_uri(), offline=True))
    page.get_by_text("Your own digit").click()
    drawn(page, [(35, 25), (100, 25), (70, 110)])

    other = opened_again(page, open_page)

    for each in (page, other):
        each.get_by_role("button", name="Answer").click()
        each.locator(".cl-panel:not([hidden])").nth(3).locator("text").first.wait_for()
    here, there = read(page), read(other)
    assert there.panels[3]["caption"].startswith("The model says “7” with")
    np.testing.assert_allclose(there.trace("input")["z"], here.trace("input")["z"], atol=0.002)
    np.testing.assert_allclose(
        there.trace("probability")["y"], here.trace("probability")["y"], atol=0.01
    )


def test_a_link_says_that_a_large_picture_does_not_travel(open_page, tmp_path):
    Image.linear_gradient("L").resize((128, 128)).save(tmp_path / "mine.png")
    explorer = explorers.convolution(tmp_path / "mine.png", image_size=128)
    path = explorer.page(tmp_path / "page.html", vary=[])
    page = ready(open_page(path.as_uri()))
    typed(page, 1, "0.3")
    picture(page, np.eye(128, dtype=np.uint8))

    other = opened_again(page, open_page)

    assert said(page) == "The link has all but your picture: that is too large for a link."
    assert len(page.url) < 8000
    assert read(other).panels[0]["caption"].startswith("Input 128 × 128")
    assert read(other).trace("weight") == read(page).trace("weight")


HOSTILE = {
    "given.weight=3x3_1_2_3": "weights",
    "given.weight=2x2_1_2_3_4": "weights",
    "given.weight=3x3_1_1_1_1_NaN_1_1_1_1": "weights",
    "given.weight=3x3_1_1_1_1_1e38_1_1_1_1": "weights",
    "given.weight=%3Cimg+src=x+onerror=alert(1)%3E": "weights",
    "kernel_size=5&given.weight=3x3_1_1_1_1_1_1_1_1_1": "weights",
    "stride=2&row=1&given.image=28x28_AAAA": "a picture",
    "given.weight=3x3_1_1_1_1_1_1_1_1_1&given.image=28x28_%F0%9F%98%80": "a picture",
    "given.output=26x26_AAAA": "“output”",
    "given.__proto__=1": "“__proto__”",
    "given.=1": "“”",
}


def test_a_link_with_broken_arrays_is_refused_in_a_sentence_and_all_stays_as_given(image_page):
    page = image_page
    typed(page, 1, "0.3")
    before, screen = values(page), read(page)

    for part, what in HOSTILE.items():
        linked(page, f"#figure-1?{part}")

        assert said(page) == (
            f"The link brings {what} that this figure does not take; it stays as it is."
        )
        assert values(page) == before
        assert read(page) == screen
    linked(page, "#figure-1?given.weight=" + "1_" * 1_000_000)
    assert said(page) == (
        "The part of the link after # names no state of this page; the figure stays as it is."
    )
    assert read(page) == screen
    assert page.locator("img").count() == 0


def test_a_link_without_what_was_given_takes_it_back(image_page):
    page = image_page
    before = read(page)
    plain = copied_link(page).partition("#")[2]
    typed(page, 1, "0.3")
    page.evaluate("location.hash = 'part'")

    linked(page, f"#{plain}")

    assert read(page) == before
