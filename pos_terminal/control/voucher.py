"""Vouchers and exchange credits for the till: what one is worth, and taking from it, once for each
request (R37). By the number a till can't tell which it is, so both answer to the same verbs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any, Final

from pos_terminal.control.guessing import Guessing
from pos_terminal.control.refusals import Tally
from pos_terminal.control.server import WHO, BadRequest, Verb
from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit
from pos_terminal.core.money import MAX_AMOUNT
from pos_terminal.core.receipt_code import looks_like
from pos_terminal.core.voucher import Voucher, check_number, mask
from pos_terminal.core.words import Failure, VoucherFailure
from pos_terminal.ports import ExchangeTaking, Ledger, Redemption, Taking, TrustedClock

MOST_OF_A_REQUEST: Final = 64
"""Characters of a till's request id."""


def voucher_verbs(
    ledger: Ledger, clock: TrustedClock, merchant_id: str, terminal_id: str
) -> dict[str, Verb]:
    """``voucher`` and ``redeem``, as ``docs/store-credit.md`` has them."""
    counter = _Counter(ledger, clock, merchant_id, terminal_id)
    return {"voucher": counter.voucher, "redeem": counter.redeem}


class _Counter:
    def __init__(
        self, ledger: Ledger, clock: TrustedClock, merchant_id: str, terminal_id: str
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._merchant_id = merchant_id
        self._terminal_id = terminal_id
        self._guessing = Guessing()
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)
        """By cause."""

    async def voucher(self, request: dict[str, Any]) -> dict[str, Any]:
        """State and amounts; nothing changes."""
        number, who = _number(request), _who(request)
        self._guessing.check(*who)
        try:
            found = self._find(number)
        except VoucherFailure as failure:
            await self._write_down(failure, number, *who)
            raise
        if isinstance(found, Voucher):
            state, left, since = found.state.value, found.left, found.issued_at
        else:
            state, since = found.state_at(self._clock.now()), found.made_at
            left = found.left if state == CreditState.OPEN else 0
        return {
            "state": state,
            "amount": found.amount,
            "left": left,
            "currency": found.currency,
            "issued_at": since.isoformat(),
            **_kind(found),
        }

    async def redeem(self, request: dict[str, Any]) -> dict[str, Any]:
        """Take an amount; a repeated request is answered as it was, and takes nothing. So it is
        while the time is in doubt, too: after a power cut a till asks what became of it."""
        taking, currency, who = _taking(request), request.get("currency"), _who(request)
        self._guessing.check(*who)
        doubt = self._clock.doubt
        try:
            done = None if doubt is None else self._answered(taking)
            if doubt is not None and done is None:
                raise Failure.of(doubt)
            found = self._find(taking.number)
            if currency not in (None, found.currency):
                raise VoucherFailure("voucher.other_currency", currency=found.currency)
            if done is None:
                done = await self._take(found, taking)
        except VoucherFailure as failure:
            await self._write_down(failure, taking.number, *who)
            raise
        return {
            "amount": done.amount,
            "left": done.left,
            "currency": found.currency,
            "again": done.again,
            **_kind(found),
        }

    def _find(self, number: str) -> Voucher | ExchangeCredit:
        number = check_number(number, self._merchant_id, self._terminal_id)
        voucher = self._ledger.vouchers.by_number(number)
        found = voucher or self._ledger.exchange_credits.by_number(number)
        if found is None:
            raise VoucherFailure("voucher.unknown")
        return found

    def _answered(self, taking: Taking) -> Redemption | ExchangeTaking | None:
        """Before, to the same request."""
        if self._ledger.exchange_credits.by_number(taking.number) is None:
            return self._ledger.vouchers.redeemed(taking)
        return self._ledger.exchange_credits.taken(taking)

    async def _take(
        self, found: Voucher | ExchangeCredit, taking: Taking
    ) -> Redemption | ExchangeTaking:
        if isinstance(found, Voucher):
            return await self._ledger.vouchers.redeem(taking)
        return await self._ledger.take_exchange_credit(taking)

    async def _write_down(self, failure: VoucherFailure, number: str, uid: int, now: float) -> None:
        """Whoever guesses numbers leaves a trace: of each cause the 1st, 10th, 100th … of a day,
        and each lock. Not each try: a log is no place to fill."""
        tally, note = self._tallies[failure.code], self._ledger.journal.note
        who = tally.who(uid, now)
        times, due = tally.count(uid, now)
        if due:
            shown = mask(number) if looks_like(number) else ""
            cause = {"number": shown, "cause": failure.code}
            await note("voucher_refused", {**cause, "uid": who, "times": times})
        if self._guessing.wrong(uid, failure.code, now):
            await note("voucher_locked", {"uid": who, "cause": failure.code, "times": times})


def _kind(found: Voucher | ExchangeCredit) -> dict[str, Any]:
    """Which it is; of an exchange credit what the till has to print and to remember."""
    if isinstance(found, Voucher):
        return {"kind": "credit"}
    expires_at = found.expires_at.isoformat()
    return {"kind": "exchange", "sale_id": found.sale_id or None, "expires_at": expires_at}


def _who(request: dict[str, Any]) -> tuple[int, float]:
    """Who asks, and when, in seconds of the loop."""
    return request.get(WHO, 0), asyncio.get_running_loop().time()


def _taking(request: dict[str, Any]) -> Taking:
    """Raises BadRequest."""
    amount, name = request.get("amount"), request.get("request")
    if isinstance(amount, bool) or not isinstance(amount, int) or abs(amount) > MAX_AMOUNT:
        raise BadRequest("redeem needs amount, a whole number of minor units")
    if not isinstance(name, str) or not 0 < len(name) <= MOST_OF_A_REQUEST:
        raise BadRequest(f"redeem needs request, an id of 1 to {MOST_OF_A_REQUEST} characters")
    if not (name.isascii() and name.isprintable()):
        raise BadRequest("request has printable ASCII characters only")
    return Taking(_number(request), amount, request=name)


def _number(request: dict[str, Any]) -> str:
    """As it was scanned or typed. Raises BadRequest."""
    number = request.get("number")
    if not isinstance(number, str) or len(number) > MOST_OF_A_REQUEST:
        raise BadRequest("number is the voucher's 13 digits, as a text")
    return number.strip()
