"""Notebooks in, executed notebooks and offline HTML out."""

from convrnn_lab.reports.errors import ReportError as ReportError
from convrnn_lab.reports.notebooks import (
    Notebook as Notebook,
    Parameter as Parameter,
    find as find,
    shipped as shipped,
)
from convrnn_lab.reports.reading import results as results
from convrnn_lab.reports.recording import record as record
from convrnn_lab.reports.report import Report as Report, run as run
from convrnn_lab.sweeps.sweep import sweep as sweep
