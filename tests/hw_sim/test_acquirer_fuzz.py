"""Whatever a terminal sends, signed or not: an answer, or a FrameError, and never extra money."""

from __future__ import annotations

import contextlib
import secrets
from datetime import datetime, timedelta, timezone

from hw_sim.acquirer.records import SaleRecord, Terminal
from hw_sim.acquirer.server import Acquirer
from hypothesis import given, settings
from hypothesis import strategies as st

from pos_terminal import profiles
from pos_terminal.core.pan import Pan
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.message import Message
from pos_terminal.wire.iso8583.requests import EntryMode, RefundRequest

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=timezone(timedelta(hours=8)))
CUP = profiles.load("cup")
CODEC = Codec(CUP)
MAK = secrets.token_bytes(16)
TERMINAL = Terminal("10020001", "898310053310001", secrets.token_bytes(16), "000042")
SALE = SaleRecord(
    sale_id="S1",
    pan="3530111333300000",
    amount=10_000,
    rrn="632614000001",
    batch="000042",
    trace="000101",
    terminal_id=TERMINAL.terminal_id,
    merchant_id=TERMINAL.merchant_id,
    sold_at=NOW - timedelta(hours=1),
    auth_code="A00001",
)
REQUEST = RefundRequest(
    terminal_id=TERMINAL.terminal_id,
    merchant_id=TERMINAL.merchant_id,
    batch=TERMINAL.batch,
    pan=Pan(SALE.pan),
    amount=SALE.amount,
    stan="000001",
    entry=EntryMode.TAP,
    original_rrn=SALE.rrn,
    original_batch=SALE.batch,
    original_trace=SALE.trace,
    original_mmdd="1122",
    original_auth=SALE.auth_code,
)
VOID = requests.void(CUP, REQUEST)
SEEDS = (requests.refund(CUP, REQUEST), VOID, requests.reversal(CUP, VOID))
DIGITS = st.text("0123456789", max_size=20)


def acquirer() -> Acquirer:
    found = Acquirer(CUP, [TERMINAL], lambda: NOW)
    found.add_sales([SALE])
    found.book.set_mak(TERMINAL.terminal_id, MAK)
    return found


@st.composite
def bent(draw: st.DrawFn) -> Message:
    """A good request with some fields out, some changed, and sometimes another type."""
    message = draw(st.sampled_from(SEEDS))
    numbers = draw(st.sets(st.sampled_from(sorted(message.fields)), max_size=4))
    fields = {
        number: draw(st.none() | DIGITS | st.just("0" * len(message.fields[number])))
        for number in sorted(numbers)
    }
    message = message.with_fields(fields)
    mti = draw(st.sampled_from([message.mti, "0200", "0220", "0400", "0820", "0800", "0500"]))
    return Message(mti, message.fields, message.header, message.tpdu)


@given(messages=st.lists(bent(), min_size=1, max_size=6), signed=st.booleans())
@settings(max_examples=150, deadline=None)
def test_bent_requests_cost_no_more_than_the_sale(messages: list[Message], signed: bool) -> None:
    bank = acquirer()
    for message in messages:
        try:
            frame = CODEC.encode(message, MAK if signed else secrets.token_bytes(16))
        except FrameError:
            continue  # it fits no field table: no terminal could send it
        delivery = bank.exchange(frame[2:])
        if delivery.data:
            assert CODEC.decode(delivery.data[2:]).message.get(39) is not None
    paid = sum(row["paid"] for row in bank.ledger())
    assert 0 <= paid <= (SALE.amount if signed else 0)
    bank.book.close()


@given(st.binary(max_size=150))
@settings(max_examples=200, deadline=None)
def test_garbage_is_a_frame_error_or_no_request(data: bytes) -> None:
    bank = acquirer()
    with contextlib.suppress(FrameError):
        bank.exchange(b"\x60\0\0\0\0\x61\x31\0\x31\0\0" + data)
    assert all(row["paid"] == 0 for row in bank.ledger())
    bank.book.close()
