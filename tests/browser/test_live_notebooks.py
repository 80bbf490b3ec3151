"""Notebooks 02 to 07 in a real JupyterLab: every control, the button, and the field to draw in."""

import re

import numpy as np
import pytest

from convrnn_lab import data
from tests.browser.live import HANDLE
from tests.browser.screen import read
from tests.browser.views import EXPLORERS, same_as_view
from tests.sampling import sampled

pytestmark = pytest.mark.browser


def check(live, index, explorer, names=None):
    screen = live.settled(index)
    if not screen.message:  # a refused setting leaves the last figure
        same_as_view(screen, explorer, live.values(index), names)


def check_every_control(live, index, explorer, names=None):
    """Move every control by keyboard by one step; in `make test`, some of them."""
    check(live, index, explorer, names)
    live.unfold_controls(index)
    for label in sampled(list(live.values(index)), 5):
        control = live.control(label, index)
        if control.locator("[disabled]").count():
            continue  # it means nothing here
        before = live.values(index)[label]
        if control.locator("select").count():
            options = control.locator("select option").count()
            control.locator("select").focus()
            at_end = control.locator("option").last.text_content().replace("\xa0", " ") == before
            live.page.keyboard.press("ArrowUp" if at_end else "ArrowDown")
        else:
            options = 2
            handle = control.locator(HANDLE)
            ours = handle.get_attribute("type") == "range"
            assert ours or handle.get_attribute("aria-label") == label
            low, high = (
                handle.get_attribute(end if ours else f"aria-value{end}") for end in ("min", "max")
            )
            if low == high:
                continue  # this control has nothing to offer here
            handle.focus()
            now = handle.input_value() if ours else handle.get_attribute("aria-valuenow")
            live.page.keyboard.press("ArrowLeft" if now == high else "ArrowRight")
        check(live, index, explorer, names)
        if options > 1:
            assert live.values(index)[label] != before


@pytest.mark.parametrize(
    "name",
    [
        "02_pooling",
        "03_receptive_fields",
        "05_hidden_state",
        "05b_memory",
        "06_gates",
        "06b_learning",
        "06c_which_inputs",
        "07_timing",
        "07b_layers",
    ],
)
def test_every_control_of_a_notebook_draws_what_its_view_does(live_notebook, name):
    made = EXPLORERS[name]()
    live = live_notebook(name, len(made))

    for index, (explorer, names) in enumerate(made):
        check_every_control(live, index, explorer, names)


@pytest.fixture
def cnn(live_notebook):
    return live_notebook("04_cnn", 3)


def test_every_control_of_the_network_notebook_draws_what_its_view_does(cnn):
    for index, (explorer, names) in enumerate(EXPLORERS["04_cnn"]()):
        check_every_control(cnn, index, explorer, names)


@pytest.fixture
def which_pixels(live_notebook):
    return live_notebook("04b_which_pixels", 3)


def test_every_control_of_the_notebook_of_pixels_draws_what_its_view_does(which_pixels):
    for index, (explorer, names) in enumerate(EXPLORERS["04b_which_pixels"]()):
        check_every_control(which_pixels, index, explorer, names)


def test_training_is_started_watched_and_stopped_by_a_button(open_live):
    cnn = open_live("04_cnn", 3)
    cnn.control("epochs").locator(".noUi-handle").press("End")
    cnn.control("filters").locator(".noUi-handle").press("Home")
    cnn.settled()
    job = cnn.page.locator(".cl-job").first
    assert read(cnn.page).facts["Training"] == "none yet: press Train in a live notebook"

    job.get_by_role("button", name="Train").click()
    job.get_by_text("epoch 2 of 15").wait_for()
    during = read(cnn.page)
    # The sliders answer while it trains.
    cnn.control("kernel size").locator(".noUi-handle").press("ArrowRight")
    code = cnn.page.get_by_text("models.cnn(filters=(8, 16), kernel_size=4)")
    code.wait_for(state="attached")  # folded away
    cnn.control("kernel size").locator(".noUi-handle").press("ArrowLeft")
    job.get_by_role("button", name="Stop").click()
    job.get_by_role("button", name="Train").wait_for()

    screen = cnn.settled()
    assert during.facts["Training"].startswith("running")
    assert len(during.trace("batch_loss")["y"]) > 50
    assert screen.facts["Training"].startswith("stopped")
    assert len(screen.trace("batch_loss")["y"]) >= len(during.trace("batch_loss")["y"])
    assert float(screen.facts["Test accuracy"].split()[-2]) > 50


