"""Binds the receipt's renderer to this terminal's language, paper and printer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pos_terminal.ports import PrintJob
from pos_terminal.services.paper.queue import Render
from pos_terminal.texts import Language, catalogue

if TYPE_CHECKING:
    from pos_terminal.wire.receipt.wording import Tongue


def slip_renderer(
    language: Language, *, bilingual: bool, columns: int, profile: str = "default"
) -> Render:
    """Makes a job's bytes; its attempt and its number as a duplicate are marked on the paper."""
    tongues = receipt_tongues(language, bilingual)

    def to_bytes(job: PrintJob) -> bytes:
        from pos_terminal.wire.receipt.render import render

        return render(
            job.slip,
            texts=catalogue(),
            tongues=tongues,
            columns=columns,
            attempt=job.attempt,
            duplicate=job.duplicate,
            profile=profile,
        )

    return to_bytes


def receipt_tongues(language: Language, bilingual: bool) -> tuple[Tongue, ...]:
    """The terminal's language first, the other one after it on bilingual receipts."""
    if language is Language.ZH_CN:
        return ("zh", "en") if bilingual else ("zh",)
    return ("en", "zh") if bilingual else ("en",)
