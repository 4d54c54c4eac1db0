"""From what PC/SC shows to what happened: arrivals, departures, readers lost and back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pos_drivers import pcsc_names
from pos_drivers.pcsc_api import ReaderState
from pos_drivers.pcsc_watcher import Snapshot
from pos_terminal.core.words import Words, say
from pos_terminal.ports import CardArrived, CardLeft, DeviceState, InputEvent, Interface

NOTHING = Snapshot({}, (), "not looked yet")


def device(interface: Interface) -> str:
    """The reader's name as a device."""
    return f"reader.{interface}"


def state(snapshot: Snapshot, interface: Interface, name: str) -> DeviceState:
    """Whether the reader ``name`` is there, and if not, why and what to do."""
    if name in snapshot.readers:
        return DeviceState(device(interface), True)
    return DeviceState(device(interface), False, _missing(snapshot, name))


def checked(snapshot: Snapshot, interface: Interface, name: str) -> DeviceState:
    """As ``state``; a reader that only its place tells from another one is not right either."""
    if name in snapshot.readers and len(pcsc_names.alike(name, snapshot.found)) > 1:
        return DeviceState(device(interface), False, pcsc_names.why_not(name, snapshot.found))
    return state(snapshot, interface, name)


def _missing(snapshot: Snapshot, name: str) -> Words:
    if snapshot.trouble is not None:
        return say("card.service_down", cause=snapshot.trouble)
    return pcsc_names.why_not(name, snapshot.found)


def changes(old: Snapshot, new: Snapshot, bound: Mapping[Interface, str]) -> Iterator[InputEvent]:
    """The events between two snapshots, in the order in which they must have happened."""
    for interface, name in bound.items():
        before, after = old.readers.get(name), new.readers.get(name)
        if after is not None and before is None:
            yield state(new, interface, name)
        yield from _card(before, after, name, interface)
        if after is None and state(new, interface, name) != state(old, interface, name):
            yield state(new, interface, name)


def _card(
    before: ReaderState | None, after: ReaderState | None, name: str, interface: Interface
) -> Iterator[InputEvent]:
    was = before is not None and before.present
    now = after is not None and after.present
    stays = before is not None and after is not None and before.name == after.name
    if was and now and _moves(before) == _moves(after):
        return
    if was:
        yield CardLeft(name, interface, lost=not stays)
    if now and after is not None:
        yield CardArrived(name, interface, after.atr)


def _moves(reader: ReaderState | None) -> tuple[str, int] | None:
    return None if reader is None else (reader.name, reader.events)
