"""The small tables of the notebooks, as data frames."""

from convrnn_lab.measure.tables import operations as operations
from convrnn_lab.topics.gates.tables import half_lives as half_lives
from convrnn_lab.topics.pooling.tables import edges as edges, shifts as shifts
from convrnn_lab.topics.receptive_field.tables import fields as fields
from convrnn_lab.topics.recurrence.tables import (
    forget_gates as forget_gates,
    forgetting as forgetting,
)
