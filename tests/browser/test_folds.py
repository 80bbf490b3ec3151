"""Rarely moved controls, folded behind the name of their group until they are asked for."""

import pytest

from convrnn_lab.drawing import looks
from convrnn_lab.explorer.guide import Step
from convrnn_lab.explorers import Choice, Explorer, Slider
from convrnn_lab.figures import Panel, Sheet
from tests.browser.test_page import control, linked, ready, values

pytestmark = pytest.mark.browser

STEPS = (
    Step("At the start.", {}),
    Step("With a bias.", {"size": 1, "bias": "yes"}),
)


def view(size, bias, seed, row, shade):
    """Draw one point, and say all values."""
    caption = looks.words(
        f"size {size}, bias {bias}, seed {seed}, row {{}}, shade {{}}", row, shade
    )
    return Sheet(
        [Panel(caption, [{"type": "scatter", "y": [size, seed]}])],
        title="Five controls",
        description="One point",
    )


def explorer():
    """Return an explorer with one control in sight and two groups."""
    controls = {
        "size": Slider("size", 1, 3, 1),
        "bias": Choice("bias", ["no", "yes"], "no", group="Weights"),
        "seed": Slider("seed", 0, 2, 0, group="Weights"),
        "row": Slider("row", 0, 4, 0, look=True, group="Weights"),
        "shade": Choice("shade", ["light", "dark"], "light", look=True, group="Drawing"),
    }
    return Explorer(view, controls, name="folds", guide=STEPS)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return explorer().page(tmp_path_factory.mktemp("folds") / "page.html", ["size", "bias", "seed"])


@pytest.fixture
def page(open_page, file):
    return ready(open_page(file.as_uri(), offline=True))


def seen(page):
    """Return the labels of the controls in sight."""
    return [each.inner_text() for each in page.locator(".cl-controls label > span:visible").all()]


def fold(page, name):
    return page.locator(".cl-folds .cl-tab", has_text=name)


def caption(page):
    return page.locator("figcaption").first.inner_text()


def is_open(page, name):
    return fold(page, name).get_attribute("aria-expanded") == "true"


def test_a_group_opens_and_folds_by_the_mouse(page):
    assert seen(page) == ["size"]

    fold(page, "Weights").click()
    assert is_open(page, "Weights")
    assert seen(page) == ["size", "bias", "seed", "row"]
    assert page.get_by_role("group", name="Weights").is_visible()

    fold(page, "Weights").click()
    assert not is_open(page, "Weights")
    assert seen(page) == ["size"]


def test_a_group_opens_by_the_keyboard_and_its_controls_come_next(page):
    fold(page, "Drawing").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")

    assert is_open(page, "Drawing")
    assert values(page)["shade"] == "dark"
    assert "row 0, shade 1" in caption(page)


def test_controls_of_a_group_move_the_figure(page):
    fold(page, "Weights").click()
    for name in ("seed", "row"):
        control(page, name).locator("input").press("End")

    assert "size 1, bias no, seed 2, row 4, shade 0" in caption(page)


def test_a_guide_opens_the_group_that_it_moves_and_no_other(page):
    page.get_by_role("button", name="Guide me").click()
    assert seen(page) == ["size"]

    page.get_by_role("button", name="Next step").click()

    assert "bias yes" in caption(page)
    assert is_open(page, "Weights")
    assert not is_open(page, "Drawing")


@pytest.mark.parametrize(
    ("moves", "opened"),
    [("seed=2", "Weights"), ("row=3", "Weights"), ("shade=dark", "Drawing"), ("size=2", "")],
)
def test_a_link_opens_the_group_that_it_moves(page, moves, opened):
    linked(page, f"#figure-1?size=1&bias=no&{moves}")

    assert [name for name in ("Weights", "Drawing") if is_open(page, name)] == [opened] * bool(
        opened
    )


def test_a_refused_link_opens_nothing(page):
    linked(page, "#figure-1?bias=yes&seed=9")

    assert seen(page) == ["size"]


def test_a_group_without_anything_to_move_is_not_offered(open_page, tmp_path):
    controls = {"size": Slider("size", 1, 3, 1), "seed": Slider("seed", 0, 2, 0, group="Weights")}

    def one(size, seed):
        point = Panel(f"{size} {seed}", [{"type": "scatter", "y": [size]}])
        return Sheet([point], title="Two controls", description="One point")

    path = Explorer(one, controls, name="two").page(tmp_path / "two.html", ["size"])
    page = ready(open_page(path.as_uri()))

    assert fold(page, "Weights").is_hidden()
    assert page.locator(".cl-folds").is_hidden()


def test_live_settings_are_folded_too(live_notebook):
    live = live_notebook("02_pooling", 3)
    dilation = live.control("dilation")
    assert not dilation.is_visible()

    live.unfold("More settings")
    handle = dilation.locator(".noUi-handle")
    handle.focus()
    live.page.keyboard.press("End")

    live.settled()
    assert live.values()["dilation"] == "3"