def test_a_digit_that_is_drawn_goes_through_the_network(cnn):
    cnn.stroke(
        cnn.page.locator(".convrnn-lab").nth(2).locator(".cl-pad"),
        {"x": 70, "y": 25},
        {"x": 70, "y": 115},
    )
    cnn.until(lambda: cnn.values(2)["input"] == "your drawing")
    cnn.unfold("Answer", 2)

    screen = cnn.settled(2)

    assert cnn.values(2)["input"] == "your drawing"
    seen = np.array(screen.trace("input")["z"])
    rows, columns = (seen > 0.5).nonzero()
    assert np.ptp(rows) > 15  # an upright stroke, as tall as MNIST's digits
    assert np.ptp(columns) < 5
    assert int(np.argmax(screen.trace("probability")["y"])) == 1


def test_a_picture_that_is_loaded_goes_through_the_network(cnn, tmp_path):
    from PIL import Image

    pixels = data.digits().examples()["digit 7"][0, 0].numpy()
    Image.fromarray((255 * (1 - pixels)).astype("uint8")).resize((300, 300)).save(
        tmp_path / "seven.png"
    )
    cnn.page.locator(".convrnn-lab").nth(2).locator(".cl-draw input").set_input_files(
        tmp_path / "seven.png"
    )
    cnn.until(lambda: cnn.values(2)["input"] == "your drawing")
    cnn.unfold("Answer", 2)

    screen = cnn.settled(2)

    assert int(np.argmax(screen.trace("probability")["y"])) == 7
    (tmp_path / "text.png").write_text("no picture")
    cnn.page.locator(".convrnn-lab").nth(2).locator(".cl-draw input").set_input_files(
        tmp_path / "text.png"
    )
    cnn.page.get_by_text("text.png is no picture that the browser can read").wait_for()


def test_a_click_into_the_confusion_matrix_chooses_its_cell(which_pixels):
    matrix = which_pixels.page.locator(".convrnn-lab").nth(1).locator(".cl-area").first
    box = matrix.bounding_box()
    place = {"x": 8.5 / 10 * box["width"], "y": 2.5 / 10 * box["height"]}
    matrix.hover(position=place)
    matrix.click(position=place)

    screen = which_pixels.settled(1)
    values = which_pixels.values(1)

    assert (values["true class"], values["predicted"]) == ("2", "8")
    assert "of “2” taken for “8”" in screen.facts["This cell"]


def test_a_setting_that_meant_nothing_is_there_again_when_its_kind_comes(live_notebook):
    live = live_notebook("02_pooling", 3)
    kinds = live.control("kind").locator("select")

    kinds.select_option("Lp")
    live.settled()
    assert live.values()["power p"] == "2"
    kinds.select_option("adaptive average")
    screen = live.settled()

    assert live.values()["output size"] == "4"
    assert "4 × 4 out" in screen.title
    live.control("power p").locator(".noUi-target[disabled]").wait_for()


def test_a_click_on_a_small_picture_chooses_its_channel(cnn):
    panel = cnn.page.locator(".convrnn-lab").nth(2).locator(".cl-panel").nth(1)
    sheet = panel.locator(".cl-area")
    box = sheet.bounding_box()
    # The sheet has 6 columns and 6 rows; this is the fourth picture of the second row.
    place = {"x": 3.5 / 6 * box["width"], "y": 1.5 / 6 * box["height"]}
    sheet.hover(position=place)
    sheet.click(position=place)

    cnn.settled(2)

    assert cnn.values(2)["channel"] == "9"


def test_measuring_is_started_watched_stopped_and_kept(open_live):
    live = open_live("07b_layers", 3)
    job = live.page.locator(".cl-job").nth(1)  # of what makes it faster
    assert read(live.page, 1).title.endswith("(reference machine)")

    job.get_by_role("button", name="Measure").click()
    # Its title says so as soon as both sides of the switch are measured, of many.
    found = live.page.locator(".convrnn-lab").nth(1).locator(".cl-title")
    found.filter(has_text=re.compile("times as fast(?!.*reference)")).wait_for()
    job.get_by_role("button", name="Stop").click()
    job.get_by_role("button", name="Measure").wait_for()

    screen = live.settled(1)
    assert "times as fast" in screen.title
    assert len(screen.trace("times as fast")["y"]) >= 1
    kept = int(live.run("print(len(kept))"))
    assert kept == int(live.run("print(len(measure.Store(store)))")) >= 4
    # The other explorers share the store, and draw what is in it.
    live.says("own.curve('x', (256,), [measure.Setting('LSTM')]).known != []", "True")
