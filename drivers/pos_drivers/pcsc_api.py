"""PC/SC as pyscard's lowest layer gives it, with types and exceptions; nothing else imports it.

Result codes: pcsclite.h. Every call may block: they belong on threads of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

PNP: Final = "\\\\?PnP?\\Notification"
"""The pseudo reader whose state changes when readers come or go."""

CANCELLED: Final = 0x80100002
TIMEOUT: Final = 0x8010000A
SHARING_VIOLATION: Final = 0x8010000B
NO_CARD: Final = 0x8010000C
NO_READERS: Final = 0x8010002E
UNKNOWN_READER: Final = 0x80100009
READER_UNAVAILABLE: Final = 0x80100017
REMOVED: Final = 0x80100069
PROTOCOL: Final = 0x8010000F
UNSUPPORTED: Final = 0x80100065
UNRESPONSIVE: Final = 0x80100066
UNPOWERED: Final = 0x80100067
INVALID_HANDLE: Final = 0x80100003
COMM_ERROR: Final = 0x80100013
NO_SERVICE: Final = 0x8010001D
SERVICE_STOPPED: Final = 0x8010001E

_STATE_CHANGED: Final = 0x0002
_STATE_UNKNOWN: Final = 0x0004
_STATE_UNAVAILABLE: Final = 0x0008
_STATE_PRESENT: Final = 0x0020


class PcscError(Exception):
    """A call failed; ``code`` is PC/SC's, unsigned."""

    def __init__(self, call: str, code: int, text: str) -> None:
        super().__init__(f"{call}: {text.strip()} ({code:08X})")
        self.code = code


class ReaderState(Struct, frozen=True):
    """A reader as PC/SC sees it. ``raw`` goes back into the next wait."""

    name: str
    raw: int
    atr: bytes

    @property
    def available(self) -> bool:
        return not self.raw & (_STATE_UNKNOWN | _STATE_UNAVAILABLE)

    @property
    def present(self) -> bool:
        return bool(self.raw & _STATE_PRESENT) and self.available

    @property
    def events(self) -> int:
        """Insertions and removals so far, 16 bits; our own connects don't count."""
        return self.raw >> 16 & 0xFFFF


def _scard() -> Any:
    from smartcard import scard

    return scard


def _checked(call: str, result: int) -> None:
    code = result & 0xFFFFFFFF
    if code:
        raise PcscError(call, code, str(_scard().SCardGetErrorMessage(result)))


class Context:
    """A connection to the card service. Raises PcscError when there is none."""

    def __init__(self) -> None:
        self._api = _scard()
        result, self._context = self._api.SCardEstablishContext(self._api.SCARD_SCOPE_SYSTEM)
        _checked("SCardEstablishContext", result)

    def release(self) -> None:
        """Give it up, whatever state it is in."""
        self._api.SCardReleaseContext(self._context)

    def cancel(self) -> None:
        """End a wait that another thread is in. Lost when none is."""
        self._api.SCardCancel(self._context)

    def readers(self) -> tuple[str, ...]:
        result, names = self._api.SCardListReaders(self._context, [])
        if result & 0xFFFFFFFF == NO_READERS:
            return ()
        _checked("SCardListReaders", result)
        return tuple(names)

    def wait(self, known: Sequence[ReaderState], milliseconds: int) -> tuple[ReaderState, ...]:
        """Until a state differs from the one known; the same again when time is over."""
        states = [(state.name, state.raw) for state in known]
        result, changed = self._api.SCardGetStatusChange(self._context, milliseconds, states)
        if result & 0xFFFFFFFF == TIMEOUT:
            return tuple(known)
        _checked("SCardGetStatusChange", result)
        return tuple(
            ReaderState(name, raw & ~_STATE_CHANGED, bytes(byte & 0xFF for byte in atr))
            for name, raw, atr in changed
        )

    def connect(self, reader: str) -> Card:
        """Power the card in ``reader`` up, for us alone."""
        result, handle, protocol = self._api.SCardConnect(
            self._context,
            reader,
            self._api.SCARD_SHARE_EXCLUSIVE,
            self._api.SCARD_PROTOCOL_T0 | self._api.SCARD_PROTOCOL_T1,
        )
        _checked("SCardConnect", result)
        return Card(self._api, handle, protocol)


class Card:
    """A powered card."""

    def __init__(self, api: Any, handle: int, protocol: int) -> None:
        self._api = api
        self._handle = handle
        self._header = api.SCARD_PCI_T1 if protocol == api.SCARD_PROTOCOL_T1 else api.SCARD_PCI_T0

    def atr(self) -> bytes:
        """The answer to this activation's reset."""
        result, _, _, _, atr = self._api.SCardStatus(self._handle)
        _checked("SCardStatus", result)
        return bytes(byte & 0xFF for byte in atr)

    def transmit(self, apdu: bytes) -> bytes:
        """May be empty: PC/SC calls that a success when the card was pulled."""
        result, answer = self._api.SCardTransmit(self._handle, self._header, list(apdu))
        _checked("SCardTransmit", result)
        return bytes(byte & 0xFF for byte in answer)

    def disconnect(self) -> None:
        """Power it down. Harmless on a card that left."""
        self._api.SCardDisconnect(self._handle, self._api.SCARD_UNPOWER_CARD)
