"""Notebook 01 in a real JupyterLab: every control by keyboard and mouse, numbers against torch."""

import json
import shutil

import pytest
import torch
import torch.nn.functional as F

from convrnn_lab import data
from convrnn_lab.explorer import asleep
from tests.browser.conftest import JUPYTER, NOTEBOOKS, end_kernel, server
from tests.browser.live import HANDLE, PATIENCE_MS, RAIL
from tests.browser.screen import read

pytestmark = pytest.mark.browser


@pytest.fixture
def live(live_notebook):
    return live_notebook("01_convolution", 3)


def check_image(live):
    screen, shown = live.settled(), live.values()
    size, padding = int(shown["kernel size"]), shown["padding"]
    output = F.conv2d(
        data.image(shown["image"])[None, None],
        data.kernel(shown["kernel"], size)[None, None],
        stride=int(shown["stride"]),
        padding="same" if padding == "same" else int(padding),
        dilation=int(shown["dilation"]),
    )[0, 0]
    found = torch.tensor(screen.trace("output")["z"])
    torch.testing.assert_close(found, output, rtol=1e-6, atol=1e-6)
    value = output[int(shown["row"]), int(shown["column"])].item()
    assert torch.tensor(screen.trace("product")["z"]).sum().item() == pytest.approx(value, abs=1e-5)


def check_signal(live):
    screen, shown = live.settled(1), live.values(1)
    size, padding = int(shown["kernel size"]), shown["padding"]
    dilation = int(shown["dilation"])
    signal = data.signal(shown["signal"])[None, None]
    if padding == "causal":
        signal = F.pad(signal, (dilation * (size - 1), 0))
    output = F.conv1d(
        signal,
        data.kernel1d(shown["kernel"], size)[None, None],
        stride=int(shown["stride"]),
        padding={"same": "same", "causal": 0}.get(padding) if padding.isalpha() else int(padding),
        dilation=dilation,
    )[0, 0]
    found = torch.tensor(screen.trace("output")["y"])
    torch.testing.assert_close(found, output, rtol=1e-6, atol=1e-6)
    marked, position = screen.trace("value"), int(shown["position"])
    assert marked["x"] == [position * int(shown["stride"])]  # in samples of the input
    assert marked["y"][0] == pytest.approx(output[position].item(), abs=1e-6)


def test_every_control_moves_the_figure_and_the_numbers_are_those_of_torch(live):
    page = live.page
    check_image(live)
    check_signal(live)

    for explorer, check in ((0, check_image), (1, check_signal)):
        for name in live.values(explorer):
            control = live.control(name, explorer)
            before = live.values(explorer)
            if control.locator("select").count():
                control.locator("select").focus()
                page.keyboard.press("ArrowDown")
                check(live)
            else:
                handle = control.locator(HANDLE)
                handle.focus()
                page.keyboard.press("ArrowRight")
                check(live)
                page.keyboard.press("ArrowLeft")
                check(live)
                # And by mouse.
                rail = control.locator(RAIL).bounding_box()
                page.mouse.click(rail["x"] + 0.6 * rail["width"], rail["y"] + rail["height"] / 2)
                check(live)
                assert live.values(explorer)[name] != before[name]


def test_kernel_and_screen_hold_the_same_values(live):
    live.run("explorer = _3")
    handle = live.control("kernel size").locator(HANDLE)
    handle.focus()
    for _ in range(6):
        live.page.keyboard.press("ArrowRight")
    live.settled()

    assert live.values()["kernel size"] == "9"
    live.says("explorer.values['kernel_size']", "9")
    # And the other way: set in Python, seen on the screen, what depends on it too.
    live.run("explorer.controls['padding'].value = 8")
    live.settled()
    assert live.values()["padding"] == "8"
    live.run("explorer.controls['kernel_size'].value = 3")
    check_image(live)
    assert live.values()["padding"] == "2"
    live.says("explorer.values['padding']", "2")


def test_a_refusal_is_shown_in_words_and_the_figure_stays(live):
    live.run("explorer = _3")
    live.run("explorer.controls['padding'].value = 'same'")
    before = live.settled()
    live.control("stride").locator(HANDLE).focus()
    live.page.keyboard.press("ArrowRight")

    refused = live.settled()

    message = 'padding must be a number where the stride is over 1; got "same" with stride 2'
    assert refused.message == message
    assert refused.panels == before.panels
    live.says("explorer.refusal", message)
    live.page.keyboard.press("ArrowLeft")
    assert live.settled().message == ""
    check_image(live)


