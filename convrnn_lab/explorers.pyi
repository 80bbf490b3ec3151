"""Controls, a computation and its figure: live, as a page, or as a plain figure."""

from convrnn_lab.explorer.base import Explorer as Explorer
from convrnn_lab.explorer.controls import (
    Choice as Choice,
    Slider as Slider,
)
from convrnn_lab.explorer.jobs import (
    Job as Job,
    Pad as Pad,
    Progress as Progress,
)
from convrnn_lab.explorer.view import (
    State as State,
    View as View,
)
from convrnn_lab.topics.convolution.channels_explorer import channels as channels
from convrnn_lab.topics.convolution.explorer import (
    convolution as convolution,
    convolution1d as convolution1d,
)
from convrnn_lab.topics.convolution.transposed_explorer import (
    transposed_convolution as transposed_convolution,
)
from convrnn_lab.topics.gates.cell_explorer import cell as cell
from convrnn_lab.topics.gates.explorer import gates as gates
from convrnn_lab.topics.gates.gradient_explorer import (
    gradient_through_time as gradient_through_time,
)
from convrnn_lab.topics.network.classifier_explorer import attributions as attributions
from convrnn_lab.topics.network.errors_explorer import errors as errors
from convrnn_lab.topics.network.explorer import (
    layers as layers,
)
from convrnn_lab.topics.network.network_explorer import network as network
from convrnn_lab.topics.pooling.explorer import (
    pooling as pooling,
    pooling1d as pooling1d,
)
from convrnn_lab.topics.pooling.shift_explorer import shift as shift
from convrnn_lab.topics.receptive_field.explorer import stack as stack
from convrnn_lab.topics.recurrence.explorer import (
    hidden_state as hidden_state,
    recurrence as recurrence,
    side_by_side as side_by_side,
)
from convrnn_lab.topics.timing.explorer import (
    Timings as Timings,
    timing as timing,
)
from convrnn_lab.topics.timing.kernel_cost_explorer import (
    KernelCosts as KernelCosts,
    kernel_cost as kernel_cost,
)
from convrnn_lab.topics.timing.layer_explorer import (
    LayerTimings as LayerTimings,
    layer_times as layer_times,
)
from convrnn_lab.topics.timing.speed_up_explorer import (
    SpeedUps as SpeedUps,
    speed_up as speed_up,
)
from convrnn_lab.topics.training.explorer import (
    Training as Training,
    training as training,
)
from convrnn_lab.topics.training.sequence_explorer import (
    SequenceTraining as SequenceTraining,
    sequence_training as sequence_training,
)
from convrnn_lab.topics.training.state_explorer import (
    state_over_training as state_over_training,
)
from convrnn_lab.topics.training.step_attribution_explorer import (
    step_attributions as step_attributions,
)
from convrnn_lab.topics.training.writing_explorer import (
    writing as writing,
)
