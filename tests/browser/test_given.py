"""What a reader gives in a page without a kernel: weights, a picture, a digit."""

import io
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from convrnn_lab import data, explorers, models, trace
from tests.browser.screen import read
from tests.browser.test_page import control, ready, values

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    few = {"kernel": ["Sobel x", "box"], "kernel_size": [3, 5], "stride": [1, 2]}
    explorers.convolution("digit 3").page(folder / "image.html", few)
    explorers.convolution1d().page(folder / "signal.html", {"stride": [1, 2]})
    examples = {name: data.image(name)[None, None] for name in ("digit 3", "digit 8")}
    network = explorers.layers(
        models.trained_cnn(), examples, classes=tuple("0123456789"), draw=True
    )
    network.page(folder / "network.html")
    states = explorers.hidden_state(cell="GRU", length=16, hidden_size=3)
    states.page(folder / "states.html", {"cell": ["GRU"]})
    return folder


@pytest.fixture
def image_page(pages, open_page):
    return ready(open_page((pages / "image.html").as_uri(), offline=True))


def cells(page):
    return page.locator(".cl-weights input")


def typed(page, cell, text):
    cells(page).nth(cell).click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def problem(page):
    return page.locator(".cl-edit .cl-problem").inner_text()


def close(found, wanted):
    torch.testing.assert_close(
        torch.tensor(found, dtype=torch.float32), wanted, rtol=1e-5, atol=1e-5
    )


SOBEL = [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]


def convolved(kernel, image="digit 3", **options):
    return F.conv2d(data.image(image)[None, None], torch.tensor(kernel)[None, None], **options)[
        0, 0
    ]


def test_all_of_the_figure_follows_a_typed_weight_and_reset_brings_the_kernel_back(image_page):
    page = image_page
    before = read(page)

    typed(page, 1, "0.3")

    wanted = convolved([[-1.0, 0.3, 1.0], *SOBEL[1:]])
    screen = read(page)
    close(screen.trace("output")["z"], wanted)
    close(screen.trace("weight")["z"], torch.tensor([[-1.0, 0.3, 1.0], *SOBEL[1:]]))
    row, column = int(values(page)["row"]), int(values(page)["column"])
    value = wanted[row, column].item()
    assert np.sum(screen.trace("product")["z"]) == pytest.approx(value, abs=1e-5)
    said = re.search(r"bias 0 = (\S+)", screen.panels[4]["caption"])[1].replace("−", "-")
    assert float(said) == pytest.approx(value, abs=0.006)
    assert f"{said.replace('-', '−')}." in screen.description
    assert "torch.tensor([[-1.0, 0.3, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])" in screen.code
    high = page.locator(".cl-scale").nth(1).inner_text()
    assert high.endswith(f"{wanted.abs().max():.3g}")

    page.get_by_role("button", name="reset").click()
    assert read(page) == before
    assert page.get_by_role("button", name="reset").count() == 0


