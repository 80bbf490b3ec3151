"""What a figure is without the measurements that the package brings along."""

import pytest

from convrnn_lab import measure
from convrnn_lab.topics.timing.measuring import Measuring


@pytest.fixture
def no_reference(monkeypatch):
    """Leave the reference machine without measurements."""
    monkeypatch.setattr(Measuring, "reference", measure.Store())
