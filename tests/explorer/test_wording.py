from convrnn_lab.explorer.wording import said_with
from tests.helpers import refused


def test_names_are_replaced_as_words_and_values_follow_a_blank():
    with (
        refused("kernel size must fit; got kernel size 9 for my_kernel_size with padding 0"),
        said_with({"kernel_size": "kernel size", "padding": "padding"}, equals=" "),
    ):
        raise ValueError(
            "kernel_size must fit; got kernel_size=9 for my_kernel_size with padding=0"
        )


def test_without_names_a_refusal_stays_as_it_is():
    with refused("size must be 1; got size=2"), said_with({}, equals=" "):
        raise ValueError("size must be 1; got size=2")
