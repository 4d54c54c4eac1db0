"""What one answer means for the money: the whole table, and nothing else decides it.

Two steps: what may be believed of it (``understood``), and what is done then (``step``), with what
is kept and told of that. All is pure, and ``docs/outcomes.md`` is drawn from it.
"""

from pos_terminal.core.answers.meaning import (
    SAYABLE,
    Meaning,
    Sending,
    Terms,
    Trust,
    can_be,
    may_name,
    understood,
)
from pos_terminal.core.answers.steps import (
    Remedy,
    ReversalReason,
    Step,
    open_state,
    reversal_reason,
    state_after,
)
from pos_terminal.core.answers.table import (
    TABLE,
    Answered,
    Place,
    Turn,
    first_sending,
    moves,
    place,
    remedy,
    step,
)

__all__ = [
    "SAYABLE",
    "TABLE",
    "Answered",
    "Meaning",
    "Place",
    "Remedy",
    "ReversalReason",
    "Sending",
    "Step",
    "Terms",
    "Trust",
    "Turn",
    "can_be",
    "first_sending",
    "may_name",
    "moves",
    "open_state",
    "place",
    "remedy",
    "reversal_reason",
    "state_after",
    "step",
    "understood",
]
