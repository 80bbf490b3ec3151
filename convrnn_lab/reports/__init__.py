"""Notebooks in, executed notebooks and offline HTML out."""

from convrnn_lab.reports.errors import ReportError
from convrnn_lab.reports.notebooks import Notebook, Parameter, find, shipped
from convrnn_lab.reports.recording import record, results
from convrnn_lab.reports.run import Report, run
from convrnn_lab.reports.sweeping import sweep

__all__ = [
    "Notebook",
    "Parameter",
    "Report",
    "ReportError",
    "find",
    "record",
    "results",
    "run",
    "shipped",
    "sweep",
]
