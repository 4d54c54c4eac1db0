"""ISO 8583: our codec against the bare library on the same field table and the same values."""

from __future__ import annotations

import time
from collections.abc import Callable

import iso8583

from hw_sim.proofs.measure.figures import Check, Row, p50
from hw_sim.proofs.measure.stand import Stand
from pos_terminal.profiles import load
from pos_terminal.wire.iso8583.codec import Codec
from pos_terminal.wire.iso8583.message import Message

GOAL = 0.9
ROUNDS = 60
CALLS = 50
"""In one round: a call alone is too short for the clock."""
_LENGTH_BYTES, _PREFIX_BYTES = 2, 11
_FIELDS = {
    2: "4761739001010010",
    3: "200000",
    4: "000000012345",
    11: "000042",
    14: "2912",
    22: "072",
    23: "001",
    25: "00",
    37: "123456123456",
    41: "12345678",
    42: "898310012340001",
    49: "156",
    60: "2500000100050",
    61: "0000010000170912",
    63: "000",
    64: "0123456789ABCDEF",
}
"""A refund; field 64 as a value, since the library makes no MAC either."""


def measure(stand: Stand) -> list[Row]:
    """Two rows: pack and unpack, calls a second."""
    del stand
    codec = Codec(load("cup"))
    spec = codec._spec
    message = Message("0220", _FIELDS)
    frame = codec.encode(message, None)
    body, packed = frame[_LENGTH_BYTES:], frame[_LENGTH_BYTES + _PREFIX_BYTES :]
    plain = dict(iso8583.decode(packed, spec)[0])
    return [
        _row("pack", lambda: codec.encode(message, None), lambda: iso8583.encode(plain, spec)),
        _row("unpack", lambda: codec.decode(body), lambda: iso8583.decode(packed, spec)),
    ]


def _row(name: str, ours: Callable[[], object], bare: Callable[[], object]) -> Row:
    mine, theirs = [], []
    for _ in range(ROUNDS):
        mine.append(_rate(ours))
        theirs.append(_rate(bare))
    check = Check("rate", p50(mine), GOAL, "a second", p50(theirs), least=True)
    note = "ours adds length, TPDU and header, and checks every character"
    return Row(f"ISO 8583 {name}", f"bare pyiso8583 {name}ing the same fields", (check,), note)


def _rate(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return CALLS / (time.perf_counter() - started)
