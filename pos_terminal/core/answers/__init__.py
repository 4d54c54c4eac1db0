"""What one answer means for the money: the whole table, and nothing else decides it.

Two steps: what may be believed of it (``understood``), and what is done then (``action``), with
what is kept and told of that. All is pure, and ``docs/outcomes.md`` is drawn from it.
"""

from pos_terminal.core.answers.actions import (
    Action,
    Remedy,
    ReversalReason,
    open_state,
    reversal_reason,
    state_after,
)
from pos_terminal.core.answers.meaning import (
    SAYABLE,
    Meaning,
    Sending,
    Terms,
    Trust,
    can_be,
    disagreeing,
    made_of,
    may_name,
    understood,
)
from pos_terminal.core.answers.table import (
    TABLE,
    Answered,
    Place,
    Turn,
    action,
    first_sending,
    late_sending,
    moves,
    place,
    remedy,
)

__all__ = [
    "SAYABLE",
    "TABLE",
    "Action",
    "Answered",
    "Meaning",
    "Place",
    "Remedy",
    "ReversalReason",
    "Sending",
    "Terms",
    "Trust",
    "Turn",
    "action",
    "can_be",
    "disagreeing",
    "first_sending",
    "late_sending",
    "made_of",
    "may_name",
    "moves",
    "open_state",
    "place",
    "remedy",
    "reversal_reason",
    "state_after",
    "understood",
]
