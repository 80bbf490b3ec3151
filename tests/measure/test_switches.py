import pytest
import torch

from convrnn_lab import measure

FAST = {name: switch for name, switch in measure.SWITCHES.items() if not switch.slow}


@pytest.mark.parametrize("name", FAST)
@pytest.mark.parametrize("side", ["before", "after"])
def test_both_sides_of_a_switch_run_and_are_counted(name, side):
    setting = getattr(measure.SWITCHES[name], side)(320, 4)

    work = measure.prepare(setting)

    assert work.call() is not None
    assert work.count.multiply_adds > 0


@pytest.mark.parametrize(
    "name", ["larger batch", "fused kernel", "larger chunks", "scan", "channels last", "bfloat16"]
)
def test_these_change_the_way_and_not_the_work(name):
    switch = measure.SWITCHES[name]

    before, after = (
        measure.count(each(256, 4)).multiply_adds for each in (switch.before, switch.after)
    )

    assert before == after * switch.share


def test_those_that_save_work_say_how_much():
    packed, stride = measure.SWITCHES["packed batch"], measure.SWITCHES["fewer steps"]

    # 16 sequences of 16, 15, ..., 1 sixteenths; a quarter of the steps and a kernel of 4.
    whole, part = (
        measure.count(each(256, 4)).multiply_adds for each in (packed.before, packed.after)
    )
    assert part / whole == sum(range(1, 17)) / 256
    steps = measure.count(stride.after(256, 4)).multiply_adds
    assert steps == 64 * (4 * 4 * (4 + 4)) + 64 * (4 * 4 * 4)


def test_an_image_with_its_channels_last_gives_the_same():
    one, two = (
        measure.prepare(measure.Setting(layer, length=64, channels=4)).call()
        for layer in ("Conv2d", "Conv2d channels last")
    )

    torch.testing.assert_close(one, two)
    assert two.is_contiguous(memory_format=torch.channels_last)


def test_compiling_is_left_for_those_who_ask():
    assert [name for name, switch in measure.SWITCHES.items() if switch.slow] == ["torch.compile"]
