"""The printer's answers, byte by byte."""

from __future__ import annotations

import pytest
from hw_sim.printer import status
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from pos_terminal.wire.escpos_status import (
    BLOCK_LIMIT,
    AutomaticStatus,
    Block,
    FenceReached,
    FlowControl,
    PlainAnswer,
    PoweredOn,
    PrinterAnswer,
    RealTimeStatus,
    StatusReader,
    Stray,
)


def read(data: bytes) -> list[PrinterAnswer]:
    return list(StatusReader().feed(data))


QUIET = AutomaticStatus(False, False, False, False, False, False, False, False)


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        ("11", [FlowControl(go=True)]),
        ("13", [FlowControl(go=False)]),
        ("12", [RealTimeStatus(0x12)]),
        ("1e", [RealTimeStatus(0x1E)]),
        ("00", [PlainAnswer(0)]),
        ("0f", [PlainAnswer(0x0F)]),
        ("1000000f", [QUIET]),
        ("10130011000f", [FlowControl(go=False), FlowControl(go=True), QUIET]),
        ("37223132333400", [FenceReached(b"1234")]),
        ("372231321333113400", [FlowControl(False), FlowControl(True), FenceReached(b"1234")]),
        ("3b3100", [PoweredOn()]),
        ("5f544d2d54383800", [Block(b"\x5fTM-T88")]),
        ("372200", [Block(b"\x37\x22")]),
        ("80", [Stray(0x80)]),
    ],
)
def test_each_class_of_byte(data: str, answers: list[PrinterAnswer]) -> None:
    assert read(bytes.fromhex(data)) == answers


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ("1400000f", "drawer"),
        ("1800000f", "offline"),
        ("3000000f", "cover_open"),
        ("1008000f", "cutter_error"),
        ("1020000f", "unrecoverable"),
        ("1040000f", "recoverable"),
        ("1000030f", "near_end"),
        ("10000c0f", "paper_out"),
    ],
)
def test_each_bit_of_the_automatic_status(data: str, field: str) -> None:
    (answer,) = read(bytes.fromhex(data))
    assert isinstance(answer, AutomaticStatus)
    assert {name for name, said in asdict(answer).items() if said} == {field}


def test_a_status_that_lost_bytes_does_not_swallow_the_next() -> None:
    assert read(bytes.fromhex("1000" + "1800000f")) == [
        Stray(0x10),
        Stray(0x00),
        AutomaticStatus(False, True, False, False, False, False, False, False),
    ]


def test_a_block_without_end_is_given_up() -> None:
    reader = StatusReader()
    list(reader.feed(b"\x5f" + b"A" * (BLOCK_LIMIT - 1)))
    assert list(reader.feed(b"\x12")) == [RealTimeStatus(0x12)]


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_in_any_pieces_read_the_same(data: bytes, piece: int) -> None:
    reader = StatusReader()
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    assert [answer for part in pieces for answer in reader.feed(part)] == read(data)


@given(st.binary(max_size=300))
def test_the_reader_finds_its_feet_again(noise: bytes) -> None:
    reader = StatusReader()
    list(reader.feed(noise))
    list(reader.feed(bytes(BLOCK_LIMIT)))
    list(reader.feed(bytes.fromhex("1000000f") * 2))
    assert list(reader.feed(bytes.fromhex("1800000f")))[-1].__class__ is AutomaticStatus


@given(
    st.builds(
        status.Mechanism,
        cover_open=st.booleans(),
        near_end=st.booleans(),
        paper_out=st.booleans(),
        cutter_error=st.booleans(),
        broken=st.booleans(),
        hot=st.booleans(),
        drawer_open=st.booleans(),
    )
)
def test_what_the_emulated_printer_says_is_what_is_read(state: status.Mechanism) -> None:
    (answer,) = read(status.automatic(state))
    assert answer == AutomaticStatus(
        drawer=state.drawer_open,
        offline=not state.online,
        cover_open=state.cover_open,
        cutter_error=state.cutter_error,
        unrecoverable=state.broken,
        recoverable=state.hot,
        near_end=state.near_end or state.paper_out,
        paper_out=state.paper_out,
    )
    second, fourth = (read(status.real_time(state, n))[0] for n in (2, 4))
    assert isinstance(second, RealTimeStatus)
    assert isinstance(fourth, RealTimeStatus)
    assert (second.cover_open, second.error) == (state.cover_open, state.error)
    assert fourth.paper_out == state.paper_out
