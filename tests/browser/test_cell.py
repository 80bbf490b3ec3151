"""A recurrent cell in a page: clicked, stepped and with other weights."""

import pytest

from convrnn_lab import explorers
from tests.browser.screen import read

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser, tmp_path):
    explorers.cell().page(tmp_path / "cell.html", vary=[])
    opened = browser.new_page(viewport={"width": 977, "height": 768})
    faults = []
    opened.on("pageerror", lambda error: faults.append(error.stack))
    opened.goto((tmp_path / "cell.html").as_uri())
    opened.wait_for_selector(".convrnn-lab[data-ready]")
    yield opened
    opened.close()
    assert faults == []


def said(page, label):
    """Return what a control is set to."""
    return page.locator(".cl-controls label").evaluate_all(
        """(all, label) => {
          const one = all.find(each => each.firstElementChild.textContent === label);
          const control = one.querySelector('select, input');
          return control.selectedOptions?.[0].textContent ?? control.value;
        }""",
        label,
    )


def click_sign(page, place):
    """Click the sign of a gate in the diagram, from the left."""
    box = page.locator(".cl-broad .cl-drawn text").filter(has_text="σ").nth(place).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_click_on_a_gate_takes_it_apart(page):
    click_sign(page, 1)

    page.wait_for_function("document.querySelector('dt').textContent === '▶ The input gate'")
    assert said(page, "gate") == "input"

    click_sign(page, 2)

    page.wait_for_function("document.querySelector('dt').textContent === '▶ The output gate'")
    page.get_by_role("button", name="Gate and series").click()
    captions = page.locator(".cl-panel:not([hidden]) figcaption").all_text_contents()
    assert "o, the output gate: σ(W x + b_ih + W h + b_hh)" in captions
    ticks = page.locator(".cl-tabbed .cl-tick").all_text_contents()
    assert ticks[:6] == ["W x", "b_ih", "W h", "b_hh", "sum", "value"]


def test_a_click_on_the_series_and_a_step_move_the_numbers(page):
    page.get_by_role("button", name="Gate and series").click()
    box = page.locator(".cl-tabbed:not([hidden]) .cl-pick").bounding_box()

    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_selector(".cl-panels[aria-busy=false]", state="attached")

    at = int(said(page, "step"))
    assert at != 16
    assert read(page).title == explorers.cell().sheet(time=at).title
    page.get_by_role("button", name="forward ▶").click()
    assert read(page).title == explorers.cell().sheet(time=at + 1).title
    assert read(page).description == explorers.cell().sheet(time=at + 1).description
