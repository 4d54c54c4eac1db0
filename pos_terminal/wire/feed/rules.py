"""What a record of the sales feed is held against, and under which keys its cards are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from pos_terminal.core.pan import Pan
from pos_terminal.core.sale import CLOCKS_DIFFER
from pos_terminal.wire.feed.bad import BadLine


class TokenMaker(Struct, frozen=True):
    """Makes card tokens under the key of that id."""

    key_id: str
    make: Callable[[Pan], str]
    older: tuple[TokenMaker, ...] = ()
    """Under keys that were replaced: tokens of theirs can be compared with a card, too."""

    @classmethod
    def of(cls, tokens: Tokens) -> TokenMaker:
        """Under all keys of a shop."""
        older = (cls(key_id, _maker(tokens, key_id)) for key_id in tokens.older_ids)
        return cls(tokens.key_id, tokens.token, tuple(older))

    def knows(self, key_id: str) -> bool:
        """Whether a token under that key is one of this shop's."""
        return key_id == self.key_id or any(key_id == one.key_id for one in self.older)


class Tokens(Protocol):
    """As ``ports.Tokens``."""

    key_id: str

    @property
    def older_ids(self) -> Sequence[str]: ...
    def token(self, pan: Pan) -> str: ...
    def older(self, pan: Pan) -> Mapping[str, str]: ...


def _maker(tokens: Tokens, key_id: str) -> Callable[[Pan], str]:
    return lambda pan: tokens.older(pan)[key_id]


class Rules(Struct, frozen=True):
    """What a record is held against, besides its own form."""

    merchant_id: str
    tokens: TokenMaker | None
    allow_pan: bool
    auth_code: tuple[int, int] = (6, 6)
    """Characters of an authorisation code that the acquirer's message has room for: the least and
    the most."""
    now: datetime | None = None
    """What says to have been later is refused; None: nobody knows what time it is."""

    def not_later(self, at: datetime, by: timedelta = CLOCKS_DIFFER) -> None:
        """BadLine ``future`` where it is later than now, by more than that: a clock is wrong, the
        till's or ours."""
        if self.now is not None and at > self.now + by:
            now = f"{self.now:%Y-%m-%d %H:%M}"
            raise BadLine("future", at=at.isoformat(timespec="minutes"), now=now)
