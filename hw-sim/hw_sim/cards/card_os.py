"""A payment card's operating system: SELECT, GET PROCESSING OPTIONS, READ RECORD, GET RESPONSE.

Answers come from the card's file alone (EMV Book 1, ISO/IEC 7816-4); nothing here knows what a
terminal wants to hear.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hw_sim.cards.card_files import App, CardFile, Face
from hw_sim.cards.emulated import Mute, Pulled
from pos_terminal.core.interface import Interface
from pos_terminal.wire.tlv import encode, parse_dol

OK: Final = "9000"
_PSE: Final = {Interface.CONTACT: b"1PAY.SYS.DDF01", Interface.TAP: b"2PAY.SYS.DDF01"}
_PSE_SFI: Final = 1
_UID: Final = bytes.fromhex("08A1B2C3")
"""A random UID, as phones have: it begins with 08."""


class _Apdu(NamedTuple):
    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int | None
    """None without a Le byte; 0 means 256."""


def _split(apdu: bytes) -> _Apdu | None:
    """A short APDU of case 1 to 4; None where its lengths don't fit."""
    if len(apdu) < 4:
        return None
    cla, ins, p1, p2, *_ = apdu
    body = apdu[4:]
    if len(body) <= 1:
        return _Apdu(cla, ins, p1, p2, b"", body[0] if body else None)
    count, rest = body[0], body[1:]
    if not count or len(rest) not in (count, count + 1):
        return None
    le = rest[count] if len(rest) > count else None
    return _Apdu(cla, ins, p1, p2, rest[:count], le)


