import dataclasses
import re

import pytest

from convrnn_lab import explorers, figures, measure
from convrnn_lab.drawing import looks
from convrnn_lab.topics.timing.explorer import BATCHES, KERNEL_SIZES, LENGTHS
from tests.helpers import refused
from tests.sampling import sampled
from tests.stored import fill


def facts(figure):
    return dict(figure.facts)


def traces(figure, panel):
    marks = ("", " multiply-adds", " each", "")
    return {
        each["name"].removesuffix(marks[panel]).removesuffix(" over stride"): each
        for each in figure.panels[panel].traces
    }


@pytest.fixture
def explorer():
    made = explorers.timing()
    fill(made.store, made.settings(made.values))
    made.refresh()
    return made


def test_stated_costs_are_what_is_drawn_and_said(explorer):
    figure = explorer.view(**explorer.values)

    drawn = traces(figure, 0)
    assert drawn["LSTM"]["x"] == list(LENGTHS)
    assert drawn["LSTM"]["y"] == pytest.approx([1e-6 * n for n in LENGTHS])
    assert drawn["GRU"]["y"] == pytest.approx([1e-5 * n for n in LENGTHS])
    assert set(drawn) == set(measure.LAYERS)
    said = facts(figure)
    assert said["LSTM"].startswith("256 µs (quartiles 256 µs to 256 µs); 524,288 multiply-adds")
    assert "7 operations, whatever the length" in said["LSTM"]
    assert "grows as length^1.00" in said["LSTM"]
    assert said["LSTM against GRU"] == (
        "takes 0.1 × (95 %: 0.1 to 0.1) the time of GRU: faster; no crossing from 16 to 4096"
    )
    assert said["The counts predict"] == "1.33 × the time"
    assert said["Measured"] == "2026-01-02 03:04 UTC"
    assert said["Machine"] == str(measure.machine())
    assert figure.title == "forward, 256 steps: LSTM is 10 times as fast as GRU"


def test_counts_and_rates_are_those_of_the_shapes(explorer):
    figure = explorer.view(**explorer.values)

    counts = [measure.count(measure.Setting("GRU", length=n)) for n in LENGTHS]
    assert traces(figure, 1)["GRU"]["y"].tolist() == [each.multiply_adds for each in counts]
    wanted = [1e-5 * n / c.multiply_adds for n, c in zip(LENGTHS, counts, strict=True)]
    assert traces(figure, 2)["GRU"]["y"] == pytest.approx(wanted)
    roofline = traces(figure, 3)
    assert roofline["GRU rate"]["y"] == pytest.approx([1 / each for each in wanted])
    assert roofline["GRU rate"]["x"] == [each.multiply_adds / each.bytes for each in counts]
    assert roofline["roof"]["y"][1:] == pytest.approx([50e9, 50e9])


def test_curves_cross_where_they_must(explorer):
    """1e-6 n against 1e-9 n²: at 1000."""
    said = facts(explorer.sheet(other="Conv1d"))

    assert said["LSTM against Conv1d"].endswith("slower; they cross near 1,000")
    assert "length^2.00" in said["Conv1d"]


def test_it_is_said_whether_more_operations_are_started_for_a_longer_sequence():
    store = measure.Store()
    explorer = explorers.timing(store=store)
    for layer, operations in (("LSTM", lambda _: 5), ("GRU", lambda length: 13 * length)):
        for length in LENGTHS:
            found = measure.Measured(measure.Timing("", (1e-3,) * 5), operations(length))
            store.add(measure.key(measure.Setting(layer, length=length)), found)

    said = facts(explorer.view(**explorer.values))

    assert "5 operations, whatever the length" in said["LSTM"]
    assert "3,328 operations, more with the length" in said["GRU"]


def test_without_measurements_the_counts_are_there(no_reference):
    explorer = explorers.timing()

    figure = explorer.view(**explorer.values)

    assert figure.title == ("forward, 256 steps: not measured yet; the counts are there")
    assert traces(figure, 0) == {}
    assert len(traces(figure, 1)["LSTM"]["y"]) == len(LENGTHS)
    said = facts(figure)
    assert said["Measured"] == "not yet"
    assert said["LSTM against GRU"] == "not measured yet"
    assert not re.search("nan|None", " ".join([*said, *said.values(), figure.description]))
    assert explorer.median_s is None


