"""The acquirer's batch number: counted by the terminal, and by the answer to its sign-on."""

from __future__ import annotations


def is_batch(text: str) -> bool:
    """Whether it is 000001 to 999999: zeros stand for a batch that nobody knows (field 61)."""
    return len(text) == 6 and text.isascii() and text.isdigit() and text != "000000"
