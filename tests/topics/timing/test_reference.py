"""What figures show until the reader has measured: a reference machine, and that it is one."""

import re

import pytest
from torch import nn

from convrnn_lab import explorers, measure
from convrnn_lab.measure.reference import reference
from convrnn_lab.measure.stored_layers import ModelKey
from convrnn_lab.topics.timing import guides
from convrnn_lab.topics.timing.take_reference import explorers as with_reference, shown
from tests.sampling import sampled
from tests.stored import fill, fill_layers
from tests.topics.timing.test_explorer import facts

EACH = [explorers.timing, explorers.kernel_cost, explorers.speed_up, explorers.layer_times]
MARK = "(reference machine)"


def own(explorer):
    """Give the reader's store what the present setting needs."""
    if explorer.settings(explorer.values):
        fill(explorer.store, explorer.settings(explorer.values))
        explorer.refresh()
    else:
        fill_layers(explorer, [explorer.values["model"]])


@pytest.mark.parametrize("make", EACH)
def test_a_reference_machine_is_drawn_and_marked_until_the_reader_measures(make):
    explorer = make()
    sheet = explorer.sheet()
    said = facts(sheet)

    assert sheet.title.endswith(MARK)
    assert MARK in sheet.description
    assert sum("(reference)" in panel.title for panel in sheet.panels) >= 2
    assert all(panel.traces for panel in sheet.panels)
    here, date = str(reference().here), next(reference().items())[1].date[:10]
    where = f"{here}, 1 thread, {date}, time of the processor"
    assert said["Measured on a reference machine"] == where
    assert said["Your machine"] == "not measured yet; press Measure in a notebook"
    words = " ".join([sheet.title, sheet.description, *said, *said.values()])
    assert not re.search(r"\bnan\b|\bNone\b", words)


@pytest.mark.parametrize("make", EACH)
def test_the_reader_s_own_measurements_take_its_place(make):
    explorer = make()

    own(explorer)
    sheet = explorer.sheet()

    told = [sheet.title, sheet.description, *map(str, facts(sheet).items())]
    assert "reference" not in " ".join(told + [panel.title for panel in sheet.panels])
    assert facts(sheet)["Machine"] == str(measure.machine())


def test_one_figure_never_shows_two_machines():
    """A single measurement of the reader's leaves the rest of its figure unmeasured."""
    explorer = explorers.timing()
    only = measure.Setting("LSTM", length=64)
    fill(explorer.store, [only], cost=lambda _: 7.0)

    sheet = explorer.sheet()

    drawn = {each["name"]: list(each["y"]) for each in sheet.panels[0].traces}
    assert {name for name, y in drawn.items() if y} == {"LSTM"}
    assert drawn["LSTM"] == [7.0]
    assert "not measured yet" in sheet.title
    # Another figure of the same explorer has none of the reader's, and shows the reference.
    assert explorer.sheet(channels=8).title.endswith(MARK)


def test_numbers_in_python_are_those_of_this_machine_alone():
    explorer = explorers.timing()

    assert explorer.median_s is None
    assert set(explorer.table()["verdict"]) == {"not measured yet"}
    assert explorers.layer_times().found("CNN for digits", 16) is None
    assert len(explorer.frame()) == 0


def test_measuring_is_not_left_out_for_what_the_reference_has():
    explorer = explorers.layer_times(batch=1)

    explorer.run()

    assert facts(explorer.sheet())["Machine"] == str(measure.machine())


def test_where_the_reference_has_nothing_words_stand_in_place_of_a_blank():
    sheet = explorers.timing(channels=128, batch=64).sheet()

    assert sheet.title == "forward, 256 steps: not measured yet; the counts are there"
    assert sheet.panels[0].title == "Seconds a call: not measured yet at this setting"
    assert facts(sheet)["Measured"] == "not yet"


def test_every_setting_of_pages_and_reports_is_in_the_reference():
    for explorer in with_reference(measure.Store()):
        one = [each for each in shown(explorer) if each.get("threads", 1) == 1]
        for values in sampled(one, 12):
            sheet = explorer.sheet(**values)
            assert any("(reference)" in panel.title for panel in sheet.panels), values


def test_what_runs_on_all_cores_has_no_reference_and_says_so():
    sheet = explorers.speed_up(switch="more threads").sheet()

    assert sheet.title == "more threads: not measured yet"
    assert sheet.panels[1].title == "more threads: not measured yet"
    assert "more threads" not in sheet.panels[0].traces[0]["y"]


def test_a_layer_of_one_s_own_stands_beside_the_reference_only_until_it_is_measured():
    explorer = explorers.timing(own=nn.Conv1d(16, 16, 3), layer="own", other="Conv1d")
    explorer._budget_s = 1e-3

    assert "not measured yet" in explorer.sheet().title
    assert "(reference)" in explorer.sheet().panels[0].title
    fill(explorer.store, explorer.settings(explorer.values))
    explorer.run()

    assert "(reference)" not in explorer.sheet().panels[0].title


def median(layer, **options):
    found = reference().get(
        measure.key(measure.canonical_setting(measure.Setting(layer, **options)))
    )
    return found.timing.median_s


def test_the_guides_hold_on_the_reference_machine():
    # Fewer multiply-adds, and more time.
    assert guides.LENGTH[-1].answer == "not always"
    assert median("GRU") > median("LSTM")
    assert median("LSTM loop") > 2 * median("LSTM")
    # Over an image the lines of seconds cross, as the last step tells to look for.
    said = facts(explorers.kernel_cost().sheet())
    assert "they cross near" in said["Conv2d against FFT conv 2d"]
    # A packed batch is not faster by what its counts predict.
    packed, padded = (median(f"LSTM {each}", batch=16) for each in ("packed", "padded"))
    assert guides.SWITCH[-1].answer == "no"
    assert packed > 0.6 * padded
    # A pool without a multiply-add takes time.
    rows = explorers.layer_times()._drawn(ModelKey("CNN for digits", 16))[0]
    assert rows.shares("pool1").both > 0.01
