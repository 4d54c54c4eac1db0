"""From two snapshots of the readers to what happened in between."""

from __future__ import annotations

from pos_drivers.pcsc_api import ReaderState
from pos_drivers.pcsc_events import NOTHING, changes
from pos_drivers.pcsc_watcher import Snapshot

from pos_terminal.ports import CardArrived, CardLeft, DeviceState, InputEvent, Interface

NAME = "A Reader 00 00"
BOUND = {Interface.CONTACT: NAME}
EMPTY, PRESENT, IN_USE, MUTE, UNKNOWN = 0x10, 0x20, 0x100, 0x200, 0x4


def snapshot(raw: int | None, events: int = 0, atr: bytes = b"\x3b\x00") -> Snapshot:
    """One with the reader in this state; None without the reader."""
    if raw is None:
        return Snapshot({}, ("Another Reader 00 00",))
    return Snapshot({NAME: ReaderState(NAME, raw | events << 16, atr)}, (NAME,))


def kinds(old: Snapshot, new: Snapshot) -> list[str]:
    def kind(event: InputEvent) -> str:
        if isinstance(event, DeviceState):
            return "up" if event.up else str(event.words.code if event.words else "")
        return {CardArrived: "arrived", CardLeft: "left"}.get(type(event), "?")

    return [kind(event) for event in changes(old, new, BOUND)]


def test_the_first_look_tells_the_reader_and_a_card_that_was_in_it() -> None:
    assert kinds(NOTHING, snapshot(EMPTY)) == ["up"]
    assert kinds(NOTHING, snapshot(PRESENT, 1)) == ["up", "arrived"]
    assert kinds(NOTHING, snapshot(None)) == ["card.reader_missing"]


def test_a_card_comes_and_goes() -> None:
    assert kinds(snapshot(EMPTY), snapshot(PRESENT, 1)) == ["arrived"]
    assert kinds(snapshot(PRESENT, 1), snapshot(EMPTY, 2)) == ["left"]


def test_our_own_connects_are_no_events() -> None:
    assert kinds(snapshot(PRESENT, 1), snapshot(PRESENT | IN_USE, 1)) == []
    assert kinds(snapshot(PRESENT | IN_USE, 1), snapshot(PRESENT, 1)) == []


def test_a_card_swapped_between_two_looks_is_seen_by_the_counter() -> None:
    assert kinds(snapshot(PRESENT, 1), snapshot(PRESENT, 3)) == ["left", "arrived"]


def test_a_mute_card_arrives_too() -> None:
    (event,) = changes(snapshot(EMPTY), snapshot(PRESENT | MUTE, 1, b""), BOUND)
    assert event == CardArrived(NAME, Interface.CONTACT, b"")


def test_a_reader_pulled_with_its_card() -> None:
    assert kinds(snapshot(PRESENT, 1), snapshot(None)) == ["left", "card.reader_missing"]
    assert kinds(snapshot(None), snapshot(PRESENT, 1)) == ["up", "arrived"]


def test_a_reader_that_stays_away_is_told_once() -> None:
    assert kinds(snapshot(None), snapshot(None)) == []


def test_the_card_service_dies_and_says_why() -> None:
    dead = Snapshot({}, (), "no service")
    assert kinds(snapshot(PRESENT, 1), dead) == ["left", "card.service_down"]
    assert kinds(dead, snapshot(None)) == ["card.reader_missing"]


def test_an_unknown_reader_has_no_card() -> None:
    state = ReaderState(NAME, UNKNOWN | PRESENT, b"")
    assert not state.available
    assert not state.present
