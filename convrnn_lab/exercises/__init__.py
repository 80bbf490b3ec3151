"""The notebooks' exercises: asked with a field under each, checked, with a hint or a reason."""

from convrnn_lab.exercises.asking import Questions, ask
from convrnn_lab.exercises.checking import Checked, check

__all__ = ["Checked", "Questions", "ask", "check"]
