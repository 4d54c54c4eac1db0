"""People with PINs, and tokens of cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pos_terminal.core.pan import Pan
from pos_terminal.core.people import Person


class People(Protocol):
    async def log_in(self, number: str, pin: str) -> Person:
        """Checks the PIN in a worker. Failure ``people.wrong`` / ``people.locked`` otherwise."""

    async def approve(self, number: str, pin: str) -> Person:
        """The same check for a supervisor's yes; nobody is logged in by it.

        Failures of ``log_in``, and ``people.not_supervisor``, ``people.must_change``.
        """

    async def change_pin(self, number: str, old: str, new: str) -> None:
        """Failure ``people.trivial`` / ``people.reused`` / ``people.wrong``."""


class Tokens(Protocol):
    key_id: str

    @property
    def older_ids(self) -> Sequence[str]:
        """Of keys that were replaced and are still looked under."""

    def token(self, pan: Pan) -> str:
        """HMAC-SHA-256 of the digits under the shop's token key, 64 hex digits."""

    def older(self, pan: Pan) -> Mapping[str, str]:
        """The same under keys that were replaced and are still looked under, by key id."""
