"""What the acquirer checks before it gives money back: field 39 of its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hw_sim.acquirer.book import Book, Key, Sold
from pos_terminal.core.eligibility import VoidScope
from pos_terminal.core.local_time import local
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.profile import Function, Profile
from pos_terminal.zones import zone_of

APPROVED: Final = "00"


@dataclass(frozen=True, slots=True)
class Asked:
    """A void, refund or reversal, read from its message."""

    function: Function
    key: Key
    pan: str = field(repr=False)
    """Empty: by reference."""
    amount: int
    currency: str | None
    rrn: str | None
    auth_code: str | None
    original: dict[str, str]
    """Field 61 by its parts: batch, trace, date."""

    @property
    def kind(self) -> str:
        return self.function.value


def read(profile: Profile, function: Function, message: Message) -> Asked:
    """The facts of a message that has all the fields of its row."""
    batch = profile.parts_60(message).get("batch", "")
    return Asked(
        function=function,
        key=Key(message.fields[41], message.fields[42], batch, message.fields[11]),
        pan=message.get(2) or "",
        amount=int(message.get(4) or "0"),
        currency=message.get(49),
        rrn=message.get(37),
        auth_code=message.get(38),
        original=profile.parts_61(message),
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Field 39, and the sale where it was found."""

    code: str
    sale: Sold | None = None


def judge(book: Book, profile: Profile, asked: Asked, batch: str, now: datetime) -> Verdict:
    """The verdict on a refund or a void; ``batch`` is the terminal's current one."""
    if asked.amount <= 0:
        return Verdict("13")
    if not asked.pan and not profile.by_reference:
        return Verdict("57")
    sale = book.sale(asked.rrn or "", asked.key.merchant_id)
    if sale is None or not _meant(asked, sale):
        return Verdict("25")
    code = _account(book, profile, asked, sale)
    if code == APPROVED and asked.currency != sale.currency:
        code = "13"
    if code == APPROVED:
        void = asked.function is Function.VOID
        if void:
            code = _void(profile, asked, sale, batch, now)
        else:
            code = _refund(profile, asked, sale, now)
    return Verdict(code, sale)


def _account(book: Book, profile: Profile, asked: Asked, sale: Sold) -> str:
    """Whether it goes to the account that paid: to its card, or by the whole reference. What stands
    for "not known" leads to nobody's."""
    if asked.pan:
        return APPROVED if book.same_account(sale.pan, asked.pan) else "14"
    named = [asked.rrn, asked.auth_code]
    if profile.original_61 == "known":
        named += [asked.original.get(part) for part in ("batch", "trace")]
    whole = all(one and one.strip("0 ") for one in named)
    return APPROVED if whole and asked.auth_code == sale.auth_code else "25"


def _meant(asked: Asked, sale: Sold) -> bool:
    """Whether field 61 names this payment; batch and trace of zeros are "not known"."""
    original = asked.original
    date = original.get("date")
    if date is not None and date != f"{sale.sold_at:%m%d}":
        return False
    for name, own in (("batch", sale.batch), ("trace", sale.trace)):
        given = original.get(name, "000000")
        if given not in ("000000", own):
            return False
    return asked.auth_code is None or sale.auth_code in (None, asked.auth_code)


def _refund(profile: Profile, asked: Asked, sale: Sold, now: datetime) -> str:
    """Its own limits first: days counted on its calendar, and refunds of one payment."""
    zone = zone_of(profile.timezone)
    age = (local(now, zone).date() - local(sale.sold_at, zone).date()).days
    if profile.refund_window_days is not None and age > profile.refund_window_days:
        return "22"
    if profile.refunds_per_sale is not None and sale.refunds >= profile.refunds_per_sale:
        return "65"
    if sale.voided or sale.given_back + asked.amount > sale.amount:
        return "61"
    return APPROVED


def _void(profile: Profile, asked: Asked, sale: Sold, batch: str, now: datetime) -> str:
    own = sale.terminal_id == asked.key.terminal_id
    if profile.void_scope is VoidScope.TERMINAL and not own:
        return "58"
    zone = zone_of(profile.timezone)
    if local(sale.sold_at, zone).date() != local(now, zone).date():
        return "12"
    if own and sale.batch != batch:
        return "12"
    if sale.voided or sale.given_back:
        return "12"
    return APPROVED if asked.amount == sale.amount else "64"
