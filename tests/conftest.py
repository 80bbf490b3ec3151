import os

# Before torch is imported: the models are small, and two threads on shared cores are slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import hypothesis
import pytest
import torch

hypothesis.settings.register_profile("lab", deadline=None, derandomize=True, max_examples=300)
hypothesis.settings.load_profile("lab")


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(0)
