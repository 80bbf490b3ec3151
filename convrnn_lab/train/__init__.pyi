"""Train a classifier of images or a model of sequences, batch by batch or at once, and score it."""

from convrnn_lab.train.classifier import (
    fit as fit,
)
from convrnn_lab.train.classifier import (
    fitting as fitting,
)
from convrnn_lab.train.history import (
    History as History,
)
from convrnn_lab.train.history import (
    Progress as Progress,
)
from convrnn_lab.train.recipes import (
    RECIPES as RECIPES,
)
from convrnn_lab.train.recipes import (
    Recipe as Recipe,
)
from convrnn_lab.train.recipes import (
    Reproduced as Reproduced,
)
from convrnn_lab.train.recipes import (
    reproduce as reproduce,
)
from convrnn_lab.train.scores import (
    Scores as Scores,
)
from convrnn_lab.train.scores import (
    evaluate as evaluate,
)
from convrnn_lab.train.scores import (
    probabilities as probabilities,
)
from convrnn_lab.train.sequence_scores import (
    SequenceScores as SequenceScores,
)
from convrnn_lab.train.sequence_scores import (
    evaluate_sequences as evaluate_sequences,
)
from convrnn_lab.train.sequences import (
    SequenceHistory as SequenceHistory,
)
from convrnn_lab.train.sequences import (
    fit_sequences as fit_sequences,
)
from convrnn_lab.train.sequences import (
    fitting_sequences as fitting_sequences,
)