def test_where_the_spread_is_wide_a_clear_verdict_says_so_and_the_points_are_hollow():
    explorer = explorers.timing()
    fill(explorer.store, explorer.settings(explorer.values), spread=0.2)

    figure = explorer.view(**explorer.values)

    assert figure.title == (
        "forward, 256 steps: LSTM is 10 times as fast as GRU (unsteady: 5.71 to 17.5)"
    )
    assert facts(figure)["LSTM against GRU"] == (
        "takes 0.1 × (95 %: 0.0571 to 0.175) the time of GRU: faster, though unsteady "
        "(quartiles 40 % of the median apart); no crossing from 16 to 4096, as far as unsteady "
        "points tell"
    )
    assert set(traces(figure, 0)["LSTM"]["marker"]["symbol"]) == {"circle-open"}
    low = traces(figure, 0)["LSTM"]["error_y"]["arrayminus"]
    assert low == pytest.approx([0.2e-6 * n for n in LENGTHS])
    assert "unsteady" in facts(figure)["LSTM"]


@pytest.mark.parametrize(
    ("slower", "spread", "title"),
    [
        (1.0, 0.2, "LSTM and GRU are too unsteady for a verdict (0.571 to 1.75 × the time)"),
        (1.0, 0.0, "no difference seen between LSTM and GRU"),
        (0.3, 0.2, "LSTM takes 3.33 times as long as GRU (unsteady: 1.9 to 5.83)"),
    ],
)
def test_the_title_is_undecided_only_where_the_interval_is(slower, spread, title):
    explorer = explorers.timing()
    costs = {"LSTM": 1e-3, "GRU": slower * 1e-3}
    fill(
        explorer.store,
        explorer.settings(explorer.values),
        spread,
        cost=lambda setting: costs.get(setting.layer, 1e-2),
    )

    assert explorer.view(**explorer.values).title == f"forward, 256 steps: {title}"


@pytest.mark.parametrize("work", measure.WORKS)
def test_every_pair_of_layers_at_every_length_is_drawn(work):
    explorer = explorers.timing(work=work)
    fill(explorer.store, explorer.settings(explorer.values))
    fixed = {"work": [work], "channels": [16], "batch": [1], "kernel_size": [3], "stride": [1]}
    fixed |= {"dilation": [1], "threads": [1], "dtype": ["float32"]}

    offered = list(explorer.view.combinations(fixed))

    layers = len(measure.LAYERS) - (2 if work == "one more step" else 0)
    assert len(offered) == layers**2 * len(LENGTHS)
    for values in sampled(offered, 60):
        state = explorer.view.state(values)
        assert state.content is not None
        title = looks.seen(state.content["title"], explorer.view.places(values))
        assert title.startswith(f"{work}, {values['length']:,} steps: ")
        assert not re.search("not measured", title)
    explorer.sheet()


def test_every_value_of_every_other_control_is_counted():
    explorer = explorers.timing()
    start = {name: [value] for name, value in explorer.start.items()}

    for name in ("channels", "batch", "kernel_size", "stride", "dilation", "threads", "dtype"):
        free = {key: value for key, value in start.items() if key != name}
        for values in explorer.view.combinations(
            free | {"layer": ["Conv1d"], "other": ["FFT conv"]}
        ):
            assert explorer.view.state(values).content is not None


