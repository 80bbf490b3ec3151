"""How far a sum of products may lie from the exact one, whatever order a processor adds them in."""

import torch


def assert_rounded_sums(found, exact, magnitudes, products):
    """Compare sums of products in float32 with float64 ones.

    A sum of n products has n roundings at most on the way of each of them, with or without fused
    multiply-adds, in any order. So it lies within n·u / (1 − n·u) times the sum of the products'
    magnitudes (Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 3.1), where
    u is half of the distance from 1 to the next number.

    Parameters
    ----------
    found : Tensor, float32
    exact, magnitudes : Tensor, float64, of `found`'s shape
        The sums, and the sums of the absolute products.
    products : int
        Products in each sum, the bias among them.
    """
    unit = torch.finfo(torch.float32).eps / 2
    bound = products * unit / (1 - products * unit) * magnitudes
    assert found.dtype == torch.float32
    assert found.shape == exact.shape
    assert bool(((found.double() - exact).abs() <= bound).all()), (
        f"off by {(found.double() - exact).abs().max()}, of at most {bound.min()} to {bound.max()}"
    )
