import os
import signal

# Before torch is imported: the models are small, and two threads on shared cores are slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import pytest
import torch

hypothesis.settings.register_profile("lab", deadline=None, derandomize=True, max_examples=300)
hypothesis.settings.load_profile("lab")

# A shell that starts the tests in the background has their processes ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(0)
