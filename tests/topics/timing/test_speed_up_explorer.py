import pytest

from convrnn_lab import explorers, measure
from tests.helpers import refused
from tests.stored import fill
from tests.topics.timing.test_explorer import facts, traces

FAST = [name for name, switch in measure.SWITCHES.items() if not switch.slow]


@pytest.fixture
def explorer():
    made = explorers.speed_up(switch="scan")
    size = made.values["length"], made.values["channels"]
    for side, taken in (("before", 8e-3), ("after", 2e-3)):
        sides = [getattr(switch, side)(*size) for switch in measure.SWITCHES.values()]
        fill(made.store, sides, cost=lambda _, taken=taken: taken)
    made.refresh()
    return made


def test_what_is_drawn_is_the_time_before_by_the_time_after(explorer):
    figure = explorer.view(**explorer.values)

    bars = traces(figure, 0)["times as fast"]
    speeds = dict(zip(bars["y"], bars["customdata"], strict=True))
    assert list(speeds) == list(measure.SWITCHES)
    assert speeds["scan"] == pytest.approx(4)
    assert bars["x"] == pytest.approx([speed - 1 for speed in speeds.values()])
    assert figure.title == "scan: 4 times as fast (95 %: 4 to 4)"


def test_a_batch_is_compared_for_the_same_work(explorer):
    """2 ms for 16 sequences against 8 ms for each of them."""
    figure = explorer.view(**explorer.values | {"switch": "larger batch"})

    assert figure.title.startswith("larger batch: 64 times as fast")
    assert facts(figure)["After"] == "125 µs; 7 operations a call"
    assert traces(figure, 1)["after"]["y"] == pytest.approx([0.125] * 5)
    assert facts(figure)["The counts predict"] == "1 times as fast"


def test_every_setting_is_drawn_measured_or_not(explorer, no_reference):
    for values in explorer.view.combinations():
        assert explorer.view.state(values).content is not None
    figure = explorers.speed_up(switch="FFT").sheet()
    assert figure.title == "FFT: not measured yet"


def test_what_compiles_is_measured_only_where_it_is_looked_at():
    explorer = explorers.speed_up()

    usual = explorer.settings(explorer.values)
    asked = explorer.settings(explorer.values | {"switch": "torch.compile"})

    assert len(usual) == 2 * len(FAST)
    assert [each.layer for each in asked if each not in usual] == ["LSTM loop compiled"]


def test_where_only_one_side_is_measured_nothing_says_that_it_is():
    explorer = explorers.speed_up(switch="torch.compile")
    before = measure.SWITCHES["torch.compile"].before
    fill(explorer.store, [before(*map(explorer.values.get, ("length", "channels")))])

    figure = explorer.view(**explorer.values)

    assert figure.title == "torch.compile: not measured yet"
    assert facts(figure)["Measured"] == "not yet"


def test_why_one_was_not_measured_is_said():
    explorer = explorers.speed_up(switch="bfloat16", channels=64)
    setting = measure.canonical_setting(measure.SWITCHES["bfloat16"].after(256, 64))
    explorer.refusals[setting] = "call must run; got RuntimeError: not here"

    said = facts(explorer.view(**explorer.values))

    assert said["Not measured"] == "call must run; got RuntimeError: not here"


def test_an_unknown_switch_is_refused():
    with refused(f"switch must be one of {', '.join(measure.SWITCHES)}; got 'luck'"):
        explorers.speed_up(switch="luck")
