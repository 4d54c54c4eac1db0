"""Numbers and names that tills make, compared as people see them."""

from __future__ import annotations

import unicodedata


def normal(text: str) -> str:
    """Trimmed, and in the form NFKC (Unicode annex 15): full-width digits are digits."""
    return text if text.isascii() and text == text.strip() else _normal(text)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()
