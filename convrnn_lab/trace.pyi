"""Run one operation and keep every value that led to its output."""

from convrnn_lab.shapes import geometry as geometry
from convrnn_lab.topics.convolution.trace import (
    ConvolutionTrace as ConvolutionTrace,
    Window as Window,
    convolution as convolution,
)
from convrnn_lab.topics.convolution.transposed_forms import (
    Gathered as Gathered,
    Spread as Spread,
    TransposedConvolutionTrace as TransposedConvolutionTrace,
)
from convrnn_lab.topics.convolution.transposed_trace import (
    transposed_convolution as transposed_convolution,
)
from convrnn_lab.topics.gates.gradient_trace import (
    GradientTrace as GradientTrace,
    gradient_through_time as gradient_through_time,
)
from convrnn_lab.topics.gates.trace import (
    GateStatistics as GateStatistics,
    gate_statistics as gate_statistics,
    memory_half_life as memory_half_life,
)
from convrnn_lab.topics.network.attribution import (
    grad_cam as grad_cam,
    occlusion as occlusion,
    saliency as saliency,
)
from convrnn_lab.topics.network.layer import Layer as Layer
from convrnn_lab.topics.network.trace import (
    LayersTrace as LayersTrace,
    layers as layers,
)
from convrnn_lab.topics.pooling.shift_trace import (
    SHIFT_POOLS as SHIFT_POOLS,
    ShiftTrace as ShiftTrace,
    shift_consistency as shift_consistency,
    shift_pool as shift_pool,
    shifted as shifted,
)
from convrnn_lab.topics.pooling.trace import (
    PoolingTrace as PoolingTrace,
    PoolingWindow as PoolingWindow,
    pooling as pooling,
)
from convrnn_lab.topics.receptive_field.measured import (
    MeasuredField as MeasuredField,
    measured_receptive_field as measured_receptive_field,
)
from convrnn_lab.topics.receptive_field.trace import (
    LayerField as LayerField,
    ReceptiveField as ReceptiveField,
    receptive_field as receptive_field,
)
from convrnn_lab.topics.recurrence.arithmetic import (
    GateStep as GateStep,
    RecurrentStep as RecurrentStep,
)
from convrnn_lab.topics.recurrence.forgetting import (
    Forgetting as Forgetting,
    forgetting as forgetting,
)
from convrnn_lab.topics.recurrence.trace import (
    RecurrenceTrace as RecurrenceTrace,
    recurrence as recurrence,
)
from convrnn_lab.topics.recurrence.units import (
    Units as Units,
    units as units,
)
from convrnn_lab.topics.training.step_attribution import (
    StepAttribution as StepAttribution,
    step_attribution as step_attribution,
)
from convrnn_lab.topics.training.step_attributions import (
    StepAttributions as StepAttributions,
    step_attributions as step_attributions,
)
