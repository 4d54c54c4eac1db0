"""The acquirer's mind: a request in, its answer and the entry in the book out. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from hw_sim.acquirer.book import Book, Entry, Sold
from hw_sim.acquirer.records import SaleRecord, Terminal
from hw_sim.acquirer.rules import APPROVED, Asked, Verdict, judge, read
from hw_sim.acquirer.strict import misfit
from pos_terminal.core.answers import Sending
from pos_terminal.core.local_time import local
from pos_terminal.wire.iso8583.codec import Codec, Decoded
from pos_terminal.wire.iso8583.keys import SessionKeys, make_keys
from pos_terminal.wire.iso8583.matching import answer_mti
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Function
from pos_terminal.zones import zone_of

INSTITUTION: Final = "48020000"
"""Field 32 of every answer."""
CONTENT: Final = (2, 3, 4, 11, 37, 41, 42, 60, 61)
"""The fields in which a repeat must be identical."""
_ECHOED: Final = (2, 3, 4, 11, 14, 25, 41, 42, 49, 60)
_MANAGEMENT: Final = frozenset({Function.SIGN_ON, Function.SIGN_OFF, Function.ECHO})
_SCHEME: Final = "CUP"


@dataclass(frozen=True, slots=True)
class Orders:
    """Faults that change what is done, not how it is sent."""

    forgetful: bool = False
    code: str | None = None
    limit: int | None = None
    bad_check: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and the key that signs it; None where there is no session."""

    message: Message
    mak: bytes | None = field(repr=False)


