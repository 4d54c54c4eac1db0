"""What became of a refund, for the shop's website (R50): whoever has the slip knows its code and
its amount, and is told no more than its state, its day and the acquirer's number of it."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import tzinfo
from typing import Any, Final

from pos_terminal.control.pace import A_MINUTE, Pace
from pos_terminal.control.refusals import Tally
from pos_terminal.control.server import WHO, BadRequest, Verb
from pos_terminal.core import receipt_code
from pos_terminal.core.local_time import local
from pos_terminal.core.voucher import mask
from pos_terminal.core.words import Failure
from pos_terminal.ports import Ledger
from pos_terminal.ports.standing import Standing, application_of, standing_of

AN_HOUR: Final = 3_600.0
TRIES_AN_HOUR: Final = 10
"""Of one code, by whoever asks: an amount is not found out by ten tries an hour."""
MOST_CODES: Final = 4_096
"""That are counted at once; more than one caller can ask about in an hour. Beyond them a code that
was not asked about lately is answered by nothing."""
_MOST_CHARACTERS: Final = 64


def status_verbs(
    ledger: Ledger, merchant_id: str, terminal_id: str, zone: tzinfo
) -> dict[str, Verb]:
    """``status``, as ``docs/configuration.md`` has it. Failures ``status.none``, which tells a
    wrong code from a wrong amount by nothing, and ``status.too_often``."""
    return {"status": _Enquiries(ledger, merchant_id, terminal_id, zone).status}


class _Enquiries:
    def __init__(self, ledger: Ledger, merchant_id: str, terminal_id: str, zone: tzinfo) -> None:
        self._ledger = ledger
        self._merchant_id = merchant_id
        self._terminal_id = terminal_id
        self._zone = zone
        self._pace = Pace()
        self._tries = Tries()
        self._tally = Tally()

    async def status(self, request: dict[str, Any]) -> dict[str, Any]:
        code, amount = _asked(request)
        uid, now = request.get(WHO, 0), asyncio.get_running_loop().time()
        if not (self._pace.take(uid, now) and self._tries.take(code, now)):
            raise Failure("status.too_often", tries=TRIES_AN_HOUR, most=A_MINUTE)
        found = self._find(code)
        if found is None or amount not in _amounts(found):
            await self._write_down(code, uid, now)
            raise Failure("status.none")
        return {
            "state": found.status.value,
            "date": found.day(lambda at: local(at, self._zone)),
            "arn": found.arn or None,
        }

    def _find(self, text: str) -> Standing | None:
        code = receipt_code.decode(text)
        if code is None:
            return None
        number = application_of(self._ledger, code, self._merchant_id, self._terminal_id)
        return None if number is None else standing_of(self._ledger, number)

    async def _write_down(self, code: str, uid: int, now: float) -> None:
        """The 1st, 10th, 100th … wrong one of a caller's day; never the amount, nor the code as it
        is on a slip."""
        who = self._tally.who(uid, now)
        times, due = self._tally.count(uid, now)
        if due:
            shown = mask(code) if receipt_code.looks_like(code) else ""
            facts: dict[str, str | int] = {"code": shown, "uid": who, "times": times}
            await self._ledger.journal.note("status_refused", facts)


class Tries:
    """So many an hour for each code, right or wrong: a right answer to the eleventh would tell as
    much as one to the first."""

    def __init__(self) -> None:
        self._of: dict[str, deque[float]] = {}

    def take(self, code: str, now: float) -> bool:
        """Whether there is one left for this code. ``now`` in seconds that only go forward."""
        lately = self._of.get(code)
        if lately is None:
            self._forget(now)
            if len(self._of) >= MOST_CODES:
                return False
            lately = self._of[code] = deque()
        while lately and now - lately[0] >= AN_HOUR:
            lately.popleft()
        if len(lately) >= TRIES_AN_HOUR:
            return False
        lately.append(now)
        return True

    def _forget(self, now: float) -> None:
        if len(self._of) < MOST_CODES:
            return
        old = [code for code, lately in self._of.items() if now - lately[-1] >= AN_HOUR]
        for code in old:
            del self._of[code]


def _amounts(found: Standing) -> frozenset[int]:
    """What its slips say: the amount asked for, and what went back where that was less."""
    refund = found.refund
    of_refund = () if refund is None else (refund.amount, refund.done or refund.amount)
    return frozenset((found.application.amount, *of_refund))


def _asked(request: dict[str, Any]) -> tuple[str, int]:
    """Code and amount. Raises BadRequest."""
    code, amount = request.get("code"), request.get("amount")
    if not isinstance(code, str) or not 0 < len(code) <= _MOST_CHARACTERS:
        raise BadRequest("status needs code, the 13 digits of a slip, as a text")
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise BadRequest("status needs amount, a whole number of minor units")
    return code.strip(), amount
