"""People with PINs, and tokens of cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from pos_terminal.core.pan import Pan
from pos_terminal.core.people import LockedOut, Person, Role, Who

SUPERVISORS: Final = frozenset({Role.SUPERVISOR})


class People(Protocol):
    async def log_in(self, who: Who, pin: str) -> Person:
        """Checks the PIN in a worker. Failure ``people.wrong`` / ``people.locked`` otherwise."""

    async def approve(
        self,
        who: Who,
        pin: str,
        *,
        asked_by: str | None = None,
        roles: frozenset[Role] = SUPERVISORS,
    ) -> Person:
        """The same check for the yes of somebody with one of these roles; nobody is logged in.

        A wrong PIN counts against ``asked_by`` as well. Failures of ``log_in``, and
        ``people.not_supervisor``, ``people.neither``, ``people.must_change``,
        ``people.asker_locked``.
        """

    async def change_pin(self, number: str, old: str, new: str) -> None:
        """Failure ``people.trivial`` / ``people.reused`` / ``people.wrong``."""

    async def locked(self) -> Sequence[Person]:
        """Who is locked now, by number."""

    async def unlock(self, number: str, by: tuple[str, str]) -> int:
        """End a lock, in the name of these two; how many wrong PINs there were."""

    async def news(self, number: str) -> LockedOut | None:
        """What this person is to be told at log-in, until ``heard``."""

    async def heard(self, number: str) -> None:
        """The person was told, or has logged in with nothing to tell."""


class Tokens(Protocol):
    key_id: str

    @property
    def older_ids(self) -> Sequence[str]:
        """Of keys that were replaced and are still looked under."""

    def token(self, pan: Pan) -> str:
        """HMAC-SHA-256 of the digits under the shop's token key, 64 hex digits."""

    def older(self, pan: Pan) -> Mapping[str, str]:
        """The same under keys that were replaced and are still looked under, by key id."""

    def customer(self, number: str) -> Sequence[str]:
        """Of a customer's number, in a domain of its own: under the present key, then under those
        that were replaced."""
