"""All that tills and tools ask: it comes in with the first request, or behind the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pos_terminal.control.case_step import case_step_verbs
from pos_terminal.control.feed import TakesLines, feed_verbs
from pos_terminal.control.outcomes import Receive, outcome_verbs
from pos_terminal.control.server import Verb
from pos_terminal.control.stan import stan_verbs
from pos_terminal.control.state import state_verbs
from pos_terminal.control.status import status_verbs
from pos_terminal.control.stock import stock_verbs
from pos_terminal.control.voucher import voucher_verbs

if TYPE_CHECKING:
    from pos_terminal.config import Terminal
    from pos_terminal.ports import Authoriser, Ledger, TrustedClock
    from pos_terminal.ports.outcome_files import OutcomeFiles
    from pos_terminal.services.process.conditions import ConditionBoard


def tool_verbs(
    terminal: Terminal,
    *,
    board: ConditionBoard,
    authoriser: Authoriser,
    ledger: Ledger,
    clock: TrustedClock,
    intake: Callable[[], TakesLines],
    outcomes: OutcomeFiles,
    receive: Receive,
) -> dict[str, Verb]:
    """``classes.TOOLS``, each by its name."""
    return {
        **state_verbs(board, authoriser, ledger, outcomes, terminal.language),
        **feed_verbs(intake),
        **outcome_verbs(receive),
        **case_step_verbs(ledger, terminal.merchant_id),
        **stan_verbs(ledger),
        **status_verbs(ledger, terminal.merchant_id, terminal.terminal_id, terminal.zone),
        **stock_verbs(ledger),
        **voucher_verbs(ledger, clock, terminal.merchant_id, terminal.terminal_id),
    }