def test_a_weight_follows_the_wheel_the_hand_and_the_keys(image_page):
    page = image_page
    cell = cells(page).nth(4)
    middle = cell.bounding_box()
    x, y = middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2

    cell.click()
    page.mouse.wheel(0, -100)
    page.mouse.wheel(0, -100)
    assert cell.input_value() == "0.2"
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 32, steps=4)
    page.mouse.up()
    assert cell.input_value() == "−0.3"
    page.keyboard.press("PageUp")
    assert cell.input_value() == "−0.2"
    for key in ("ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    page.keyboard.type("7")
    page.keyboard.press("Tab")

    close(
        read(page).trace("output")["z"],
        convolved([[7.0, 0.0, 1.0], [-2.0, -0.2, 2.0], SOBEL[2]]),
    )


@pytest.mark.parametrize(
    ("text", "got"), [("NaN", "NaN"), ("1e38", "1e38"), ("", "nothing"), ("<b>x</b>", "<b>x</b>")]
)
def test_what_is_no_weight_is_refused_in_one_sentence_and_the_last_figure_stays(
    image_page, text, got
):
    page = image_page
    typed(page, 0, "3")
    before = read(page)

    cells(page).nth(1).click()
    page.keyboard.press("Delete")
    page.keyboard.type(text)
    page.keyboard.press("Enter")

    assert problem(page) == f"A weight must be a number between −1e38 and 1e38; got {got}."
    assert read(page) == before
    assert cells(page).nth(1).input_value() == "0"
    typed(page, 1, "2")
    assert problem(page) == ""


def test_sums_that_are_too_large_are_infinite(image_page):
    typed(image_page, 1, "9e37")
    typed(image_page, 4, "9e37")
    typed(image_page, 7, "9e37")
    typed(image_page, 5, "9e37")
    typed(image_page, 8, "9e37")

    screen = read(image_page)
    assert "= ∞" in screen.panels[4]["caption"]
    assert "to ∞;" in screen.description


def test_another_kernel_takes_the_edit_back_and_another_stride_keeps_it(image_page):
    page = image_page
    typed(page, 0, "5")
    edited = [[5.0, 0.0, 1.0], *SOBEL[1:]]

    control(page, "stride").locator("input").press("ArrowRight")
    close(read(page).trace("output")["z"], convolved(edited, stride=2))
    control(page, "kernel").locator("select").select_option("box")
    close(read(page).trace("output")["z"], convolved(np.full((3, 3), 1 / 9).tolist(), stride=2))
    control(page, "kernel").locator("select").select_option("Sobel x")
    close(read(page).trace("output")["z"], convolved(SOBEL, stride=2))
    typed(page, 0, "5")
    control(page, "kernel size").locator("input").press("ArrowRight")
    assert cells(page).count() == 16
    assert page.get_by_role("button", name="reset").count() == 0


def test_the_kernel_of_a_signal_can_be_edited(pages, open_page):
    page = ready(open_page((pages / "signal.html").as_uri(), offline=True))

    typed(page, 2, "-1,5")

    weight = data.kernel1d("Gaussian", 5)
    weight[2] = -1.5
    wanted = F.conv1d(data.signal("ECG")[None, None], weight[None, None])[0, 0]
    screen = read(page)
    close(screen.trace("output")["y"], wanted)
    close(screen.trace("weight")["y"], weight)
    assert "torch.tensor([0.054488685, 0.24420135, -1.5, " in screen.code


def test_a_signal_is_drawn_with_the_pen_and_convolved(pages, open_page):
    page = ready(open_page((pages / "signal.html").as_uri(), offline=True))
    before = read(page)
    page.get_by_role("button", name="draw").click()
    box = page.locator(".cl-plot").first.bounding_box()
    y = box["y"] + 60

    page.mouse.move(box["x"] + 200, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 700, y, steps=5)
    page.mouse.up()

    screen = read(page)
    signal = torch.tensor(screen.trace("input")["y"])
    assert screen.panels[0]["caption"] == "Your signal, 96 samples"
    changed = (signal != data.signal("ECG")).nonzero()
    assert changed[-1] - changed[0] > 30
    assert signal[changed].std() < 1e-6
    wanted = F.conv1d(signal[None, None], data.kernel1d("Gaussian", 5)[None, None])[0, 0]
    close(screen.trace("output")["y"], wanted)
    assert "samples = torch.tensor([" in screen.code
    assert values(page)["position"] == re.search(r"position (\d+)", before.description)[1]
    page.get_by_role("button", name="take it back").click()
    assert read(page) == before


def png(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return {"name": "own.png", "mimeType": "image/png", "buffer": stream.getvalue()}


def test_ones_own_picture_is_reduced_named_and_convolved(image_page):
    page = image_page
    before = read(page)
    half = np.zeros((280, 280), dtype=np.uint8)
    half[:, 140:] = 255
    page.get_by_text("Your own picture").click()

    page.locator(".cl-own input[type=file]").set_input_files([png(half)])
    page.get_by_text("Shown: your picture, reduced to 28 × 28.").wait_for()

    screen = read(page)
    picture = torch.tensor(screen.trace("input")["z"], dtype=torch.float32)
    assert screen.panels[0]["caption"].startswith("Your picture 28 × 28")
    assert picture[:, :13].max() < 0.1
    assert picture[:, 15:].min() > 0.9
    wanted = F.conv2d(picture[None, None], torch.tensor(SOBEL)[None, None])[0, 0]
    close(screen.trace("output")["z"], wanted)
    assert 'pixels = data.image("picture.png")' in screen.code
    typed(page, 1, "1")
    close(
        read(page).trace("output")["z"],
        F.conv2d(picture[None, None], torch.tensor([[-1.0, 1.0, 1.0], *SOBEL[1:]])[None, None])[
            0, 0
        ],
    )
    page.get_by_role("button", name="reset").click()
    page.get_by_role("button", name="take it back").click()
    assert read(page) == before


def drawn(page, points):
    """Draw a line through points of the field, and return its ink from 0 to 1."""
    box = page.locator(".cl-pad").bounding_box()
    (left, top), *rest = [(box["x"] + x, box["y"] + y) for x, y in points]
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y, steps=10)
    page.mouse.up()
    red = page.evaluate(
        """() => { const pad = document.querySelector('.cl-pad');
        return Array.from(pad.getContext('2d').getImageData(0, 0, pad.width, pad.height).data)
            .filter((_, index) => index % 4 === 0); }"""
    )
    side = int(len(red) ** 0.5)
    return 1 - np.array(red, dtype=np.float32).reshape(side, side) / 255


def test_maps_and_prediction_follow_a_drawn_digit_as_pytorch_says(pages, open_page):
    page = ready(open_page((pages / "network.html").as_uri(), offline=True))
    page.get_by_text("Your own digit").click()

    ink = drawn(page, [(35, 25), (100, 25), (70, 110)])
    page.get_by_role("button", name="Answer").click()

    digit = data.as_digit(ink)
    model = models.trained_cnn()
    run = trace.layers(model, digit[None, None])
    shares = torch.softmax(run.output[0], 0)
    screen = read(page)
    np.testing.assert_allclose(screen.trace("input")["z"], digit, atol=1e-6)
    close(screen.trace("probability")["y"], shares)
    said = f"The model says “{int(shares.argmax())}” with"
    assert screen.panels[3]["caption"].startswith(said)
    assert screen.panels[0]["caption"].startswith("Your digit, as the model takes it")
    assert screen.code == ""
    assert int(shares.argmax()) == 7
    for label in ("conv1", "pool1", "conv2"):
        control(page, "layer").locator("input").fill(str(run.labels.index(label)))
        close(read(page).trace("map")["z"], run[label].output[0, 0])
    control(page, "layer").locator("input").fill(str(run.labels.index("dense1")))
    close(read(page).trace("units")["y"], run["dense1"].output[0])
    page.get_by_role("button", name="take it back").click()
    assert page.locator(".cl-own [role=status]").all_inner_texts()[-1] == ""


def test_the_states_follow_a_typed_weight_of_another_unit_too(pages, open_page):
    page = ready(open_page((pages / "states.html").as_uri(), offline=True))
    layer = models.recurrent("GRU", input_size=1, hidden_size=3)
    steps = data.series("sine", length=16)[:, None]

    for key in ("unit", "unit"):
        control(page, key).press("ArrowRight")
    page.get_by_role("button", name="Weights").click()
    page.get_by_label("weight n, h1").fill("2.5")

    layer.weight_hh_l0.data[8, 1] = 2.5
    hidden = trace.recurrence(layer, steps).hidden[0, 0, :, 0].T
    screen = read(page)
    close(screen.trace("hidden")["z"], hidden)
    assert "layer.weight_hh_l0.data[8, 1] = 2.5" in screen.code
    page.get_by_label("weight r, x").fill("NaN")
    page.keyboard.press("Enter")
    assert problem(page) == "A weight must be a number between −1e38 and 1e38; got NaN."
    close(read(page).trace("hidden")["z"], hidden)
