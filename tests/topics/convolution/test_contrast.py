import torch
from hypothesis import given, strategies as st

from convrnn_lab.topics.convolution.contrast import place_of_contrast
from tests.sampling import examples


@given(
    shape=st.one_of(st.tuples(st.integers(1, 9)), st.tuples(st.integers(1, 9), st.integers(1, 9))),
    seed=st.integers(0, 999),
)
@examples(300)
def test_around_the_place_the_values_differ_by_three_quarters_of_the_most(shape, seed):
    values = torch.randn(shape, generator=torch.Generator().manual_seed(seed))

    def contrast(place):
        near = tuple(slice(max(0, i - 1), i + 2) for i in place)
        return values[near].max() - values[near].min()

    most = max(contrast(place.tolist()) for place in torch.ones(shape).nonzero())
    assert contrast(place_of_contrast(values)) >= 0.75 * most - 1e-6


def test_of_equal_contrasts_the_nearest_to_the_middle_is_taken():
    stripes = torch.zeros(9, 9)
    stripes[:, ::3] = 1

    assert place_of_contrast(stripes) == (4, 4)
    assert place_of_contrast(torch.ones(5, 2)) == (2, 0)
