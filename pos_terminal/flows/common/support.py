"""Whom a clerk rings up, beside what only a technician can mend (R82)."""

from __future__ import annotations

from typing import Final

from pos_terminal.core.words import Words, say
from pos_terminal.ui.page import Line

_CODES: Final = frozenset(
    {
        "clock.apart",
        "clock.before_build",
        "clock.behind",
        "clock.far_ahead",
        "clock.garbled",
        "clock.leapt",
        "clock.unconfirmed",
        "clock.unproven",
        "clock.unproven_purge",
        "clock.zone",
        "display.driver",
        "display.font",
        "display.ok",
        "display.panel",
        "display.size",
        "display.terminal",
        "display.window",
        "flows.defect",
        "flows.no_home",
        "keys.damaged",
        "keys.device",
        "keys.exchange",
        "keys.exposed",
        "keys.half_sealed",
        "keys.missing",
        "keys.protection",
        "keys.ring",
        "keys.sealed",
        "keys.slot",
        "keys.tpm_failed",
        "keys.tpm_locked",
        "keys.tpm_missing",
        "keys.tpm_other",
        "keys.tpm_owner",
        "keys.tpm_rights",
        "keys.tpm_silent",
        "keys.unreadable",
        "keys.weak_token",
        "ledger.busy",
        "ledger.damaged",
        "ledger.full",
        "ledger.io",
        "ledger.no_keys",
        "ledger.readonly",
        "ledger.rolled_back",
        "ledger.tampered",
        "ledger.unreadable",
        "start.defect",
    }
)


def support_line(words: Words, support: str) -> tuple[Line, ...]:
    """The hot line, where there is one and what is said is trouble of the terminal's own."""
    if not support or words.code not in _CODES:
        return ()
    return (Line(say("flows.support"), support),)
