"""The terminal's state for tools: devices, acquirer link, what is open."""

from __future__ import annotations

from typing import Any

from pos_terminal.control.server import Verb
from pos_terminal.ports import Authoriser, JobState, LedgerReads
from pos_terminal.ports.outcome_files import OutcomeFiles
from pos_terminal.services.process.conditions import ConditionBoard, described
from pos_terminal.texts import Language, render, technician


def state_verbs(
    board: ConditionBoard,
    authoriser: Authoriser,
    ledger: LedgerReads,
    outcomes: OutcomeFiles,
    language: Language,
) -> dict[str, Verb]:
    """``state``: nothing in it is secret."""

    async def state(_: dict[str, Any]) -> dict[str, Any]:
        host = authoriser.state
        why = host.stopped or host.trouble
        newest = ledger.feed.newest_sale()
        return {
            "devices": board.devices.described(language),
            "conditions": described(board.now(), language),
            "host": {
                "line": host.line.value,
                "since": host.since.isoformat(timespec="seconds"),
                "probed_at": host.probed_at and host.probed_at.isoformat(timespec="seconds"),
                "connected": host.connected,
                "signed_on": host.signed_on,
                "pending": host.pending,
                "demand": host.demand,
                "stopped": "" if host.stopped is None else render(host.stopped, language),
                "tech": "" if why is None else technician(why),
            },
            "batch": ledger.counter.batch(),
            "open": [refund.refund_id for refund in ledger.refunds.open_ones()],
            "slips": {
                "waiting": len(ledger.slips.in_state(JobState.READY, JobState.SENDING)),
                "unsure": len(ledger.slips.in_state(JobState.UNKNOWN)),
            },
            "outcomes": {"waiting": outcomes.waiting},
            "feed": {
                "refused": ledger.feed.refused(),
                "newest_sale": None if newest is None else newest.isoformat(),
            },
        }

    return {"state": state}
