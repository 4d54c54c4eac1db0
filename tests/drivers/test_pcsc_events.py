"""From two snapshots of the readers to what happened in between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pos_drivers.pcsc_api import Context, ReaderState
from pos_drivers.pcsc_events import NOTHING, changes, checked, state
from pos_drivers.pcsc_watcher import Snapshot, Watcher

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


def test_a_card_leaves_with_its_reader_or_is_taken_away() -> None:
    moved = Snapshot({NAME: ReaderState("A Reader 01 00", PRESENT | 1 << 16, b"")})
    for new, lost in (
        (snapshot(EMPTY, 2), False),
        (snapshot(PRESENT, 3), False),
        (snapshot(None), True),
        (Snapshot({}, (), "no service"), True),
        (moved, True),
    ):
        left = next(changes(snapshot(PRESENT, 1), new, BOUND))
        assert left == CardLeft(NAME, Interface.CONTACT, lost=lost)


def test_a_reader_that_only_its_place_tells_from_another_one_is_not_right() -> None:
    """It works as it is named, and is the other one after the next start: ``check`` says so."""
    twins = Snapshot({NAME: ReaderState(NAME, EMPTY, b"")}, (NAME, "A Reader 01 00"))
    assert state(twins, Interface.CONTACT, NAME).up
    told = checked(twins, Interface.CONTACT, NAME)
    assert not told.up
    assert told.words is not None
    assert told.words.code == "card.reader_twins"
    alone = Snapshot(twins.readers, (NAME, "A Reader 00 01"))
    assert checked(alone, Interface.CONTACT, NAME).up


class Lists:
    """A card service that lists other readers at each look, and never a card."""

    def __init__(self, *lists: tuple[str, ...]) -> None:
        self._lists = iter(lists)

    def readers(self) -> tuple[str, ...]:
        return next(self._lists)

    def wait(self, known: Sequence[ReaderState], _milliseconds: int) -> tuple[ReaderState, ...]:
        return tuple(ReaderState(one.name, EMPTY, b"") for one in known)


def test_an_exchanged_reader_is_told_while_the_other_one_stays() -> None:
    """The list of what is there was an old one as long as the other reader was there."""
    mine, other, tap = "R (A1) 00 00", "R (B2) 00 00", "Tap 00 00"
    told: list[Snapshot] = []
    watcher = Watcher((mine, tap), told.append)
    service = Lists((mine, tap), (tap,), (other, tap))
    known: dict[str, ReaderState] = {}
    for _ in range(3):
        known = watcher._look(cast(Context, service), known)
    causes = [state(one, Interface.CONTACT, mine).words for one in told]
    assert [words.code if words else "" for words in causes] == [
        *("", "card.reader_missing", "card.reader_swapped"),
    ]
