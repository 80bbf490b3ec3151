"""The notebooks' exercises: answers checked, with a hint or a reason."""

from convrnn_lab.exercises.checking import Checked, check

__all__ = ["Checked", "check"]
