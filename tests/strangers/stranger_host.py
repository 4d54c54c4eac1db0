"""An acquirer that somebody else made: answers as it is told to, and keeps what it was sent."""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Self

from stranger_iso import Message, Misfit, Value, check_value, des, framed, pack, unpack

Step = bytes | float | None
"""To be sent, seconds to let pass, or None: cut the line."""
Plan = Callable[["Host", Message], Iterable[Step]]

CHINA = timezone(timedelta(hours=8))
"""Where acquirers of this kind are, whatever the machine's own zone."""
ANSWERS = {"0800": "0810", "0820": "0830", "0200": "0210", "0220": "0230", "0400": "0410"}
MONEY = ("0200", "0220", "0400")


class Host:
    """Listens at once; ``keys`` (``acquirer-keys.json``) may come later. A context manager."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self.keys: dict[str, str] = {}
        self.seen: list[Message] = []
        self.misfits: list[str] = []
        self.plans: deque[Plan] = deque()
        """For the next messages about money, one each; then honest answers."""
        self.sign_on: Plan = answer_sign_on
        self.variant = "003"
        self.single = False
        """Whether a 16-byte MAK is single-length in truth."""
        self.mak = b""
        self.demand = "0"
        self.serial = 0
        self._changed = threading.Condition()
        self._lines: list[socket.socket] = []
        self._closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        for line in (self._server, *self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    # --- what was seen ------------------------------------------------------------------------

    def money(self) -> list[Message]:
        return [message for message in self.seen if message.mti in MONEY]

    def wait(self, good: Callable[[], Any], seconds: float = 20.0) -> None:
        """Until ``good()`` holds; looked at after every message."""
        with self._changed:
            assert self._changed.wait_for(good, seconds), [one.mti for one in self.seen]

    def forget(self) -> None:
        """For the next test: nothing seen, nothing planned."""
        with self._changed:
            self.seen.clear()
            self.plans.clear()
            self.sign_on, self.demand = answer_sign_on, "0"

    # --- the line -----------------------------------------------------------------------------

    def _accept(self) -> None:
        while not self._closing:
            try:
                line, _ = self._server.accept()
            except OSError:
                return
            self._lines.append(line)
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), line, line.makefile("rb") as stream:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while len(size := stream.read(2)) == 2:
                data = stream.read(int.from_bytes(size, "big"))
                self._answer(line, data)

    def _answer(self, line: socket.socket, data: bytes) -> None:
        try:
            message = unpack(data)
        except (Misfit, UnicodeDecodeError) as misfit:
            self.misfits.append(f"{misfit}: {data.hex()}")
            raise OSError from None
        with self._changed:
            plan = self._plan(message)
            self.seen.append(message)
            self._changed.notify_all()
        for step in plan(self, message):
            if step is None:
                raise OSError
            if isinstance(step, float):
                time.sleep(step)
            else:
                line.sendall(step)

    def _plan(self, message: Message) -> Plan:
        if message.mti == "0800":
            return self.sign_on
        if message.mti in MONEY and self.plans:
            return self.plans.popleft()
        return honest

    # --- answers ------------------------------------------------------------------------------

    def fields(self, request: Message, code: str = "00") -> dict[int, Value]:
        """A full answer to this request."""
        self.serial += 1
        now = datetime.now(CHINA)
        copied = (2, 3, 4, 11, 25, 41, 42, 49, 60, 63)
        found: dict[int, Value] = {
            number: request.fields[number] for number in copied if number in request.fields
        }
        found |= {12: f"{now:%H%M%S}", 13: f"{now:%m%d}", 15: f"{now:%m%d}", 32: "48020000"}
        found |= {37: f"9{self.serial:011d}", 39: code, 44: "01020000   48020000"}
        return found

    def packed(
        self, request: Message, fields: Mapping[int, Value], *, key: bytes | None = None
    ) -> bytes:
        """A frame to the one who asked: TPDU swapped, MAC under ``key`` (left out: the MAK)."""
        tpdu = request.tpdu[:2] + request.tpdu[6:10] + request.tpdu[2:6]
        header = request.header[:5] + self.demand + request.header[6:]
        signed = self.mak if key is None else key
        return framed(pack(tpdu, header, ANSWERS[request.mti], fields, signed or None))

    def new_keys(self, variant: str) -> bytes:
        """Field 62 of a sign-on's answer; the MAK counts from now on."""
        length = 8 if variant == "001" else 16
        pik, mak = secrets.token_bytes(length), secrets.token_bytes(length)
        wire_mak = mak
        if self.single and length == 16:
            mak = mak[:8]
            wire_mak = mak + bytes(8)
        keys = [(pik, pik), (wire_mak, mak)]
        if variant == "004":
            tdk = secrets.token_bytes(16)
            keys.append((tdk, tdk))
        self.mak = mak
        tmk = bytes.fromhex(self.keys["tmk"])
        return b"".join(des(tmk, wire) + check_value(key) for wire, key in keys)


def answer_sign_on(host: Host, request: Message) -> Iterable[Step]:
    variant = request.text(60)[8:11]
    keys = host.new_keys(variant)
    fields = host.fields(request) | {60: "00" + host.keys["batch"] + variant, 62: keys}
    sent = (11, 12, 13, 32, 37, 39, 41, 42, 60, 62)
    yield host.packed(request, {number: fields[number] for number in sent}, key=b"")


def honest(host: Host, request: Message) -> Iterable[Step]:
    yield host.packed(request, host.fields(request))


def says(code: str, **changes: Value | None) -> Plan:
    """An answer with this code. ``f37="…"`` sets a field, ``f37=None`` leaves it out."""

    def plan(host: Host, request: Message) -> Iterable[Step]:
        yield host.packed(request, changed(host.fields(request, code), changes))

    return plan


def changed(fields: dict[int, Value], changes: Mapping[str, Value | None]) -> dict[int, Value]:
    for name, value in changes.items():
        number = int(name[1:])
        fields.pop(number, None)
        if value is not None:
            fields[number] = value
    return fields


def silent(_host: Host, _request: Message) -> Iterable[Step]:
    return ()


def cut(_host: Host, _request: Message) -> Iterable[Step]:
    yield None
