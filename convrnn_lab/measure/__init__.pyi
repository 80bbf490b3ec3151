"""What a model costs: counted from shapes, and measured in seconds and bytes."""

from convrnn_lab.measure.comparing import (
    Ratio as Ratio,
)
from convrnn_lab.measure.comparing import (
    crossings as crossings,
)
from convrnn_lab.measure.comparing import (
    exponent as exponent,
)
from convrnn_lab.measure.comparing import (
    ratio as ratio,
)
from convrnn_lab.measure.comparing import (
    rounded as rounded,
)
from convrnn_lab.measure.curves import (
    Comparison as Comparison,
)
from convrnn_lab.measure.curves import (
    Curve as Curve,
)
from convrnn_lab.measure.curves import (
    compare as compare,
)
from convrnn_lab.measure.curves import (
    in_words as in_words,
)
from convrnn_lab.measure.custom_layer import (
    own_layer as own_layer,
)
from convrnn_lab.measure.data_frames import (
    cost_frame as cost_frame,
)
from convrnn_lab.measure.data_frames import (
    frame as frame,
)
from convrnn_lab.measure.data_frames import (
    savable as savable,
)
from convrnn_lab.measure.data_frames import (
    save as save,
)
from convrnn_lab.measure.doctor import (
    Failure as Failure,
)
from convrnn_lab.measure.doctor import (
    Inspection as Inspection,
)
from convrnn_lab.measure.doctor import (
    inspect as inspect,
)
from convrnn_lab.measure.hardware import (
    Machine as Machine,
)
from convrnn_lab.measure.hardware import (
    Peak as Peak,
)
from convrnn_lab.measure.hardware import (
    machine as machine,
)
from convrnn_lab.measure.hardware import (
    peak as peak,
)
from convrnn_lab.measure.hardware import (
    peak_calls as peak_calls,
)
from convrnn_lab.measure.layer_cost import (
    Cost as Cost,
)
from convrnn_lab.measure.layer_cost import (
    Row as Row,
)
from convrnn_lab.measure.layer_cost import (
    cost as cost,
)
from convrnn_lab.measure.layer_kinds import (
    DTYPES as DTYPES,
)
from convrnn_lab.measure.layer_kinds import (
    IMAGE as IMAGE,
)
from convrnn_lab.measure.layer_kinds import (
    LAYERS as LAYERS,
)
from convrnn_lab.measure.layer_kinds import (
    LINE as LINE,
)
from convrnn_lab.measure.layer_kinds import (
    OWN as OWN,
)
from convrnn_lab.measure.layer_kinds import (
    STEPS as STEPS,
)
from convrnn_lab.measure.layer_kinds import (
    VARIANTS as VARIANTS,
)
from convrnn_lab.measure.layer_kinds import (
    WORKS as WORKS,
)
from convrnn_lab.measure.layer_kinds import (
    Layer as Layer,
)
from convrnn_lab.measure.layer_kinds import (
    Setting as Setting,
)
from convrnn_lab.measure.layer_kinds import (
    canonical_setting as canonical_setting,
)
from convrnn_lab.measure.model_time import time_model as time_model
from convrnn_lab.measure.peak_memory import (
    Memory as Memory,
)
from convrnn_lab.measure.peak_memory import (
    memory as memory,
)
from convrnn_lab.measure.peak_memory import (
    operations as operations,
)
from convrnn_lab.measure.store import (
    Measured as Measured,
)
from convrnn_lab.measure.store import (
    Store as Store,
)
from convrnn_lab.measure.sweeping import (
    Step as Step,
)
from convrnn_lab.measure.sweeping import (
    key as key,
)
from convrnn_lab.measure.sweeping import (
    sweep as sweep,
)
from convrnn_lab.measure.switches import (
    SWITCHES as SWITCHES,
)
from convrnn_lab.measure.switches import (
    Switch as Switch,
)
from convrnn_lab.measure.timer import (
    Timing as Timing,
)
from convrnn_lab.measure.timer import (
    timing as timing,
)
from convrnn_lab.measure.workload import (
    Count as Count,
)
from convrnn_lab.measure.workload import (
    Work as Work,
)
from convrnn_lab.measure.workload import (
    count as count,
)
from convrnn_lab.measure.workload import (
    prepare as prepare,
)
