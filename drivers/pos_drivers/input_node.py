"""Where ``struct input_event`` records come from: an evdev node, or a FIFO with the same bytes."""

from __future__ import annotations

import errno
import os
import stat

from pos_drivers.input_identity import Identity, InputNode
from pos_terminal.core.words import Failure


class FifoNode:
    """A named pipe of records. Only its reader gets what is written: nothing to grab."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.identity = Identity(path, "FIFO")

    def grab(self) -> None: ...

    def close(self) -> None:
        os.close(self.fd)


def open_node(path: str, expected_id: str | None = None) -> InputNode:
    """Open, identify and grab. Failure ``input.*`` says what is wrong; nothing stays open then."""
    try:
        node = _open(path)
    except OSError as error:
        raise failure_of(error, path) from None
    try:
        if not isinstance(node, FifoNode):
            _identify(node.identity, expected_id)
        node.grab()
    except BaseException as error:
        node.close()
        if isinstance(error, OSError):
            raise failure_of(error, path) from None
        raise
    return node


def _open(path: str) -> InputNode:
    mode = os.stat(path).st_mode  # noqa: PTH116 - the path is text everywhere here
    if stat.S_ISFIFO(mode):
        return FifoNode(path)
    if not stat.S_ISCHR(mode):
        raise Failure("input.not_input", path=path)
    from pos_drivers.evdev_node import EvdevNode

    return EvdevNode(path)


def _identify(identity: Identity, expected_id: str | None) -> None:
    if expected_id is not None and identity.id != expected_id:
        raise Failure(
            "input.other_device",
            path=identity.path,
            name=identity.name,
            id=identity.id,
            expected=expected_id,
        )
    if not identity.is_keyboard:
        raise Failure("input.not_keyboard", path=identity.path, name=identity.name)


def failure_of(error: OSError, path: str) -> Failure:
    """The system's error in words for people."""
    match error.errno:
        case errno.ENOENT | errno.ENODEV | errno.ENXIO | errno.EIO:
            return Failure("input.missing", path=path)
        case errno.EACCES | errno.EPERM:
            return Failure("input.denied", path=path)
        case errno.EBUSY:
            return Failure("input.busy", path=path, holder="?")
        case errno.ENOTTY | errno.EINVAL:
            return Failure("input.not_input", path=path)
        case _:
            return Failure("input.unreadable", path=path, cause=error.strerror or str(error))
