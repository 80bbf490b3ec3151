"""Networks that the notebooks look into, and the weights of trained ones."""

from convrnn_lab.models.article_network import copied_network, plain_stack
from convrnn_lab.models.cnn import POOLINGS, about_trained_cnn, cnn, save_weights, trained_cnn
from convrnn_lab.models.convolution_variants import (
    CausalStack,
    FFTConv,
    fast_length,
    fft_multiply_adds,
    fft_sizes,
    separable,
)
from convrnn_lab.models.recurrent import SequenceModel, recurrent
from convrnn_lab.models.recurrent_variants import (
    Chunked,
    CompiledLSTM,
    MinGRU,
    Ragged,
    Strided,
    looped,
    scanned,
)
from convrnn_lab.models.reference_cells import Written, WrittenGRU, WrittenLSTM, WrittenRNN
from convrnn_lab.models.seeding import seeded
from convrnn_lab.models.sequence import (
    DESIGNS,
    PackedModel,
    save_sequence,
    sequence_model,
    stored_epochs,
    trained_sequence,
    write,
)

__all__ = [
    "DESIGNS",
    "POOLINGS",
    "CausalStack",
    "Chunked",
    "CompiledLSTM",
    "FFTConv",
    "MinGRU",
    "PackedModel",
    "Ragged",
    "SequenceModel",
    "Strided",
    "Written",
    "WrittenGRU",
    "WrittenLSTM",
    "WrittenRNN",
    "about_trained_cnn",
    "cnn",
    "copied_network",
    "fast_length",
    "fft_multiply_adds",
    "fft_sizes",
    "looped",
    "plain_stack",
    "recurrent",
    "save_sequence",
    "save_weights",
    "scanned",
    "seeded",
    "separable",
    "sequence_model",
    "stored_epochs",
    "trained_cnn",
    "trained_sequence",
    "write",
]