class CardOs:
    """One card at one of its interfaces. State lives from activation to activation."""

    def __init__(self, card: CardFile, interface: Interface) -> None:
        face = card.face(interface)
        if face is None:
            raise ValueError(f"{card.name} has no {interface} interface")
        self.name = card.name
        self._card = card
        self._face: Face = face
        self._interface = interface
        self._apps = [app for app in card.application if interface in app.interfaces]
        self._refusals = card.faults.gpo_refusals
        self.pdol_data = b""
        """What the last GET PROCESSING OPTIONS brought, for tests."""
        self._forget()

    def _forget(self) -> None:
        self._count = 0
        self._app: App | None = None
        self._in_directory = False
        self._opened = False
        self._pending = b""

    def activate(self) -> bytes:
        self._forget()
        return bytes.fromhex(self._face.atr)

    def answer(self, apdu: bytes) -> bytes:
        self._count += 1
        faults = self._card.faults
        if faults.pull_after is not None and self._count > faults.pull_after:
            raise Pulled
        if faults.mute_after is not None and self._count > faults.mute_after:
            raise Mute
        command = _split(apdu)
        if command is None:
            return bytes.fromhex("6700")
        if command.ins == 0xC0:
            return self._get_response(command)
        self._pending = b""
        data, status = self._serve(command)
        return self._send(command, data, status)

    def _serve(self, command: _Apdu) -> tuple[bytes, str]:
        match command:
            case _Apdu(cla=0x00, ins=0xA4):
                return self._select(command)
            case _Apdu(cla=0x80, ins=0xA8, p1=0, p2=0):
                return self._get_processing_options(command.data)
            case _Apdu(cla=0x00, ins=0xB2):
                return self._read_record(command)
            case _Apdu(cla=0xFF, ins=0xCA) if self._interface is Interface.TAP:
                return _UID, OK
            case _Apdu(cla=0x00 | 0x80):
                return b"", "6D00"
        return b"", "6E00"

    # --- how an answer travels ---------------------------------------------------------------

    def _send(self, command: _Apdu, data: bytes, status: str) -> bytes:
        if self._face.transport == "t1" or not data:
            return data + bytes.fromhex(status)
        if command.data:
            self._pending = data
            return bytes((0x61, len(data) & 0xFF))
        if command.le != len(data) & 0xFF:
            return bytes((0x6C, len(data) & 0xFF))
        return data + bytes.fromhex(status)

    def _get_response(self, command: _Apdu) -> bytes:
        if not self._pending:
            return bytes.fromhex("6985")
        if command.le != len(self._pending) & 0xFF:
            return bytes((0x6C, len(self._pending) & 0xFF))
        data, self._pending = self._pending, b""
        return data + bytes.fromhex(OK)

    # --- SELECT ------------------------------------------------------------------------------

    def _select(self, command: _Apdu) -> tuple[bytes, str]:
        if self._card.faults.select_status:
            return b"", self._card.faults.select_status
        if command.p1 != 0x04 or command.p2 not in (0x00, 0x02):
            return b"", "6A86"
        if command.data in _PSE.values():
            return self._select_directory(command.data)
        app = self._find(command.data, after=self._app if command.p2 else None)
        self._app, self._in_directory, self._opened = app, False, False
        if app is None:
            return b"", "6A82"
        return self._fci(app), OK

    def _find(self, name: bytes, after: App | None) -> App | None:
        """The application whose AID begins with ``name``; behind ``after`` in the card's order."""
        apps = self._apps if after is None else self._apps[self._apps.index(after) + 1 :]
        return next((app for app in apps if bytes.fromhex(app.aid).startswith(name)), None)

    def _select_directory(self, name: bytes) -> tuple[bytes, str]:
        self._app, self._in_directory = None, False
        if name != _PSE[self._interface] or self._face.directory == "absent":
            return b"", "6A82"
        if self._face.directory == "blocked":
            return b"", "6283"
        self._in_directory = True
        if self._interface is Interface.CONTACT:
            inside = encode("88", bytes((_PSE_SFI,))) + encode("5F2D", b"zhen")
        else:
            inside = encode("BF0C", b"".join(self._entry(app) for app in self._apps))
        return encode("6F", encode("84", name) + encode("A5", inside)), OK

    def _entry(self, app: App) -> bytes:
        """A directory entry, template 61."""
        entry = encode("4F", bytes.fromhex(app.aid)) + encode("50", app.label.encode("ascii"))
        entry += encode("87", bytes((app.priority,)))
        if app.preferred:
            entry += encode("9F12", app.preferred.encode("ascii"))
        return encode("61", entry)

    def _fci(self, app: App) -> bytes:
        inside = encode("50", app.label.encode("ascii")) + encode("87", bytes((app.priority,)))
        if app.pdol:
            inside += encode("9F38", bytes.fromhex(app.pdol))
        if app.preferred:
            inside += encode("9F11", b"\x01") + encode("9F12", app.preferred.encode("ascii"))
        inside += self._objects(app, app.fci)
        return encode("6F", encode("84", bytes.fromhex(app.aid)) + encode("A5", inside))

    # --- GET PROCESSING OPTIONS, READ RECORD --------------------------------------------------

    def _get_processing_options(self, data: bytes) -> tuple[bytes, str]:
        app, faults = self._app, self._card.faults
        if app is None or self._opened:
            return b"", "6985"
        wanted = sum(size for _, size in parse_dol(bytes.fromhex(app.pdol)))
        if data != encode("83", data[-wanted:] if wanted else b""):
            return b"", "6700"
        self.pdol_data = data
        if app.gpo_status:
            return b"", app.gpo_status
        if faults.gpo_status and self._refuses():
            return b"", faults.gpo_status
        self._opened = True
        return self._options(app), OK

    def _refuses(self) -> bool:
        """Whether this activation is still one of those that are refused."""
        if not self._card.faults.gpo_refusals:
            return True
        self._refusals -= 1
        return self._refusals >= 0

    def _options(self, app: App) -> bytes:
        aip, afl = bytes.fromhex(app.aip), _afl(app)
        if app.gpo == "80":
            return encode("80", aip + afl)
        files = encode("94", afl) if afl else b""
        return encode("77", encode("82", aip) + files + self._objects(app, app.gpo_data))

    def _read_record(self, command: _Apdu) -> tuple[bytes, str]:
        sfi, number = command.p2 >> 3, command.p1
        if command.p2 & 0x07 != 0x04 or not number:
            return b"", "6A86"
        if self._in_directory and self._interface is Interface.CONTACT and sfi == _PSE_SFI:
            entries = [encode("70", self._entry(app)) for app in self._apps]
            return (entries[number - 1], OK) if number <= len(entries) else (b"", "6A83")
        if self._app is None or not self._opened:
            return b"", "6985"
        broken = self._app.answers.get(f"{sfi}.{number}")
        if broken is not None:
            whole = bytes.fromhex(broken)
            return whole[:-2], whole[-2:].hex()
        record = self._app.records.get(f"{sfi}.{number}")
        if record is not None:
            return encode("70", self._objects(self._app, record)), OK
        known = any(key.startswith(f"{sfi}.") for key in self._app.records)
        return b"", "6A83" if known else "6A82"

    def _objects(self, app: App, data: dict[str, str]) -> bytes:
        card = self._card.of(app)
        return b"".join(encode(tag, card.value(text)) for tag, text in data.items())


def _afl(app: App) -> bytes:
    """The application file locator: SFI, first and last record, none of them signed."""
    files: dict[int, list[int]] = {}
    for key in app.records:
        sfi, _, number = key.partition(".")
        files.setdefault(int(sfi), []).append(int(number))
    return b"".join(
        bytes((sfi << 3, min(numbers), max(numbers), 0)) for sfi, numbers in sorted(files.items())
    )
