"""Scripted cards match to the byte and must be used up; their faults are never a card's."""

from __future__ import annotations

import pytest
from hw_sim.cards.emulated import Mute, Pulled, SimulatorFault
from hw_sim.cards.script import parse

TEXT = """
    atr 3B00          # anything
    > 00A4040000
    < 6A82
    > ..
    < 9000
"""


def test_a_script_that_fits() -> None:
    card = parse(TEXT)
    assert card.activate() == b"\x3b\x00"
    assert card.answer(bytes.fromhex("00A4040000")) == b"\x6a\x82"
    assert card.answer(b"whatever") == b"\x90\x00"
    card.finish()


def test_another_command_is_a_fault_of_the_simulator_and_stays_one() -> None:
    card = parse(TEXT)
    with pytest.raises(SimulatorFault, match="command 1 is 00B2010C00"):
        card.answer(bytes.fromhex("00B2010C00"))
    with pytest.raises(SimulatorFault, match="command 1"):
        card.finish()


def test_a_script_that_was_not_used_up() -> None:
    card = parse(TEXT)
    card.answer(bytes.fromhex("00A4040000"))
    with pytest.raises(SimulatorFault, match="1 steps"):
        card.finish()


def test_a_command_behind_the_end() -> None:
    card = parse("> 00\n< 9000")
    card.answer(b"\x00")
    with pytest.raises(SimulatorFault, match="after the script's end"):
        card.answer(b"\x00")


def test_pulls_and_silence_are_written_down_too() -> None:
    card = parse("> ..\n! pull\n> ..\n! mute")
    with pytest.raises(Pulled):
        card.answer(b"")
    with pytest.raises(Mute):
        card.answer(b"")
    card.finish()


@pytest.mark.parametrize("text", ["< 9000", "> 00\n> 00", "> 0", "> 00", "> 00\n! shout", "? 00"])
def test_a_broken_script_names_its_line(text: str) -> None:
    with pytest.raises(SimulatorFault, match="script"):
        parse(text)
