"""Results in, sheet out; nothing is computed here."""

from convrnn_lab.drawing.sheet import Panel as Panel, PlotlySheet as PlotlySheet, Sheet as Sheet
from convrnn_lab.topics.convolution.figure import (
    convolution as convolution,
    convolution1d as convolution1d,
)
from convrnn_lab.topics.convolution.transposed_figure import (
    transposed_convolution as transposed_convolution,
)
from convrnn_lab.topics.gates.cell_figure import cell as cell
from convrnn_lab.topics.gates.figure import gates as gates
from convrnn_lab.topics.gates.gradient_compared import TOWARDS as TOWARDS
from convrnn_lab.topics.gates.gradient_figure import gradients as gradients
from convrnn_lab.topics.gates.over_time import GatesOverTime as GatesOverTime
from convrnn_lab.topics.network.classifier_figure import attributions as attributions
from convrnn_lab.topics.network.errors_figure import errors as errors
from convrnn_lab.topics.network.fields import (
    Region as Region,
)
from convrnn_lab.topics.network.figure import (
    layer as layer,
)
from convrnn_lab.topics.network.network_figure import network as network
from convrnn_lab.topics.network.pictures import (
    pictures as pictures,
)
from convrnn_lab.topics.pooling.figure import (
    pooling as pooling,
    pooling1d as pooling1d,
)
from convrnn_lab.topics.pooling.shift_figure import shift as shift
from convrnn_lab.topics.receptive_field.figure import (
    Level as Level,
    stack as stack,
)
from convrnn_lab.topics.recurrence.figure import (
    recurrence as recurrence,
    side_by_side as side_by_side,
)
from convrnn_lab.topics.timing.figure import (
    amount as amount,
    duration as duration,
    timing as timing,
)
from convrnn_lab.topics.timing.kernel_cost_figure import kernels as kernels
from convrnn_lab.topics.timing.layer_figure import (
    Modelled as Modelled,
    layer_times as layer_times,
)
from convrnn_lab.topics.timing.speed_up_figure import (
    Switched as Switched,
    switches as switches,
)
from convrnn_lab.topics.timing.stamp import Stamp as Stamp
from convrnn_lab.topics.training.figure import (
    training as training,
)
from convrnn_lab.topics.training.sequence_figure import (
    SequenceTrained as SequenceTrained,
    sequence_training as sequence_training,
)
from convrnn_lab.topics.training.state_figure import (
    Epoch as Epoch,
    state_over_training as state_over_training,
)
from convrnn_lab.topics.training.step_attribution_figure import (
    step_attributions as step_attributions,
)
from convrnn_lab.topics.training.writing_figure import (
    writing as writing,
)
from convrnn_lab.train.trained import (
    Trained as Trained,
)
