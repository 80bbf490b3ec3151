"""What a model costs: counted from shapes."""

from convrnn_lab.measure.cost import Cost, Row, cost
from convrnn_lab.measure.doctor import Failure, Inspection, inspect

__all__ = ["Cost", "Failure", "Inspection", "Row", "cost", "inspect"]
