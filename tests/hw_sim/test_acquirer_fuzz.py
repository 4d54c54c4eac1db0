"""Whatever a terminal sends, signed or not: an answer, or a FrameError, and never extra money."""

from __future__ import annotations

import contextlib
import secrets

from hw_sim.acquirer.server import Acquirer
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.acquirer import NOW, TERMINAL, a_sale, request_of

from pos_terminal import profiles
from pos_terminal.wire.iso8583 import requests
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.errors import FrameError
from pos_terminal.wire.iso8583.message import Message

CUP = profiles.load("cup")
CODEC = Codec(CUP)
MAK = secrets.token_bytes(16)
SALE = a_sale("3530111333300000")
REQUEST = request_of(TERMINAL, SALE, "000001")
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