class Host:
    """Serves all its terminals from one book, on a clock in the time zone of its profile."""

    def __init__(
        self,
        codec: Codec,
        terminals: Iterable[Terminal],
        book: Book,
        now: Callable[[], datetime],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._codec = codec
        self._profile = codec.profile
        self._terminals = {terminal.terminal_id: terminal for terminal in terminals}
        self._book = book
        zone = zone_of(self._profile.timezone)
        self._now: Callable[[], datetime] = lambda: local(now(), zone)
        self._entropy = entropy
        self.differs: str | None = None
        """Where the last request differs from the profile: it is answered 30."""

    def batch(self, terminal_id: str) -> str:
        """The terminal's current batch. KeyError for a terminal that isn't ours."""
        return self._book.batch(terminal_id) or self._terminals[terminal_id].batch

    def mak(self, terminal_id: str | None) -> bytes | None:
        return self._book.mak(terminal_id or "")

    def answer(self, decoded: Decoded, orders: Orders) -> Reply | None:
        """The answer; None for a message that is no request."""
        request = decoded.message
        function = self._profile.function(request)
        if function is None:
            return None
        with self._book.transaction():
            fields = self._fields(decoded, function, orders)
        mti = answer_mti(self._profile, request)
        assert mti is not None  # a function has its answer
        message = Message(
            mti,
            MappingProxyType(dict(sorted(fields.items()))),
            replace(request.header, demand="0"),
            _back(request.tpdu),
        )
        return Reply(message, self._book.mak(request.get(41) or ""))

    def _fields(self, decoded: Decoded, function: Function, orders: Orders) -> dict[int, str]:
        request = decoded.message
        refusal = self._refusal(decoded, function)
        if refusal is not None:
            return self._basic(request, refusal)
        if function is Function.SIGN_ON:
            return self._sign_on(request, orders)
        if orders.code is not None and not self._accepts(orders.code):
            return self._unprocessed(request, function, orders.code)
        if function is Function.SIGN_OFF:
            self._book.set_mak(request.fields[41], None)
        if function in _MANAGEMENT:
            return self._basic(request, APPROVED)
        return self._money(request, function, orders)

    def _refusal(self, decoded: Decoded, function: Function) -> str | None:
        """Field 39 of what never reaches the book: strangers, missing fields, bad MACs."""
        self.differs = None
        request = decoded.message
        terminal = self._terminals.get(request.get(41) or "")
        if terminal is None:
            return "97"
        if request.get(42) != terminal.merchant_id:
            return "03"
        self.differs = misfit(self._profile, function, request)
        if self.differs is not None:
            return "30"
        rule = self._profile.messages[function]
        if rule.mac == "never" or (rule.mac == "keyed" and request.get(64) is None):
            return None
        return None if self._codec.mac_ok(decoded, self.mak(terminal.terminal_id)) else "A0"

    def _unprocessed(self, request: Message, function: Function, code: str) -> dict[int, str]:
        """An answer by order. A decline is an attempt that the ledger shows; no answer of that
        kind is remembered, so that the identical message is judged when it comes again."""
        answered = self._basic(request, code)
        sending = Sending.VOID if function is Function.VOID else Sending.REFUND
        money = function in (Function.REFUND, Function.VOID)
        if money and self._profile.response(code, sending).declines:
            self._enter(read(self._profile, function, request), answered, None, 0)
        return answered

    def _accepts(self, code: str) -> bool:
        return self._profile.response(code, Sending.REFUND).accepts

    # --- sessions ---

    def _sign_on(self, request: Message, orders: Orders) -> dict[int, str]:
        terminal = self._terminals[request.fields[41]]
        variant = self._profile.parts_60(request)["network"]
        if variant != terminal.key_exchange:
            return self._basic(request, "30")
        keys = self._new_keys(terminal)
        sealed = bytearray.fromhex(make_keys(self._profile, variant, terminal.tmk, keys))
        if orders.bad_check:
            sealed[-1] ^= 0xFF
        else:
            self._book.set_mak(terminal.terminal_id, keys.mak)
        answered = self._basic(request, APPROVED)
        answered[60] = "00" + self.batch(terminal.terminal_id) + variant
        answered[62] = sealed.hex().upper()
        return answered

    def _new_keys(self, terminal: Terminal) -> SessionKeys:
        lengths = {p.name: p.length for p in self._profile.keys.variants[terminal.key_exchange]}
        keys = {name: self._entropy(length) for name, length in lengths.items()}
        if terminal.single_mak:
            keys["mak"] = keys["mak"][:8]
        return SessionKeys(**keys)

    # --- money ---

    def _money(self, request: Message, function: Function, orders: Orders) -> dict[int, str]:
        asked = read(self._profile, function, request)
        content = _content(request)
        if function is not Function.REVERSAL and self._book.was_reversed(asked.key):
            return self._basic(request, "94")  # it comes after its own reversal
        stored = None if orders.forgetful else self._book.remembered(asked.kind, asked.key)
        if stored is not None:
            return stored[1] if stored[0] == content else self._basic(request, "94")
        if asked.key.batch != self.batch(asked.key.terminal_id):
            return self._basic(request, "77")
        answered = self._do(request, asked, orders)
        self._book.remember(asked.kind, asked.key, content, answered)
        return answered

    def _do(self, request: Message, asked: Asked, orders: Orders) -> dict[int, str]:
        if asked.function is Function.REVERSAL:
            return self._reverse(request, asked)
        if asked.function is Function.SALE:
            return self._sell(request, asked)
        batch = self.batch(asked.key.terminal_id)
        verdict = judge(self._book, self._profile, asked, batch, self._now())
        return self._give_back(request, asked, verdict, orders)

    def _give_back(
        self, request: Message, asked: Asked, verdict: Verdict, orders: Orders
    ) -> dict[int, str]:
        accepted = verdict.code == APPROVED
        code, paid = verdict.code, asked.amount if accepted else 0
        if accepted and orders.limit is not None and orders.limit < paid:
            code, paid = "10", orders.limit
        elif accepted and orders.code is not None:
            code = orders.code
        answered = self._basic(request, code)
        if accepted:
            answered[4] = f"{paid:012d}"
        self._enter(asked, answered, verdict.sale, paid)
        return answered

    def _enter(
        self, asked: Asked, answered: Mapping[int, str], sale: Sold | None, paid: int
    ) -> None:
        accepted = paid > 0 or answered[39] == APPROVED
        self._book.enter(
            Entry(
                kind=asked.kind,
                key=asked.key,
                rrn=answered[37],
                original_rrn=asked.rrn,
                sale=None if sale is None else sale.id,
                amount=asked.amount,
                paid=paid,
                response=answered[39],
                state="accepted" if accepted else "declined",
                at=self._now().isoformat(),
            )
        )

    def _reverse(self, request: Message, asked: Asked) -> dict[int, str]:
        """00 undoes the original; 25 where it never came or was declined."""
        number = self._book.accepted(asked.key)
        if number is not None and self._book.amount_of(number) != asked.amount:
            return self._basic(request, "94")
        if number is not None:
            self._book.reverse(number, self._now().isoformat())
        answered = self._basic(request, "25" if number is None else APPROVED)
        self._enter(asked, answered, None, 0)
        return answered

    def _sell(self, request: Message, asked: Asked) -> dict[int, str]:
        answered = self._basic(request, APPROVED)
        answered[38] = f"{self._book.next_number('auth') % 1_000_000:06d}"
        key = asked.key
        self._book.insert_sale(
            SaleRecord(
                sale_id=answered[37],
                pan=asked.pan,
                amount=asked.amount,
                rrn=answered[37],
                batch=key.batch,
                trace=key.stan,
                terminal_id=key.terminal_id,
                merchant_id=key.merchant_id,
                sold_at=self._now(),
                currency=asked.currency or "156",
                auth_code=answered[38],
            )
        )
        return answered

    # --- answers ---

    def _basic(self, request: Message, code: str) -> dict[int, str]:
        """What every answer has: fields of the request, the time, a new RRN and field 39."""
        now = self._now()
        answered = {n: value for n in _ECHOED if (value := request.get(n)) is not None}
        answered |= {
            12: f"{now:%H%M%S}",
            13: f"{now:%m%d}",
            32: INSTITUTION,
            37: self._rrn(now),
            39: code,
        }
        if request.get(2) is not None:
            answered |= {15: f"{now:%m%d}", 44: INSTITUTION.ljust(11) + INSTITUTION.ljust(11)}
        if request.get(63) is not None and request.get(2) is not None:
            answered[63] = _SCHEME
        return answered

    def _rrn(self, now: datetime) -> str:
        """Year digit, day of the year, hour, six digits that count."""
        number = self._book.next_number("rrn") % 1_000_000
        return f"{now.year % 10}{now:%j%H}{number:06d}"


def _content(request: Message) -> str:
    fields: Mapping[int, str | None] = {number: request.get(number) for number in CONTENT}
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _back(tpdu: str) -> str:
    """The host swaps destination and source."""
    return tpdu[:2] + tpdu[6:] + tpdu[2:6]
