"""The title row names what is down, in the clerk's language."""

from __future__ import annotations

import pytest

from pos_terminal.core.words import say
from pos_terminal.ports import DeviceState
from pos_terminal.services.process.device_board import DeviceBoard
from pos_terminal.texts import Language, render

DEVICES = [
    "printer",
    "keypad",
    "scanner",
    "reader",
    "reader.contact",
    "reader.tap",
    "display",
    "keyboards",
]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("language", Language)
def test_every_device_has_a_mark(device: str, language: Language) -> None:
    board = DeviceBoard()
    board.notice(DeviceState(device, up=False, words=say("printer.not_ready")))
    (mark,) = board.warnings()
    assert render(mark, language)
    assert board.described(language)[device]["up"] is False
    board.notice(DeviceState(device, up=True))
    assert board.warnings() == ()
    assert board.described(language)[device]["up"] is True


def test_the_cause_and_the_next_step_are_there_for_tools() -> None:
    board = DeviceBoard()
    board.notice(DeviceState("printer", up=False, words=say("printer.not_ready")))
    described = board.described(Language.EN)["printer"]
    assert described["text"]
    assert described["tech"]


@pytest.mark.parametrize("language", Language)
def test_no_device_is_without_words(language: Language) -> None:
    board = DeviceBoard()
    board.notice(DeviceState("printer", up=True))
    board.notice(DeviceState("reader.tap", up=False))
    told = board.described(language)
    assert told["printer"]["text"] == {"en": "ready", "zh_CN": "正常"}[language]
    assert all(one["text"] and one["tech"] for one in told.values())


def test_more_than_one_is_counted() -> None:
    board = DeviceBoard()
    for device in ("printer", "keypad", "scanner"):
        board.notice(DeviceState(device, up=False))
    assert [render(mark, Language.EN) for mark in board.warnings()] == ["!keypad", "+2"]