def test_a_killed_kernel_leaves_the_figure_and_says_so(open_live):
    live = open_live("03_receptive_fields", 1)  # whose settings the kernel computes
    layers = live.control("layers").locator(HANDLE)
    layers.press("ArrowRight")  # now it is in the table
    live.settled()
    layers.press("ArrowLeft")
    live.settled()
    live.run("import os, threading; threading.Timer(0.3, lambda: os._exit(1)).start()")
    # JupyterLab says that the kernel died, in a dialog that keeps the keyboard to itself.
    live.page.locator(".jp-Dialog .jp-mod-accept").click()
    live.page.locator(".jp-Dialog").wait_for(state="detached")

    layers.press("ArrowRight")  # drawn without the kernel
    known = live.settled()
    assert known.facts["5. conv 3"] == "size 11, stride 1, centre 5"
    for _ in range(8):
        live.control("kernel size").locator(HANDLE).press("ArrowLeft")
        live.control("layers").locator(HANDLE).press("ArrowRight")
    message = "The kernel is busy or gone; the figure shows its last answer."
    live.page.get_by_text(message).first.wait_for(state="attached")

    screen = read(live.page)
    assert screen.message == message
    assert screen.trace("effective")["z"]


def saved(live):
    """Save the notebook, and return its file."""
    live.page.evaluate("jupyterapp.commands.execute('docmanager:save')")  # waits until it is
    return live.page.evaluate(
        "fetch('/api/contents/01_convolution.ipynb').then(answer => answer.text())"
    )


def test_a_saved_notebook_stays_small_and_shows_its_last_figures_without_a_kernel(
    live, lab, open_page
):
    live.control("stride").locator(HANDLE).press("ArrowRight")
    live.settled()
    live.until(lambda: saved(live).count("data:image/webp") >= 1)

    text = saved(live)

    assert "widget-view" in text
    assert len(text) < 2 * 300_000
    assert not live.page.locator(".convrnn-lab-asleep").first.is_visible()
    content = json.loads(text)["content"]
    content["metadata"].pop("widgets", None)
    (lab.folder / "asleep.ipynb").write_text(json.dumps(content), "utf-8")
    page = open_page(f"{lab.address}/lab/workspaces/asleep/tree/asleep.ipynb?reset")
    picture = page.locator(".convrnn-lab-asleep img").first
    picture.wait_for(state="attached")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
    page.get_by_text(asleep.UNDER_PICTURE).first.wait_for(state="attached")
    end_kernel(page)


def run_all(page):
    """Run all cells once the kernel is there: before, the front end calls itself idle, too."""
    for _ in range(PATIENCE_MS // 500):
        sessions = page.evaluate("fetch('/api/sessions').then(answer => answer.json())")
        kernels = [each["kernel"] for each in sessions]
        if any(each["execution_state"] == "idle" and each["connections"] for each in kernels):
            break
        page.wait_for_timeout(500)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()


def drawn_when_seen(page, count):
    """Wait until figures are there; a front end may draw those only that come near the screen."""
    for step in range(PATIENCE_MS // 150):
        if page.locator(".convrnn-lab .cl-panels").count() >= count:
            return
        if page.locator(".jp-WindowedPanel-outer").count():
            page.locator(".jp-WindowedPanel-outer").first.hover()
            page.mouse.wheel(0, 500 if step // 20 % 2 else -500)
        page.wait_for_timeout(150)
    pytest.fail(f"{count} figures did not appear")


@pytest.mark.parametrize(
    ("module", "options", "path"),
    [
        ("notebook", JUPYTER, "notebooks/01_convolution.ipynb"),
        ("voila", ("01_convolution.ipynb", "--Voila.ip=127.0.0.1"), ""),
    ],
)
def test_other_front_ends_show_a_figure_that_follows(open_page, tmp_path, module, options, path):
    shutil.copy(NOTEBOOKS / "01_convolution.ipynb", tmp_path)

    with server(tmp_path, module, *options) as address:
        page = open_page(f"{address}/{path}")
        if module == "notebook":
            run_all(page)
        drawn_when_seen(page, 2)
        page.locator(".convrnn-lab-explorer").first.scroll_into_view_if_needed()
        page.locator(".convrnn-lab .cl-plot .cl-drawn").first.wait_for()
        page.locator(HANDLE).nth(1).press("ArrowRight")

        wanted = "⌊(64 + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1 = 31"
        page.locator(".convrnn-lab").first.get_by_text(wanted).first.wait_for()
        assert read(page).facts["Output height"] == wanted
