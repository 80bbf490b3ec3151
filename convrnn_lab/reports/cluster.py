"""The same on a Dask cluster."""

from typing import Any

Cluster: Any = None
