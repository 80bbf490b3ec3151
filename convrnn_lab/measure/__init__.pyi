"""What a model costs: counted from shapes, and measured in seconds and bytes."""

from convrnn_lab.measure.comparing import (
    Ratio as Ratio,
    crossings as crossings,
    exponent as exponent,
    ratio as ratio,
    rounded as rounded,
)
from convrnn_lab.measure.curves import (
    Comparison as Comparison,
    Curve as Curve,
    compare as compare,
    in_words as in_words,
)
from convrnn_lab.measure.custom_layer import (
    own_layer as own_layer,
)
from convrnn_lab.measure.data_frames import (
    cost_frame as cost_frame,
    frame as frame,
    layer_frame as layer_frame,
    savable as savable,
    save as save,
)
from convrnn_lab.measure.doctor import (
    Failure as Failure,
    Inspection as Inspection,
    inspect as inspect,
)
from convrnn_lab.measure.hardware import (
    Machine as Machine,
    Peak as Peak,
    machine as machine,
    peak as peak,
    peak_calls as peak_calls,
)
from convrnn_lab.measure.layer_cost import (
    Cost as Cost,
    Row as Row,
    cost as cost,
)
from convrnn_lab.measure.layer_kinds import (
    DTYPES as DTYPES,
    IMAGE as IMAGE,
    LAYERS as LAYERS,
    LINE as LINE,
    OWN as OWN,
    STEPS as STEPS,
    VARIANTS as VARIANTS,
    WORKS as WORKS,
    Layer as Layer,
    Setting as Setting,
    canonical_setting as canonical_setting,
)
from convrnn_lab.measure.layer_rows import (
    OUTSIDE as OUTSIDE,
    LayerTime as LayerTime,
    LayerTimes as LayerTimes,
    Shares as Shares,
)
from convrnn_lab.measure.layer_timing import layer_times as layer_times
from convrnn_lab.measure.model_time import time_model as time_model
from convrnn_lab.measure.peak_memory import (
    Memory as Memory,
    memory as memory,
    operations as operations,
)
from convrnn_lab.measure.store import (
    Measured as Measured,
    Store as Store,
)
from convrnn_lab.measure.sweeping import (
    Step as Step,
    key as key,
    sweep as sweep,
)
from convrnn_lab.measure.switches import (
    SWITCHES as SWITCHES,
    Switch as Switch,
)
from convrnn_lab.measure.timer import (
    Timing as Timing,
    timing as timing,
)
from convrnn_lab.measure.workload import (
    Count as Count,
    Work as Work,
    count as count,
    prepare as prepare,
)
