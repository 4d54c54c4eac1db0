"""What somebody works on now: one refund, one claim."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pos_terminal.services.money.intent import Intent


class InFlight:
    """The intents under way. Who wants to move a refund claims it first; nobody else does then.

    Two places need no claim, and say why: recovery, and a case for what can't be sent any more.
    """

    def __init__(self) -> None:
        self._intents: dict[int, Intent] = {}

    def __contains__(self, refund_id: int) -> bool:
        return refund_id in self._intents

    def get(self, refund_id: int) -> Intent | None:
        """The intent through which it is worked on, for answers that come late."""
        return self._intents.get(refund_id)

    @contextmanager
    def claim(self, *intents: Intent) -> Iterator[None]:
        """Theirs until the end of the block, with all that ``follow`` added.

        LookupError where one is claimed already: who might meet another looks first.
        """
        for intent in intents:
            if intent.refund_id in self._intents:
                raise LookupError(f"refund {intent.refund_id} is worked on by another")
        self._intents.update({intent.refund_id: intent for intent in intents})
        try:
            yield
        finally:
            held = {refund_id for refund_id, one in self._intents.items() if _is_in(one, intents)}
            for refund_id in held:
                del self._intents[refund_id]

    def follow(self, intent: Intent) -> None:
        """A claimed intent was sealed anew: its new refund belongs to the same claim."""
        self._intents[intent.refund_id] = intent


def _is_in(intent: Intent, intents: tuple[Intent, ...]) -> bool:
    return any(intent is one for one in intents)
