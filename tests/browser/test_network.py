"""The whole network in a page: clicks, keys and a drawn digit."""

import numpy as np
import pytest
import torch

from convrnn_lab import data, explorers, models, trace
from tests.browser.screen import read
from tests.browser.test_given import close, drawn
from tests.browser.test_page import control, ready

pytestmark = pytest.mark.browser

CLASSES = tuple("0123456789")
CHOSEN = ("layer", "channel", "below")

AT = """(plot, [x, y]) => {
  const box = plot.getBoundingClientRect();
  const pixel = ({toValue}, value, size) => {
    const [from, to] = [0.4 * size, 0.6 * size]; // between the ends of the axis
    return from + (to - from) * (value - toValue(from)) / (toValue(to) - toValue(from));
  };
  return [box.left + pixel(plot.axes.x, x, box.width), box.top + pixel(plot.axes.y, y, box.height)];
}"""
"""Where a point of a panel's axes lies on the screen."""


def network():
    images = {name: data.image(name)[None, None] for name in ("digit 3", "digit 8")}
    return explorers.network(models.trained_cnn(), images, classes=CLASSES, draw=True)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("network") / "network.html"
    network().page(path)
    return path


@pytest.fixture
def page(path, open_page):
    return ready(open_page(path.as_uri(), offline=True))


def place(page, name):
    return control(page, name).locator("input, select").input_value()


def chosen(page):
    return [place(page, name) for name in ("layer", "channel", "row", "column", "below")]


def click(page, layer, channel):
    """Click on the middle of a map."""
    boxes = network().sheet().panels[0].click["maps"]["boxes"]
    here = next(each for each in boxes if each["value"] == layer)
    (left, top, *_), (width, height) = here["box"], here["cell"]
    down, across = divmod(channel, here["columns"])
    middle = [left + (across + 0.5) * width, top + (down + 0.5) * height]
    page.mouse.click(*seen(page).evaluate(AT, middle))


def seen(page):
    """Return the picture, on the screen."""
    picture = page.locator(".cl-tall .cl-plot")
    picture.scroll_into_view_if_needed()
    return picture


def test_a_click_chooses_layer_and_map_and_a_second_one_comes_back(page):
    click(page, 3, 17)
    assert [place(page, name) for name in CHOSEN] == ["3", "17", "0"]
    control(page, "row").locator("input").fill("6")
    here = chosen(page)
    shown = read(page)
    assert shown.title.startswith("conv2 (Conv2d): channel 17 at row 6,")
    assert shown.panels[1]["caption"] == "Window of the input, 32 maps"

    click(page, 3, 17)
    assert chosen(page) == [*here[:4], "1"]
    whole = read(page)
    assert whole.title.startswith("A network of 11 layers · it says “3”")
    assert whole.panels[1]["caption"] == "Input: channel 0"

    click(page, 3, 17)
    assert chosen(page) == here
    assert read(page).title == shown.title
    click(page, 3, 17)
    click(page, 8, 5)
    assert [place(page, name) for name in CHOSEN] == ["8", "5", "0"]


def test_arrows_go_to_the_next_layer_and_map_and_enter_comes_back(page):
    page.locator(".cl-tall .cl-plot").focus()

    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert (place(page, "layer"), place(page, "channel")) == ("1", "1")
    here = chosen(page)
    page.keyboard.press("Enter")
    assert chosen(page) == [*here[:4], "1"]
    page.keyboard.press("Enter")
    assert chosen(page) == here


def test_a_drag_over_one_map_comes_back_to_nothing(page):
    click(page, 3, 17)
    where = seen(page)
    boxes = network().sheet().panels[0].click["maps"]["boxes"]
    left, top = boxes[0]["box"][:2]

    page.mouse.move(*where.evaluate(AT, [left + 3, top + 3]))
    page.mouse.down()
    page.mouse.move(*where.evaluate(AT, [left + 9, top + 9]), steps=5)
    page.mouse.up()

    assert [place(page, name) for name in CHOSEN] == ["0", "0", "0"]


def test_all_maps_follow_a_drawn_digit_as_pytorch_says(page):
    page.get_by_text("Your own digit").click()

    ink = drawn(page, [(35, 25), (100, 25), (70, 110)])

    run = trace.layers(models.trained_cnn(), data.as_digit(ink)[None, None])
    shown = read(page)
    for label in ("dense1", "relu3", "dense2"):
        found = torch.tensor(np.array(shown.trace(f"maps of {label}")["z"], dtype=float)).flatten()
        wanted = run[label].output[0]
        close(found[: len(wanted)].tolist(), wanted)
    shares = torch.softmax(run.output[0], 0)
    assert shown.title.endswith(f"it says “7” with {100 * shares[7]:.1f} %")
    first = np.array(shown.trace("maps of conv1")["z"], dtype=float)
    close(first[:26, :26].tolist(), run["conv1"].output[0, 0])
