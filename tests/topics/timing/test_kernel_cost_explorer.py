import pytest

from convrnn_lab import explorers, measure
from convrnn_lab.topics.timing.kernel_cost_explorer import KERNEL_SIZES, STRIDES
from tests.helpers import refused
from tests.stored import fill
from tests.topics.timing.test_explorer import facts, traces


def cost(setting):
    """A direct convolution takes a nanosecond a multiply-add, one by FFT always a millisecond."""
    return 1e-3 if "FFT" in setting.layer else 1e-9 * measure.count(setting).multiply_adds


@pytest.fixture
def explorer():
    made = explorers.kernel_cost()
    fill(made.store, made.settings(made.values), cost=cost)
    made.refresh()
    return made


def test_direct_and_fft_are_drawn_over_the_kernel_size(explorer):
    figure = explorer.view(**explorer.values)

    drawn = traces(figure, 0)
    # 64 · 64 pixels, 4 · 4 channels, k² taps.
    wanted = [1e-9 * 64 * 64 * 16 * size**2 for size in KERNEL_SIZES[2]]
    assert drawn["Conv2d"]["y"] == pytest.approx(wanted)
    assert drawn["FFT conv 2d"]["y"] == pytest.approx([1e-3] * len(wanted))
    # 65,536e-9 k² = 1e-3 at k = 3.9.
    said = facts(figure)["Conv2d against FFT conv 2d"]
    assert said.endswith("the time of FFT conv 2d: slower; they cross near 3.9")
    assert "kernel size^2.00" in facts(figure)["Conv2d"]


def test_a_stride_leaves_the_share_of_the_work_that_it_says(explorer):
    figure = explorer.view(**explorer.values | {"stride": 4})

    assert traces(figure, 2)["Conv2d"]["x"] == list(STRIDES)
    assert facts(figure)["Stride"] == (
        "4 leaves 0.0625 of the multiply-adds (about 1/4²) and 0.0625 of the time "
        "(95 %: 0.0625 to 0.0625)"
    )
    assert facts(explorer.view(**explorer.values))["Stride"] == "1; move it to see what it saves"


def test_in_one_dimension_a_stride_leaves_its_inverse(no_reference):
    explorer = explorers.kernel_cost(input="1-D, 4,096 samples", kernel_size=63)

    said = facts(explorer.view(**explorer.values | {"stride": 4}))["Stride"]

    assert said == "4 leaves about 1/4 of the multiply-adds; its time is not measured yet"


def test_every_setting_is_drawn():
    explorer = explorers.kernel_cost()
    count = 0

    for values in explorer.view.combinations({"channels": [4], "batch": [1]}):
        assert explorer.view.state(values).content is not None
        count += 1

    assert count == 2 * 2 * 9 * len(STRIDES)
    for name, options in (("channels", (1, 4, 16)), ("batch", (1, 4, 16))):
        for each in options:
            assert explorer.sheet(**{name: each})


def test_the_kernel_sizes_follow_the_input(explorer):
    assert explorer.sheet(input="1-D, 4,096 samples", kernel_size=1023)
    with refused("kernel_size must be one of 1, 3, 5, 7, 9, 11, 15, 21, 31; got 1023"):
        explorer.sheet(kernel_size=1023)


def test_a_click_on_a_curve_sets_what_it_is_drawn_over(explorer):
    clicks = [panel.click["x"] for panel in explorer.view(**explorer.values).panels if panel.click]

    sizes = {"control": "kernel_size", "values": list(KERNEL_SIZES[2])}
    assert sizes in clicks
    assert {"control": "stride", "values": list(STRIDES)} in clicks


def test_a_page_offers_all_kernel_sizes_of_both_inputs(explorer):
    offered = explorer.view.combinations(
        {name: [v] for name, v in explorer.start.items() if name not in ("input", "kernel_size")}
    )
    held = {(each["input"], each["kernel_size"]) for each in offered}

    assert len(held) == 18
    assert set(explorer.vary["kernel_size"]) == {size for _, size in held}
    assert explorer.swept["kernel_size"] == list(explorer.vary["kernel_size"])


def test_the_button_measures_both_ways_and_all_strides():
    explorer = explorers.kernel_cost(channels=1)

    wanted = {measure.canonical_setting(each) for each in explorer.settings(explorer.values)}

    assert len(wanted) == 9 + 9 + len(STRIDES) - 1  # stride 1 is among the kernel sizes
