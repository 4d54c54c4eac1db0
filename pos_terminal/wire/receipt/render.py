"""A slip as the bytes that a printer takes."""

from __future__ import annotations

from pos_terminal.wire.receipt.blocks import Blocks
from pos_terminal.wire.receipt.layout import lay_out
from pos_terminal.wire.receipt.slip import Slip
from pos_terminal.wire.receipt.to_escpos import to_bytes
from pos_terminal.wire.receipt.wording import Catalogue, Tongue, Wording


def render(
    slip: Slip,
    *,
    texts: Catalogue,
    tongues: tuple[Tongue, ...] = ("zh",),
    columns: int = 32,
    attempt: int = 1,
    duplicate: int = 0,
    profile: str = "default",
) -> bytes:
    """The slip for paper of 32 (58 mm) or 48 columns (80 mm), in one language or in two.

    ``attempt`` over 1 marks a slip that is printed whole again after an interruption (R42),
    ``duplicate`` over 0 the n-th reprint (R41). ``profile`` names python-escpos' capabilities.
    """
    blocks = Blocks(Wording(texts, tongues), columns)
    return to_bytes(lay_out(slip, blocks, attempt=attempt, duplicate=duplicate), profile)