def test_more_of_everything_costs_more():
    explorer = explorers.timing(layer="Conv1d")
    values = explorer.values

    def products(**changed):
        figure = explorer.view(**values | changed)
        return traces(figure, 1)["Conv1d"]["y"][0]

    for name, options in (("batch", BATCHES), ("kernel_size", KERNEL_SIZES)):
        found = [products(**{name: each}) for each in options]
        assert found == [found[0] * each // options[0] for each in options]
    assert products(stride=4) == products() // 4
    assert products(dilation=8) == products()


def test_the_button_measures_what_the_setting_needs_and_can_be_stopped(tmp_path):
    explorer = explorers.timing(store=tmp_path / "t.jsonl")
    explorer._budget_s = 1e-3

    steps = explorer.job.start(**explorer.values)
    for _ in range(8):
        step = next(steps)
    steps.close()
    explorer.refresh()

    assert 0 < step.fraction < 1
    assert len(explorer.store) == 8  # six layers, and the two of the machine's peak
    drawn = traces(explorer.view(**explorer.values), 0)
    assert sum(len(each["y"]) for each in drawn.values()) == 6
    again = explorers.timing(store=tmp_path / "t.jsonl")
    assert len(again.store) == 8


def test_what_is_stored_is_not_measured_again(explorer):
    assert explorer.run().text.startswith("0 measurements in ")


def test_a_sweep_takes_the_values_it_is_given():
    explorer = explorers.timing()
    for batch in (1, 4):
        fill(explorer.store, explorer.settings(explorer.values | {"batch": batch}))

    assert explorer.sweep({"batch": (1, 4)}).startswith("0 measurements")
    with refused("vary must be one of " + ", ".join(explorer.declared) + "; got 'size'"):
        explorer.sweep({"size": (1,)})
    with refused("batch must be one of 1, 4, 16, 64; got 3"):
        explorer.sweep({"batch": (3,)})
    with refused("vary['batch'] must be a list of values; got 4"):
        explorer.sweep({"batch": 4})


def test_a_table_says_who_is_faster_and_what_the_counts_predict(explorer):
    table = explorer.table()

    assert list(table["compared with"]) == [name for name in measure.LAYERS if name != "LSTM"]
    gru = table.set_index("compared with").loc["GRU"]
    assert gru["time ratio"] == pytest.approx(0.1)
    assert (gru["verdict"], gru["turns round"]) == ("faster", "no crossing from 16 to 4096")
    assert gru["counts predict"] == pytest.approx(4 / 3)


def test_a_table_before_anything_is_measured_has_what_the_counts_say():
    table = explorers.timing().table()

    assert list(table) == ["layer", "compared with", "size", "verdict", "counts predict"]
    assert set(table["verdict"]) == {"not measured yet"}
    assert table.notna().all(axis=None)


def test_the_numbers_can_be_had_as_a_frame(explorer, tmp_path):
    frame = explorer.frame()
    frame.to_parquet(tmp_path / "t.parquet")

    assert len(frame) == len(measure.LAYERS) * len(LENGTHS)
    row = frame.set_index(["layer", "length"]).loc[("LSTM", 64)]
    assert row["median_s"] == pytest.approx(64e-6)
    assert (row["operations"], row["peak_bytes"], row["steady"]) == (7, 4096, True)
    assert row["multiply_adds"] == 64 * 4 * 16 * 32


def test_one_more_step_has_no_exponent_and_no_crossing():
    explorer = explorers.timing(work="one more step")
    fill(explorer.store, explorer.settings(explorer.values), cost=lambda s: len(s.layer) * 1e-6)

    figure = explorer.view(**explorer.values)

    assert "grows" not in str(facts(figure))
    assert "cross" not in str(facts(figure))
    assert len(set(traces(figure, 0)["LSTM"]["y"].tolist())) == 1
    assert "turns round" not in explorer.table()


def test_what_unsteady_points_tell_is_marked():
    explorer = explorers.timing(other="Conv1d")
    fill(explorer.store, explorer.settings(explorer.values), spread=0.2)

    said = facts(explorer.view(**explorer.values))

    assert said["LSTM against Conv1d"].endswith("near 1,000, as far as unsteady points tell")
    assert "length^1.00, as far as unsteady points tell" in said["LSTM"]


def test_results_of_another_machine_are_told_of(tmp_path):
    path = tmp_path / "t.jsonl"
    other = measure.Store(path, dataclasses.replace(measure.machine(), processor="another"))
    fill(other, [measure.Setting("LSTM")])

    said = facts(explorers.timing(store=path).view(**explorers.timing().start))

    assert said["Kept apart"] == "3 measurements of another machine or version"


def test_a_broken_store_is_told_of(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text("broken\n")

    said = facts(explorers.timing(store=path).view(**explorers.timing().start))

    assert said["Store"] == "could not be read whole; the old file is t.jsonl.broken-1"


def test_a_page_measures_what_it_shows_by_itself(monkeypatch):
    monkeypatch.setenv("CONVRNN_LAB_PAGES", "1")
    explorer = explorers.timing()
    swept = []
    monkeypatch.setattr(explorer, "sweep", lambda: swept.append(explorer))
    explorer.vary = {"batch": None}

    bundle, _ = explorer._repr_mimebundle_()

    assert swept == [explorer]
    assert "text/html" in bundle


def test_a_report_measures_what_its_controls_say_too():
    explorer = explorers.timing(batch=4)

    assert explorer.swept == {"work": list(measure.WORKS), "batch": [1, 16, 4]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": "TCN"}, f"layer must be one of {', '.join(measure.LAYERS)}; got 'TCN'"),
        ({"length": 100}, "length must be one of 16, 64, 256, 1024, 4096; got 100"),
        ({"own_axes": "x"}, "own_axes must be one of channel time, time channel; got 'x'"),
        ({"work": "train"}, f"work must be one of {', '.join(measure.WORKS)}; got 'train'"),
    ],
)
def test_what_is_not_offered_is_refused(options, message):
    with refused(message):
        explorers.timing(**options)


def test_times_and_amounts_are_written_with_their_units():
    assert [figures.duration(each) for each in (2e-9, 3.21e-5, 0.5, 61)] == [
        "2 ns",
        "32.1 µs",
        "500 ms",
        "61 s",
    ]
    assert [figures.amount(each) for each in (12, 1500, 2e9)] == ["12 B", "1.5 kB", "2 GB"]
