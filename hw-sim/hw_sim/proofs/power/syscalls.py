"""A trace of system calls, read as what was done to files, in order.

``strace`` writes the trace with every string in hexadecimal (``-xx``) and every descriptor with
its path (``-y``), so that SQLite's own writes are seen as they are, not as the program meant them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from hw_sim.device import BenchError
from hw_sim.proofs.crash.points import MARK_FOLDER

_CALLS: Final = (
    *("open", "openat", "lseek", "write", "writev", "pwrite64", "pwritev", "pwritev2"),
    *("ftruncate", "truncate", "fallocate", "fsync", "fdatasync", "sync_file_range", "msync"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat"),
    *("access", "faccessat", "faccessat2"),
)
_NOT_REPLAYED: Final = frozenset(
    {
        *("writev", "pwritev", "pwritev2", "truncate", "fallocate", "sync_file_range", "msync"),
        *("renameat", "renameat2", "link", "linkat"),
    }
)
"""Nothing of ours makes these; one in the terminal's folder would make the images wrong."""
_LOOKS: Final = {"access": 0, "faccessat": 1, "faccessat2": 1}
"""Which of its words is the path."""
_LINE: Final = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+)(?:<([^>]*)>)?")
_DESCRIPTOR: Final = re.compile(r"^(\w+)<([^>]*)>(\(deleted\))?$")
_HEX: Final = re.compile(r"(?:\\x[0-9a-f]{2})+")
_LONGEST: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Created:
    """The file is there, if it was not; ``emptied`` where it was, and lost its content."""

    path: str
    emptied: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    path: str
    offset: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cut:
    """The file's new length."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """Of a file: its content and length. Of a folder: the names in it."""

    path: str


@dataclass(frozen=True, slots=True)
class Renamed:
    path: str
    target: str


@dataclass(frozen=True, slots=True)
class Removed:
    path: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A call that is not replayed, with all that was said in it."""

    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Marked:
    """Words that the traced process said by looking for a file of that name."""

    text: str


Change = Created | Written | Cut | Synced | Renamed | Removed
Event = Change | Unreadable | Marked


def traced(out: str, command: Iterable[str]) -> list[str]:
    """``command`` under strace, its trace in ``out``; only its first thread is seen."""
    calls = ",".join(f"?{name}" for name in _CALLS)
    options = ["-qq", "-y", "-xx", "-s", str(_LONGEST), "-o", out, "-e", f"trace={calls}"]
    return ["strace", *options, *command]


def read(lines: Iterable[str]) -> Iterator[Event]:
    """The events of a trace, in order."""
    descriptors = _Descriptors()
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        name, said, result, opened = found.groups()
        call = _Call(name, tuple(said.split(", ")), int(result), _plain(opened or ""))
        if name in _LOOKS:
            path = _text(call.words[_LOOKS[name]])
            if path.startswith(f"{MARK_FOLDER}/"):
                yield Marked(path.removeprefix(f"{MARK_FOLDER}/"))
        elif call.result >= 0:
            event = descriptors.event(call)
            if event is not None:
                yield event


@dataclass(frozen=True, slots=True)
class _Call:
    name: str
    words: tuple[str, ...]
    result: int
    opened: str
    """Path of the descriptor that it returned."""

    @property
    def number(self) -> str:
        """Of the descriptor that it is about."""
        return self.words[0].partition("<")[0]

    @property
    def path(self) -> str | None:
        """Of that descriptor's file; None where it has no name any more."""
        found = _DESCRIPTOR.match(self.words[0])
        return None if found is None or found[3] else _plain(found[2])


class _Descriptors:
    """What each call does to a file; keeps the positions of descriptors, by number."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._calls: dict[str, Callable[[_Call], Event | None]] = {
            "open": self._open,
            "openat": self._open,
            "lseek": self._seek,
            "write": self._write,
            "pwrite64": _write_at,
            "ftruncate": _cut,
            "fsync": _sync,
            "fdatasync": _sync,
            "rename": lambda call: Renamed(_text(call.words[0]), _text(call.words[1])),
            "unlink": lambda call: Removed(_text(call.words[0])),
            "unlinkat": lambda call: Removed(f"{call.path}/{_text(call.words[1])}"),
        }

    def event(self, call: _Call) -> Event | None:
        if call.name in _NOT_REPLAYED:
            return Unreadable(call.name, _plain_all(call.words))
        known = self._calls.get(call.name)
        return None if known is None else known(call)

    def _open(self, call: _Call) -> Event | None:
        flags = next(word for word in call.words if word.startswith("O_"))
        self._places[str(call.result)] = 0
        if "O_APPEND" in flags:
            return Unreadable(call.name, f"{call.opened} {flags}")
        if "O_CREAT" in flags or "O_TRUNC" in flags:
            return Created(call.opened, "O_TRUNC" in flags)
        return None

    def _seek(self, call: _Call) -> None:
        self._places[call.number] = call.result

    def _write(self, call: _Call) -> Event | None:
        place = self._places.get(call.number, 0)
        self._places[call.number] = place + call.result
        if call.path is None or not call.path.startswith("/"):
            return None  # no file: a pipe, a socket
        return Written(call.path, place, _bytes(call.words[1])[: call.result])


def _write_at(call: _Call) -> Event | None:
    data = _bytes(call.words[1])[: call.result]
    return None if call.path is None else Written(call.path, int(call.words[3]), data)


def _cut(call: _Call) -> Event | None:
    return None if call.path is None else Cut(call.path, int(call.words[1]))


def _sync(call: _Call) -> Event | None:
    return None if call.path is None else Synced(call.path)


def _plain(hexed: str) -> str:
    return bytes.fromhex(hexed.replace("\\x", "")).decode()


def _plain_all(words: Iterable[str]) -> str:
    return _HEX.sub(lambda found: _plain(found[0]), " ".join(words))


def _bytes(word: str) -> bytes:
    if not word.endswith('"'):
        raise BenchError("the trace has not the whole of a write")
    return bytes.fromhex(word.strip('"').replace("\\x", ""))


def _text(word: str) -> str:
    return _bytes(word).decode()
