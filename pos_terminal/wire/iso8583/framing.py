"""Cuts a byte stream into message bodies, bounded."""

from __future__ import annotations

from .errors import FrameError
from .profile import Profile


class FrameReader:
    """One connection's reader. After a FrameError the stream is out of step: close it."""

    def __init__(self, profile: Profile) -> None:
        frame = profile.frame
        self._ascii = frame.length == "ascii4"
        self._length_bytes = 4 if self._ascii else 2
        self._max_body = frame.max_body
        self._buffer = bytearray()
        self._broken: FrameError | None = None

    @property
    def half(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies completed by ``data``, without their lengths.

        Raises FrameError at garbage; good frames before it are handed out first, and the next
        call raises.
        """
        self._raise_if_broken()
        self._buffer += data
        bodies: list[bytes] = []
        try:
            while (end := self._end()) is not None:
                bodies.append(bytes(self._buffer[self._length_bytes : end]))
                del self._buffer[:end]
        except FrameError as error:
            self._broken = error
            self._buffer.clear()
            if not bodies:
                raise
        return bodies

    def _raise_if_broken(self) -> None:
        if self._broken is not None:
            raise self._broken

    def _end(self) -> int | None:
        """Where the first frame ends, once it is all there."""
        if len(self._buffer) < self._length_bytes:
            return None
        length = self._announced(bytes(self._buffer[: self._length_bytes]))
        if not 0 < length <= self._max_body:
            raise FrameError(f"a frame of {length} bytes, expected 1 to {self._max_body}")
        end = self._length_bytes + length
        return end if len(self._buffer) >= end else None

    def _announced(self, prefix: bytes) -> int:
        if not self._ascii:
            return int.from_bytes(prefix, "big")
        if not prefix.isdigit():
            raise FrameError("the length in front is not four digits")
        return int(prefix)
