"""One digest over the records of an import, of which a purge can take some off again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pos_terminal.services.ledger.audit import keyed


def digest_of_many(key: bytes, digests: Iterable[str], others: str = "0") -> str:
    """One digest over a set of them, and ``others``, whatever their order; of none it is ``EMPTY``.

    The sum of their HMACs modulo 2^256 (MSet-Add-Hash of Clarke and others, 2003): what is purged
    can be taken off again (``without``), and nobody without the key finds another set of that sum.
    """
    return _text(int(others, 16) + sum(_number(key, one) for one in digests))


def without(key: bytes, many: str, digests: Iterable[str]) -> str:
    """The digest of what is left of ``many`` once these are gone."""
    return _text(int(many, 16) - sum(_number(key, one) for one in digests))


def _number(key: bytes, one: str) -> int:
    return int(keyed(key, "record", one), 16)


def _text(number: int) -> str:
    return f"{number % 2**256:064x}"


EMPTY: Final = _text(0)
