"""A card that somebody else made, at the socket of a vpcd reader: TLV bytes laid by hand."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OFF, ON, RESET, ATR = 0, 1, 2, 4
TCP_QUICKACK = 12
CONTACT_ATR = bytes.fromhex("3B650000" + "9C02020702")

PSE, PPSE = b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF01"
OK = b"\x90\x00"


def tlv(tag: str, *parts: bytes | str) -> bytes:
    """One BER-TLV object; text is hexadecimal."""
    value = b"".join(bytes.fromhex(part) if isinstance(part, str) else part for part in parts)
    size = len(value)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size])
    return bytes.fromhex(tag) + length + value


def tap_atr(history: bytes) -> bytes:
    """``3B 8n 80 01`` history and its check byte."""
    body = bytes([0x80 | len(history), 0x80, 0x01]) + history
    check = 0
    for one in body:
        check ^= one
    return b"\x3b" + body + bytes([check])


TAP_ATR = tap_atr(bytes.fromhex("0031C1739600"))


@dataclass
class Chip:
    """What one chip answers. ``selects``: name or AID → FCI. ``records``: (SFI, number)."""

    selects: dict[bytes, bytes]
    gpo: bytes = b""
    pdol: int = 0
    """Length of the data that the PDOL asks for."""
    records: dict[tuple[int, int], bytes] = field(default_factory=dict)
    halting: bool = False
    """Answers as T=0 does: 61xx for data, 6Cxx where Le is wrong."""
    twist: Callable[[bytes, bytes], bytes | None] = lambda _apdu, answer: answer
    """The last word on every answer; None: the card is pulled out."""
    uid: bytes = bytes.fromhex("04A1B2C3")
    further: dict[bytes, Chip] = field(default_factory=dict)
    """Applications with files of their own, by AID: what is selected answers until the next."""
    seen: list[bytes] = field(default_factory=list)
    _selected: Chip | None = None
    _kept: bytes = b""

    def answer(self, apdu: bytes) -> bytes | None:
        self.seen.append(apdu)
        return self.twist(apdu, self._polled(apdu) if self.halting else self._plain(apdu))

    def _plain(self, apdu: bytes) -> bytes:
        cla, ins, p1, p2 = apdu[:4]
        match cla, ins:
            case 0xFF, 0xCA:
                return self.uid + OK
            case 0x00, 0xA4:
                self._selected = self.further.get(apdu[5 : 5 + apdu[4]])
                return (self._selected or self)._select(apdu, p1, p2)
            case _ if self._selected is not None:
                return self._selected._plain(apdu)
            case 0x80, 0xA8:
                data = apdu[5 : 5 + apdu[4]]
                good = data[0] == 0x83 and data[1] == len(data) - 2 == self.pdol
                return self.gpo + OK if good else b"\x69\x85"
            case 0x00, 0xB2:
                record = self.records.get((p2 >> 3, p1))
                return b"\x6a\x83" if record is None or p2 & 7 != 4 else record + OK
        return b"\x6d\x00"

    def _select(self, apdu: bytes, p1: int, p2: int) -> bytes:
        name = apdu[5 : 5 + apdu[4]]
        if p1 != 4 or p2 not in (0, 2):
            return b"\x6a\x86"
        hits = [fci for known, fci in self.selects.items() if known.startswith(name)]
        if len(hits) <= p2 // 2:
            return b"\x6a\x82"
        return hits[p2 // 2] + OK

    def _polled(self, apdu: bytes) -> bytes:
        if apdu[1] == 0xC0:
            kept, self._kept = self._kept, b""
            return kept + OK if apdu[4] == len(kept) else b"\x6c" + bytes([len(kept)])
        answer = self._plain(apdu)
        data = answer[:-2]
        if not data or answer[-2:] != OK:
            return answer
        if apdu[1] in (0xA4, 0xA8):
            self._kept = data
            return b"\x61" + bytes([len(data)])
        return answer if apdu[-1] == len(data) else b"\x6c" + bytes([len(data)])


def application(aid: str, label: str, pdol: str = "") -> bytes:
    """The FCI of one application."""
    inner = tlv("50", label.encode()) + tlv("87", "01")
    if pdol:
        inner += tlv("9F38", pdol)
    return tlv("6F", tlv("84", aid), tlv("A5", inner))


def ppse(*aids: str) -> bytes:
    """The tap's directory, candidates in order of priority."""
    entries = [tlv("61", tlv("4F", aid), tlv("87", f"{at:02X}")) for at, aid in enumerate(aids, 1)]
    return tlv("6F", tlv("84", PPSE), tlv("A5", tlv("BF0C", *entries)))


