import pytest
from hypothesis import given, strategies as st

from convrnn_lab import explorers
from convrnn_lab.explorers import Choice
from tests.explorer.slider_view import SliderView
from tests.sampling import examples


@pytest.mark.parametrize("padding", ["same", "causal", 4])
@pytest.mark.parametrize("sizes", [range(6, 12), [11], [11, 5, 9], range(11, 4, -1)])
def test_padding_stays_what_it_is_while_the_kernel_grows_and_shrinks(padding, sizes):
    explorer = explorers.convolution1d(padding=padding)
    slider = SliderView(explorer.controls["padding"])

    for size in sizes:
        explorer.controls["kernel_size"].value = size

        assert explorer.values["padding"] == padding
        assert slider.shown == str(padding)
        assert slider.labels == (*map(str, range(size)), "same", "causal")
        assert slider.last == size + 1


def test_same_padding_of_an_image_can_be_reached_again():
    explorer = explorers.convolution(padding="same")
    slider = SliderView(explorer.controls["padding"])

    explorer.controls["kernel_size"].value = 4
    slider.move(3)
    assert explorer.values["padding"] == 3
    slider.move(4)

    assert explorer.values["padding"] == "same"


MOVES = st.lists(st.tuples(st.sampled_from(["kernel_size", "padding"]), st.integers(0, 12)))


@examples(200)
@given(MOVES)
def test_slider_and_kernel_agree_after_every_move(moves):
    explorer = explorers.Explorer(
        lambda kernel_size, padding: {"data": [], "layout": {}},
        {
            "kernel_size": explorers.Slider("kernel size", 1, 11, 3),
            "padding": Choice(
                "padding",
                lambda before: [*range(before["kernel_size"]), "same", "causal"],
                "causal",
                ordered=True,
            ),
        },
        name="paddings",
    )
    slider = SliderView(explorer.controls["padding"])

    for name, place in moves:
        if name == "padding":
            slider.move(place)
        else:
            explorer.controls[name].value = max(1, min(11, place))
        assert slider.shown == str(explorer.values["padding"])
        assert slider.last == len(explorer.controls["padding"].options) - 1
