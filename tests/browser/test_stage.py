"""The stage of every explorer in a page: it fits a laptop's screen, and its guide leads on."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import nn

from convrnn_lab import data, explorers, models
from tests.sampling import sampled
from tests.topics.network import of_digits

pytestmark = pytest.mark.browser

WIDTH = 953
"""Pixels of an explorer in JupyterLab on a laptop of 1366 × 768."""

HEIGHT = 620
CONTROLS = 8
BUDGET = 400_000
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def network():
    """Return the layers of a small network of pictures."""
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(1, 5, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        nn.Linear(125, 3),
    )
    return model, torch.rand(8, 1, 10, 10)


def errors():
    """Return the errors of a network that guesses."""
    model, images = network()
    return explorers.errors(model, images, torch.arange(8) % 3)


EXPLORERS = {
    "attributions": lambda: explorers.attributions(*network()),
    "channels": explorers.channels,
    "cell": explorers.cell,
    "convolution": explorers.convolution,
    "convolution1d": explorers.convolution1d,
    "errors": errors,
    "gates": explorers.gates,
    "gradient_through_time": explorers.gradient_through_time,
    "hidden_state": explorers.hidden_state,
    "kernel_cost": explorers.kernel_cost,
    "layer_times": explorers.layer_times,
    "layers": lambda: explorers.layers(models.trained_cnn(), data.digits().examples()),
    "network": of_digits.network,
    "pooling": explorers.pooling,
    "pooling1d": explorers.pooling1d,
    "recurrence": lambda: explorers.recurrence(nn.GRU(2, 4), torch.ones(9, 1, 2)),
    "sequence_training": lambda: explorers.sequence_training("labels"),
    "shift": explorers.shift,
    "side_by_side": explorers.side_by_side,
    "speed_up": explorers.speed_up,
    "stack": explorers.stack,
    "step_attributions": explorers.step_attributions,
    "state_over_training": explorers.state_over_training,
    "timing": explorers.timing,
    "training": lambda: explorers.training(data.digits(), epochs=1),
    "transposed_convolution": explorers.transposed_convolution,
    "writing": explorers.writing,
}


TOO_HIGH = {
    "convolution1d": 650,  # three signals, one under the other
    "gates": 640,  # gates of all units, open at first
    "training": 640,  # what the network costs, under its curves
}
"""Explorers whose stage does not fit yet, with its height, which must not grow."""

LAID = """([root, labels]) => {
  for (const label of root.querySelectorAll('.cl-controls label')) {
    if (labels.includes(label.firstElementChild.textContent)) label.hidden = false;
  }
  const all = [...root.querySelectorAll('.cl-controls label')];
  return {
    height: Math.round(root.getBoundingClientRect().height),
    width: Math.round(root.getBoundingClientRect().width),
    controls: all.filter(each => each.checkVisibility()).length,
  };
}"""

FITS = "document.documentElement.scrollWidth <= innerWidth"
"""Whether the window need not be scrolled sideways."""

FOUND = """async only => {
  const options = {resultTypes: ['violations'], ...(only && {runOnly: only})};
  const {violations} = await axe.run(document, options);
  return violations.filter(({impact}) => ['serious', 'critical'].includes(impact)).map(
    ({id, nodes}) => `${id}: ` + nodes.slice(0, 3).map(({html, any}) =>
      `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join(' | '));
}"""


@dataclass(frozen=True)
class Opened:
    """An explorer in a page, and the labels of the settings that a reader can move live."""

    page: object
    explorer: explorers.Explorer
    movable: list

    @property
    def root(self):
        return self.page.locator(".convrnn-lab[data-page]")

    def laid(self):
        """Return how high it is and how many controls it shows, all that there are live."""
        root = self.root.element_handle()
        return self.page.evaluate(LAID, [root, self.movable])


@pytest.fixture(scope="module", params=sampled(EXPLORERS, 12))
def opened(request, browser, tmp_path_factory):
    explorer = EXPLORERS[request.param]()
    path = tmp_path_factory.mktemp("stage") / f"{request.param}.html"
    explorer.page(path, vary=[], budget=BUDGET)
    context = browser.new_context(viewport={"width": WIDTH + 24, "height": 768}, offline=True)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(error.stack))
    page.goto(path.as_uri())
    page.wait_for_selector(".convrnn-lab[data-ready]")
    settings = explorer.view.settings.values()
    movable = [each.label for each in settings if len(each.offered(explorer.values) or ()) > 1]
    yield request.param, Opened(page, explorer, movable)
    context.close()
    assert faults == []


def test_a_stage_fits_a_laptop_and_shows_few_controls(opened):
    name, stage = opened

    laid = stage.laid()
    assert laid["width"] == WIDTH
    assert laid["height"] <= TOO_HIGH.get(name, HEIGHT)
    assert laid["controls"] <= CONTROLS
    assert stage.page.evaluate(FITS)


def test_nothing_is_cut_in_a_narrow_window(opened):
    _, stage = opened

    stage.page.set_viewport_size({"width": 400, "height": 768})

    stage.page.wait_for_function(FITS, timeout=5_000)
    stage.page.set_viewport_size({"width": WIDTH + 24, "height": 768})


def test_a_screen_reader_and_weak_eyes_find_their_way(opened):
    _, stage = opened
    stage.page.add_script_tag(path=AXE)

    assert stage.page.evaluate(FOUND, None) == []

    # With all groups of controls and the guide open.
    opening = stage.root.locator(".cl-folds .cl-tab:visible, .cl-button:has-text('Guide me')")
    for button in opening.all():
        button.click()
    assert stage.page.evaluate(FOUND, None) == []
    stage.page.emulate_media(color_scheme="dark")
    assert stage.page.evaluate(FOUND, ["color-contrast"]) == []
    stage.page.emulate_media(color_scheme="light")
    if stage.explorer.guide:
        stage.root.get_by_role("button", name="Try it yourself").click()


def test_a_guide_can_be_clicked_through_to_its_end(opened):
    _, stage = opened
    if not stage.explorer.guide:
        pytest.skip("it has no guide")
    guide = stage.root.locator(".cl-guided")

    stage.root.get_by_role("button", name="Guide me").click()
    for place, step in enumerate(stage.explorer.guide, 1):
        said = guide.locator(".cl-step")
        assert guide.locator(".cl-count").text_content() == (
            f"Step {place} of {len(stage.explorer.guide)}"
        )
        assert step.says in said.text_content()
        if step.question:
            guide.get_by_role("button", name=step.answer, exact=True).click()
            assert f"Yes: {step.answer}." in said.text_content()
        stage.page.wait_for_selector(".cl-panels[aria-busy=false]", state="attached")
        assert stage.root.locator(".cl-message:not(:empty)").count() == 0
        if place < len(stage.explorer.guide):
            guide.get_by_role("button", name="Next step").click()
    assert guide.get_by_role("button", name="Next step").is_disabled()
    guide.get_by_role("button", name="Try it yourself").click()