class Inserted:
    """A chip held to the reader as long as this context lasts."""

    def __init__(self, reader: str, chip: Chip, atr: bytes) -> None:
        host, port = reader.rsplit(":", 1)
        self.chip = chip
        self._atr = atr
        self._line = socket.create_connection((host, int(port)))
        self.powered = threading.Event()
        """A reader asked it something."""
        self.gone = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Inserted:
        return self

    def __exit__(self, *_: Any) -> None:
        self.pull()

    def pull(self) -> None:
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self.gone.wait(5)

    def _serve(self) -> None:
        with contextlib.suppress(OSError), self._line:
            while (payload := self._receive()) is not None:
                if len(payload) == 1:
                    if payload[0] == ON:
                        self.powered.set()
                    if payload[0] == ATR:
                        self._send(self._atr)
                    continue
                answer = self.chip.answer(payload)
                if answer is None:
                    break
                self._send(answer)
        self.gone.set()

    def _receive(self) -> bytes | None:
        head = self._exactly(2)
        return self._exactly(int.from_bytes(head, "big")) if head else None

    def _exactly(self, count: int) -> bytes | None:
        found = b""
        while len(found) < count:
            self._line.setsockopt(socket.IPPROTO_TCP, TCP_QUICKACK, 1)
            data = self._line.recv(count - len(found))
            if not data:
                return None
            found += data
        return found

    def _send(self, data: bytes) -> None:
        self._line.sendall(len(data).to_bytes(2, "big") + data)


# --- whole cards ----------------------------------------------------------------------------------

TAP_PDOL = "9F66049F02069F03069F1A0295055F2A029A039C019F3704"
TAP_PDOL_BYTES = 33


def padded(digits: str) -> str:
    return digits + "F" * (len(digits) % 2)


def track2(pan: str) -> bytes:
    return tlv("57", padded(pan + "D30122010000000000000"))


def visa_tap(pan: str) -> Chip:
    """Track 2 in the answer to GPO, and no AFL."""
    aid = "A0000000031010"
    fci = application(aid, "VISA", TAP_PDOL)
    gpo = tlv("77", tlv("82", "2000"), track2(pan), tlv("5F34", "01"))
    return Chip({PPSE: ppse(aid), bytes.fromhex(aid): fci}, gpo, TAP_PDOL_BYTES)


def contact(aid: str, pan: str, *, directory: bool = True, bare: bool = False) -> Chip:
    """Format 80, one record. ``bare``: neither expiry nor sequence number, and no track 2."""
    selects = {bytes.fromhex(aid): application(aid, "CARD")}
    content = [tlv("5A", padded(pan))]
    if not bare:
        content += [track2(pan), tlv("5F24", "301231"), tlv("5F34", "01")]
    records = {(2, 1): tlv("70", *content)}
    if directory:
        selects[PSE] = tlv("6F", tlv("84", PSE), tlv("A5", tlv("88", "01")))
        entry = tlv("61", tlv("4F", aid), tlv("50", b"CARD"), tlv("87", "01"))
        records[1, 1] = tlv("70", entry)
    return Chip(selects, tlv("80", "1800", "10010100"), 0, records)


def two_numbers(first: str, second: str) -> Chip:
    """A tapped card of two accounts: UnionPay debit, then Visa, listed in this order."""
    chip, other = unionpay_tap(first), visa_tap(second)
    aids = ("A000000333010101", "A0000000031010")
    chip.selects[PPSE] = ppse(*aids)
    chip.further[bytes.fromhex(aids[1])] = other
    return chip


def unionpay_tap(pan: str, par: str = "") -> Chip:
    """Debit: two records, the PAR in the second one."""
    aid = "A000000333010101"
    fci = application(aid, "UNIONPAY", TAP_PDOL + "DF6001")
    gpo = tlv("77", tlv("82", "7C00"), tlv("94", "08010100" + "10010100"))
    second = [tlv("5A", padded(pan)), tlv("5F24", "301231"), tlv("5F34", "01")]
    if par:
        second.append(tlv("9F24", par.encode()))
    records = {(1, 1): tlv("70", track2(pan)), (2, 1): tlv("70", *second)}
    return Chip({PPSE: ppse(aid), bytes.fromhex(aid): fci}, gpo, TAP_PDOL_BYTES + 1, records)
