"""Run one operation and keep every value that led to its output."""

from convrnn_lab.shapes import geometry as geometry
from convrnn_lab.topics.convolution.trace import (
    ConvolutionTrace as ConvolutionTrace,
)
from convrnn_lab.topics.convolution.trace import (
    Window as Window,
)
from convrnn_lab.topics.convolution.trace import (
    convolution as convolution,
)
from convrnn_lab.topics.convolution.transposed_trace import (
    Gathered as Gathered,
)
from convrnn_lab.topics.convolution.transposed_trace import (
    Spread as Spread,
)
from convrnn_lab.topics.convolution.transposed_trace import (
    TransposedConvolutionTrace as TransposedConvolutionTrace,
)
from convrnn_lab.topics.convolution.transposed_trace import (
    transposed_convolution as transposed_convolution,
)
from convrnn_lab.topics.gates.gradient_trace import (
    GradientTrace as GradientTrace,
)
from convrnn_lab.topics.gates.gradient_trace import (
    gradient_through_time as gradient_through_time,
)
from convrnn_lab.topics.gates.trace import (
    GateStatistics as GateStatistics,
)
from convrnn_lab.topics.gates.trace import (
    gate_statistics as gate_statistics,
)
from convrnn_lab.topics.gates.trace import (
    memory_half_life as memory_half_life,
)
from convrnn_lab.topics.network.attribution import (
    grad_cam as grad_cam,
)
from convrnn_lab.topics.network.attribution import (
    occlusion as occlusion,
)
from convrnn_lab.topics.network.attribution import (
    saliency as saliency,
)
from convrnn_lab.topics.network.layer import Layer as Layer
from convrnn_lab.topics.network.trace import (
    LayersTrace as LayersTrace,
)
from convrnn_lab.topics.network.trace import (
    layers as layers,
)
from convrnn_lab.topics.pooling.shift_trace import (
    SHIFT_POOLS as SHIFT_POOLS,
)
from convrnn_lab.topics.pooling.shift_trace import (
    ShiftTrace as ShiftTrace,
)
from convrnn_lab.topics.pooling.shift_trace import (
    shift_consistency as shift_consistency,
)
from convrnn_lab.topics.pooling.shift_trace import (
    shift_pool as shift_pool,
)
from convrnn_lab.topics.pooling.shift_trace import (
    shifted as shifted,
)
from convrnn_lab.topics.pooling.trace import (
    PoolingTrace as PoolingTrace,
)
from convrnn_lab.topics.pooling.trace import (
    PoolingWindow as PoolingWindow,
)
from convrnn_lab.topics.pooling.trace import (
    pooling as pooling,
)
from convrnn_lab.topics.receptive_field.measured import (
    MeasuredField as MeasuredField,
)
from convrnn_lab.topics.receptive_field.measured import (
    measured_receptive_field as measured_receptive_field,
)
from convrnn_lab.topics.receptive_field.trace import (
    LayerField as LayerField,
)
from convrnn_lab.topics.receptive_field.trace import (
    ReceptiveField as ReceptiveField,
)
from convrnn_lab.topics.receptive_field.trace import (
    receptive_field as receptive_field,
)
from convrnn_lab.topics.recurrence.arithmetic import (
    GateStep as GateStep,
)
from convrnn_lab.topics.recurrence.arithmetic import (
    RecurrentStep as RecurrentStep,
)
from convrnn_lab.topics.recurrence.forgetting import (
    Forgetting as Forgetting,
)
from convrnn_lab.topics.recurrence.forgetting import (
    forgetting as forgetting,
)
from convrnn_lab.topics.recurrence.trace import (
    RecurrenceTrace as RecurrenceTrace,
)
from convrnn_lab.topics.recurrence.trace import (
    recurrence as recurrence,
)
from convrnn_lab.topics.recurrence.units import (
    Units as Units,
)
from convrnn_lab.topics.recurrence.units import (
    units as units,
)
