"""Train a classifier of images or a model of sequences, batch by batch or at once, and score it."""

from convrnn_lab.train.classifier import (
    fit as fit,
    fitting as fitting,
)
from convrnn_lab.train.history import (
    History as History,
    Progress as Progress,
)
from convrnn_lab.train.recipes import (
    RECIPES as RECIPES,
    Recipe as Recipe,
    Reproduced as Reproduced,
    reproduce as reproduce,
)
from convrnn_lab.train.scores import (
    Scores as Scores,
    evaluate as evaluate,
    probabilities as probabilities,
)
from convrnn_lab.train.sequence_scores import (
    SequenceScores as SequenceScores,
    evaluate_sequences as evaluate_sequences,
)
from convrnn_lab.train.sequences import (
    SequenceHistory as SequenceHistory,
    fit_sequences as fit_sequences,
    fitting_sequences as fitting_sequences,
)
