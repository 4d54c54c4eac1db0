"""A disk with a cache that loses power: what it may hold of what was not yet synced.

A synced file is on the disk for certain. Of everything since, any part may be: each write whole,
torn at 512-byte sectors or not at all, in any order, over what was there before; a file as long as
it was meant to be, but with nothing or with old rubbish where its end should be; names (created,
renamed, removed) only up to some point of time, until their folder was synced. A sector itself is
never half old and half new, and no byte changes in a sector that was not written: that much SQLite
asks of a disk, too ("powersafe overwrite").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePosixPath
from random import Random
from typing import Final

from hw_sim.proofs.power.syscalls import Change, Created, Cut, Removed, Renamed, Synced, Written

SECTOR: Final = 512
Image = dict[str, bytes]
"""Content of files, by path."""


@dataclass(slots=True)
class _File:
    durable: bytes = b""
    since: list[Written | Cut] = field(default_factory=list)
    """In order, not yet synced."""

    def sync(self) -> None:
        content = bytearray(self.durable)
        for change in self.since:
            _apply(content, change)
        self.durable = bytes(content)
        self.since.clear()


@dataclass(frozen=True, slots=True)
class _Naming:
    """``path`` names ``file`` from now on, or nothing."""

    path: str
    file: _File | None


class Disk:
    """Takes changes one after the other; ``after_a_cut`` is what may be found at that moment."""

    def __init__(self, content: Mapping[str, bytes]) -> None:
        self._names = {path: _File(data) for path, data in content.items()}
        self._durable = dict(self._names)
        self._namings: dict[str, list[list[_Naming]]] = {}
        """By folder: namings since its last sync; those of one call come together."""

    @property
    def unsure(self) -> bool:
        """Whether anything is not synced."""
        return any(self._namings.values()) or any(file.since for file in self._names.values())

    def do(self, change: Change) -> None:
        match change:
            case Created(path, emptied):
                if path not in self._names:
                    self._name(_Naming(path, _File()))
                elif emptied:
                    self._names[path].since.append(Cut(path, 0))
            case Written(path) | Cut(path):
                self._names[path].since.append(change)
            case Synced(path):
                self._sync(path)
            case Renamed(path, target):
                self._name(_Naming(path, None), _Naming(target, self._names[path]))
            case Removed(path):
                if path in self._names:
                    self._name(_Naming(path, None))

    def after_a_cut(self, chance: Random) -> Image:
        """One of the many contents that the disk may have now."""
        names = dict(self._durable)
        for pending in self._namings.values():
            lasting = chance.choice([0, len(pending), chance.randint(0, len(pending))])
            for namings in pending[:lasting]:
                _rename(names, namings)
        return {path: _kept(file, chance) for path, file in sorted(names.items())}

    def _name(self, *namings: _Naming) -> None:
        _rename(self._names, list(namings))
        self._namings.setdefault(_folder(namings[0].path), []).append(list(namings))

    def _sync(self, path: str) -> None:
        file = self._names.get(path)
        if file is not None:
            file.sync()
            return
        for namings in self._namings.pop(path, []):
            _rename(self._durable, namings)


def _rename(names: dict[str, _File], namings: list[_Naming]) -> None:
    for naming in namings:
        if naming.file is None:
            names.pop(naming.path, None)
        else:
            names[naming.path] = naming.file


def _folder(path: str) -> str:
    return str(PurePosixPath(path).parent)


# --- what is kept of one file ------------------------------------------------------------------


def _kept(file: _File, chance: Random) -> bytes:
    if not file.since:
        return file.durable
    content = bytearray(file.durable)
    fate = chance.choice(_FATES)(len(file.since), chance)
    for place, change in enumerate(file.since):
        share = fate(place)
        if isinstance(change, Cut):
            if chance.random() < share:
                _apply(content, change)
        else:
            _write(content, change, share, chance)
    return bytes(content)


def _write(content: bytearray, change: Written, share: float, chance: Random) -> None:
    """Each sector with a likelihood of ``share``; an end that is missing may have its length."""
    end = change.offset + len(change.data)
    grown = max(0, end - len(content))
    kept = bytearray(content)
    for start, stop in _sectors(change.offset, end):
        if chance.random() < share:
            part = change.data[start - change.offset : stop - change.offset]
            _apply(kept, Written(change.path, start, part))
    if grown and 0.0 < share < 1.0 and len(kept) < end and chance.random() < 0.5:
        missing = end - len(kept)
        kept += chance.randbytes(missing) if chance.random() < 0.5 else bytes(missing)
    content[:] = kept


def _sectors(start: int, end: int) -> list[tuple[int, int]]:
    edges = [start, *range((start // SECTOR + 1) * SECTOR, end, SECTOR), end]
    return list(pairwise(edges))


def _apply(content: bytearray, change: Written | Cut) -> None:
    if isinstance(change, Cut):
        del content[change.size :]
        content += bytes(change.size - len(content))
        return
    content += bytes(max(0, change.offset - len(content)))
    content[change.offset : change.offset + len(change.data)] = change.data


Fate = Callable[[int], float]
"""The share of the n-th change that is kept, sector by sector."""


def _nothing(count: int, chance: Random) -> Fate:
    return lambda place: 0.0


def _everything(count: int, chance: Random) -> Fate:
    return lambda place: 1.0


def _in_order(count: int, chance: Random) -> Fate:
    """All up to one that is torn."""
    last = chance.randrange(count)
    return lambda place: 1.0 if place < last else 0.5 if place == last else 0.0


def _out_of_order(count: int, chance: Random) -> Fate:
    """Each one whole or not at all."""
    likely = chance.choice([0.1, 0.5, 0.9])
    kept = [float(chance.random() < likely) for _ in range(count)]
    return lambda place: kept[place]


def _one_missing(count: int, chance: Random) -> Fate:
    missing = chance.randrange(count)
    return lambda place: float(place != missing)


def _torn(count: int, chance: Random) -> Fate:
    """Every one of them by sectors."""
    share = chance.choice([0.05, 0.5, 0.95])
    return lambda place: share


_FATES: Final = (_nothing, _everything, _in_order, _out_of_order, _one_missing, _torn)
