"""From a slip to rows of paper: what stands on which slip, and in which order (R39)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from pos_terminal.core.money import format_amount
from pos_terminal.wire.receipt.blocks import Blocks, currency_name, moment, money
from pos_terminal.wire.receipt.paper import Cut, Gap, Row
from pos_terminal.wire.receipt.slip import Copy, Slip, SlipKind

Body = Callable[[Blocks, Slip], Iterator[Row]]

ALARMING: Final = frozenset(
    {
        SlipKind.DECLINED,
        SlipKind.PENDING,
        SlipKind.NOT_SENT,
        SlipKind.REVERSED,
        SlipKind.REFUSED,
        SlipKind.GIVEN_UP,
        SlipKind.OVERPAID,
        SlipKind.ENQUIRY,
    }
)
"""No money was given back, nobody knows, or too much was: the title stands white on black."""
AIR: Final = 12
"""Dots above and beneath the title."""
SIGNED: Final = frozenset(
    {SlipKind.REFUND, SlipKind.VOID, SlipKind.CASH, SlipKind.CREDIT, SlipKind.ENQUIRY}
)
OF_ITS_OWN: Final = frozenset({SlipKind.CREDIT, SlipKind.ENQUIRY})
"""The customer's copy is no copy of the merchant's: it has a title of its own."""
DONE_LABEL: Final = {
    SlipKind.REFUND: "amount_done",
    SlipKind.VOID: "amount_void",
    SlipKind.CASH: "amount_cash",
    SlipKind.CREDIT: "amount_credit",
}


def lay_out(slip: Slip, blocks: Blocks, *, attempt: int, duplicate: int) -> tuple[Row, ...]:
    """All rows of the slip, its marks and the cut included."""
    return (
        *_marks(slip, blocks, attempt, duplicate),
        *_head(slip, blocks),
        *_BODIES[slip.kind](blocks, slip),
        *_foot(slip, blocks, duplicate),
        Cut(),
    )


def _marks(slip: Slip, blocks: Blocks, attempt: int, duplicate: int) -> Iterator[Row]:
    if slip.training:
        yield from blocks.mark("training")
    if duplicate:
        yield from blocks.mark("duplicate", n=duplicate)
    if attempt > 1:
        yield from blocks.mark("attempt", n=attempt)
        yield from blocks.notes("attempt_note")


def _head(slip: Slip, blocks: Blocks) -> Iterator[Row]:
    yield from blocks.centred(slip.merchant_name, bold=True, tall=2)
    yield Gap(AIR)
    yield from blocks.title(_title(slip), alarm=slip.kind in ALARMING)
    if slip.kind in ALARMING:
        yield from blocks.notes(f"{slip.kind.value}_note")
    if slip.concluded_ref:
        yield from blocks.notes(
            "concluded_file_note" if slip.concluded_by_file else "concluded_note"
        )
    yield Gap(AIR)
    if slip.kind is SlipKind.CREDIT and slip.copy is Copy.CUSTOMER:
        yield from blocks.notes("voucher_worth")
    elif slip.kind is not SlipKind.TEST:
        yield from blocks.centred(blocks.wording.label(f"{slip.copy.value}_copy"))
    yield blocks.rule("=")
    yield from blocks.facts(
        ("merchant", slip.merchant_id),
        ("terminal", slip.terminal_id),
        ("operator", slip.operator),
        ("at", moment(slip.at)),
        ("application", str(slip.application) if slip.application else ""),
        ("case", str(slip.case) if slip.case else ""),
    )


def _title(slip: Slip) -> str:
    """The customer has a receipt or a voucher of what the merchant has a form for."""
    customer = slip.kind in OF_ITS_OWN and slip.copy is Copy.CUSTOMER
    return f"{slip.kind.value}_customer" if customer else slip.kind.value


def _given_back(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """Refund, void and cash: the money went back."""
    yield from _card(blocks, slip)
    yield blocks.rule()
    yield from blocks.amount(DONE_LABEL[slip.kind], slip.amount, slip.currency)
    yield from blocks.facts(
        ("amount_asked", money(slip.asked, slip.currency) if slip.asked else "")
    )
    yield from blocks.said("cause", blocks.wording.pick(slip.cause_zh, slip.cause_en))
    yield from _concluded(blocks, slip)
    yield from _items(blocks, slip)
    yield from _original(blocks, slip)
    yield from _decided(blocks, slip)
    if slip.copy is Copy.CUSTOMER:
        yield from _arrival(blocks, slip, "arrival")


def _credit(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """The voucher, and what the merchant keeps of it."""
    yield blocks.rule()
    yield from blocks.amount(DONE_LABEL[slip.kind], slip.amount, slip.currency)
    yield from blocks.facts(("voucher", slip.voucher), ("currency", currency_name(slip.currency)))
    if slip.copy is Copy.CUSTOMER:
        yield from blocks.said("terms", blocks.wording.each("voucher_terms"))
    yield from blocks.said("cause", blocks.wording.pick(slip.cause_zh, slip.cause_en))
    yield from _items(blocks, slip)
    yield from _original(blocks, slip)
    yield from _decided(blocks, slip)


def _not_given_back(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """Declined, not sent, reversed, refused, given up: what was asked, why not, what next."""
    yield from _card(blocks, slip)
    yield blocks.rule()
    yield from blocks.amount("amount_asked", slip.amount, slip.currency)
    yield blocks.rule()
    yield from blocks.facts(("response", slip.response))
    yield from _why(blocks, slip)
    yield from _concluded(blocks, slip)
    yield from _items(blocks, slip)
    yield from _original(blocks, slip)
    yield from _decided(blocks, slip)


def _pending(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """The certificate with which the customer can leave (R32)."""
    yield from _card(blocks, slip)
    yield blocks.rule()
    yield from blocks.amount("amount_asked", slip.amount, slip.currency)
    yield blocks.rule()
    yield from blocks.facts(("check_code", slip.check_code))
    yield from _arrival(blocks, slip, "pending_by")
    yield from _why(blocks, slip)
    yield from _items(blocks, slip)
    yield from _original(blocks, slip)
    yield from _decided(blocks, slip)


def _overpaid(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """What was approved too late, and who had given it up."""
    yield from _card(blocks, slip)
    yield blocks.rule()
    yield from blocks.amount("amount_late", slip.amount, slip.currency)
    yield blocks.rule()
    yield from _why(blocks, slip)
    yield from _concluded(blocks, slip)
    yield from _told_late(blocks, slip)
    yield from _original(blocks, slip)


def _enquiry(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """The acquirer's form, to be sent and answered; the customer's copy has the check code."""
    yield from _card(blocks, slip)
    yield from _original(blocks, slip)
    yield blocks.rule()
    yield from blocks.amount("amount_debited", slip.amount, slip.currency)
    yield blocks.rule()
    yield from blocks.facts(("check_code", slip.check_code))
    if slip.copy is Copy.CUSTOMER:
        yield from _arrival(blocks, slip, "pending_by")
        yield from blocks.said("advice", blocks.wording.pick(slip.advice_zh, slip.advice_en))
        return
    yield from blocks.said("cause", blocks.wording.pick(slip.cause_zh, slip.cause_en))
    if slip.customer:
        yield from blocks.facts(("customer", slip.customer))
    else:
        yield from blocks.blanks("customer")
    yield from blocks.blanks("debited_at")
    yield blocks.rule()
    yield blocks.heading("acquirer_answer")
    yield from blocks.blanks("answer_outcome", "answer_reference", "answer_by")


def _test(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """A ruler, the languages, the sizes: what a technician looks for."""
    yield blocks.rule()
    yield from blocks.plain("".join(str(place % 10) for place in range(1, blocks.columns + 1)))
    for text in blocks.wording.each("test_sample"):
        yield from blocks.plain(text)
        yield from blocks.centred(text, bold=True)
        yield from blocks.centred(text, inverse=True)
    yield from blocks.amount("amount_done", slip.amount, slip.currency)
    yield from _why(blocks, slip)


def _card(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """The card and the numbers of this request; nothing for a refused one without a card."""
    funding = slip.funding if slip.funding in ("debit", "credit") else ""
    rows = tuple(
        blocks.facts(
            ("card", slip.masked_card),
            ("scheme", blocks.wording.scheme(slip.scheme) if slip.scheme else ""),
            ("funding", blocks.wording.label(f"funding_{funding}") if funding else ""),
            ("batch", slip.batch),
            ("stan", slip.stan),
            ("auth_code", slip.auth_code),
            ("rrn", slip.rrn),
        )
    )
    if rows:
        yield blocks.rule()
        yield from rows


def _concluded(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """By what and by whom an unknown outcome was concluded."""
    if not slip.concluded_ref:
        return
    yield blocks.rule()
    yield blocks.heading("concluded_file" if slip.concluded_by_file else "concluded")
    yield from blocks.facts(("concluded_ref", slip.concluded_ref))
    if slip.copy is Copy.MERCHANT:
        yield from _tellers(blocks, slip.concluded_by, by_file=slip.concluded_by_file)


def _items(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """The goods by name, quantity and what of the amount falls to each."""
    if not slip.items:
        return
    yield blocks.rule()
    yield blocks.heading("items")
    for item in slip.items:
        amount = format_amount(item.amount, slip.currency)
        yield from blocks.entry(f"{item.name} ×{item.quantity}", amount)
    if slip.more_items:
        rest = slip.amount - sum(item.amount for item in slip.items)
        more = " ".join(blocks.wording.each("more_items", n=slip.more_items))
        yield from blocks.entry(more, format_amount(rest, slip.currency))


def _told_late(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """Who told of the approval that came after that; nothing where it came on the line."""
    if not slip.late_ref:
        return
    yield blocks.rule()
    yield blocks.heading("told_late")
    yield from blocks.facts(("concluded_ref", slip.late_ref))
    yield from _tellers(blocks, slip.late_by, by_file=slip.late_by_file)


def _tellers(blocks: Blocks, tellers: Sequence[str], *, by_file: bool) -> Iterator[Row]:
    """Two people, or a line of the acquirer's file."""
    label = "concluded_line" if by_file else "concluded_by"
    yield from (row for who in tellers for row in blocks.facts((label, who)))


