"""Networks that the notebooks look into, and the weights of a trained one."""

from convrnn_lab.models.cnn import POOLINGS, about_trained_cnn, cnn, save_weights, trained_cnn
from convrnn_lab.models.copied import copied_network, plain_stack

__all__ = [
    "POOLINGS",
    "about_trained_cnn",
    "cnn",
    "copied_network",
    "plain_stack",
    "save_weights",
    "trained_cnn",
]
