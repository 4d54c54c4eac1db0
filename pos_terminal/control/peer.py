"""Who is at the other end of a Unix socket, as the kernel says it (unix(7), socket(7))."""

from __future__ import annotations

import errno
import grp
import pwd
import socket
import struct
from typing import Final, Protocol

from msgspec import Struct

_CREDENTIALS: Final = struct.Struct("3i")
"""struct ucred: pid, uid, gid."""
_SO_PEERGROUPS: Final = 59
"""asm-generic/socket.h; Python has no name for it."""
_GID: Final = struct.Struct("=I")
_MOST_BY_PYTHON: Final = 1024
"""Bytes that ``getsockopt`` of Python takes at most: 256 groups."""
_MOST_GROUPS: Final = 65_536
"""NGROUPS_MAX of Linux."""


class Peer(Struct, frozen=True):
    """A process, at the moment when it connected: what it became or passed on since is nobody's
    business, since another that was given its socket was given it by that one."""

    uid: int
    gids: frozenset[int]
    """Its own group and all supplementary ones."""


class Socket(Protocol):
    """A connected Unix socket, also as asyncio shows it."""

    def fileno(self) -> int: ...
    def getsockopt(self, level: int, option: int, size: int, /) -> bytes: ...


def peer_of(link: Socket) -> Peer:
    """OSError where the kernel does not say."""
    raw = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, gid = _CREDENTIALS.unpack(raw)
    return Peer(uid, frozenset({gid, *_groups(link)}))


def _groups(link: Socket) -> list[int]:
    try:
        raw = link.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MOST_BY_PYTHON)
    except OSError as error:
        if error.errno != errno.ERANGE:
            raise
        raw = _many_groups(link.fileno())
    return [gid for (gid,) in _GID.iter_unpack(raw)]


def _many_groups(fileno: int) -> bytes:
    """Of somebody who is in more groups than Python asks for."""
    import ctypes

    buffer = ctypes.create_string_buffer(_MOST_GROUPS * _GID.size)
    size = ctypes.c_uint32(len(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    level, option = socket.SOL_SOCKET, _SO_PEERGROUPS
    if libc.getsockopt(fileno, level, option, buffer, ctypes.byref(size)) != 0:
        raise OSError(ctypes.get_errno(), "SO_PEERGROUPS")
    return buffer.raw[: size.value]


def user_id(name: str) -> int | None:
    """Of a user's name or number; None where this machine has no such user."""
    try:
        return pwd.getpwnam(name).pw_uid
    except (KeyError, OSError):
        return _number(name)


def group_id(name: str) -> int | None:
    """Of a group's name or number; None where this machine has no such group."""
    try:
        return grp.getgrnam(name).gr_gid
    except (KeyError, OSError):
        return _number(name)


def _number(name: str) -> int | None:
    """A number needs nobody of that name: a bench's user may have none."""
    return int(name) if name.isascii() and name.isdigit() and len(name) <= 10 else None