def _original(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    amount = money(slip.original_amount, slip.currency) if slip.original_amount else ""
    rows = tuple(
        blocks.facts(
            ("terminal", slip.original_terminal),
            ("original_trace", slip.original_trace),
            ("original_rrn", slip.original_rrn),
            ("original_receipt", slip.original_receipt),
            ("original_at", moment(slip.original_at)),
            ("original_amount", amount),
        )
    )
    if rows:
        yield blocks.rule()
        yield blocks.heading("original")
        yield from rows


def _decided(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    """The reason; on the merchant's copy also the rule and who approved (R39, R67)."""
    rows = list(blocks.fact(blocks.wording.label("reason"), _reason(blocks, slip)))
    if slip.copy is Copy.MERCHANT or slip.kind is SlipKind.REFUSED:
        rows += blocks.facts(("rule", blocks.wording.rule(slip.rule) if slip.rule else ""))
    if slip.copy is Copy.MERCHANT:
        rows += [row for who in slip.approvals for row in blocks.facts(("approval", who))]
    if rows:
        yield blocks.rule()
        yield from rows


def _reason(blocks: Blocks, slip: Slip) -> str:
    return " ".join(blocks.wording.pick(slip.reason_zh, slip.reason_en))


def _why(blocks: Blocks, slip: Slip) -> Iterator[Row]:
    yield from blocks.said("cause", blocks.wording.pick(slip.cause_zh, slip.cause_en))
    yield from blocks.said("advice", blocks.wording.pick(slip.advice_zh, slip.advice_en))


def _arrival(blocks: Blocks, slip: Slip, name: str) -> Iterator[Row]:
    yield from blocks.said(name, blocks.wording.pick(slip.arrival_zh, slip.arrival_en))


def _foot(slip: Slip, blocks: Blocks, duplicate: int) -> Iterator[Row]:
    yield blocks.rule()
    if slip.copy is Copy.MERCHANT and slip.kind in SIGNED:
        yield from blocks.signature("received" if slip.kind is SlipKind.CASH else "checked")
    if slip.kind is not SlipKind.TEST:
        yield from blocks.facts(("contact", slip.contact))
        if slip.copy is Copy.CUSTOMER:
            yield from blocks.notes("keep")
    yield from blocks.barcode(slip.barcode)
    if duplicate:
        yield from blocks.notes("duplicate", n=duplicate)
    if slip.training:
        yield from blocks.mark("training")


_BODIES: Final[Mapping[SlipKind, Body]] = {
    SlipKind.REFUND: _given_back,
    SlipKind.VOID: _given_back,
    SlipKind.CASH: _given_back,
    SlipKind.CREDIT: _credit,
    SlipKind.DECLINED: _not_given_back,
    SlipKind.NOT_SENT: _not_given_back,
    SlipKind.REVERSED: _not_given_back,
    SlipKind.REFUSED: _not_given_back,
    SlipKind.PENDING: _pending,
    SlipKind.GIVEN_UP: _not_given_back,
    SlipKind.OVERPAID: _overpaid,
    SlipKind.ENQUIRY: _enquiry,
    SlipKind.TEST: _test,
}
