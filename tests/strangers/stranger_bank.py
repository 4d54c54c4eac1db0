"""A second acquirer: it knows its payments one by one, and its line misbehaves as it is told to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stranger_host import MONEY, Host, Plan, Step, changed, honest, silent
from stranger_iso import Message, Misfit, Value, framed, pack


class Bank(Host):
    """Takes a refund or a void of a payment only by that payment's own RRN, batch and trace."""

    def __init__(self, payments: Iterable[dict[str, Any]]) -> None:
        super().__init__()
        self.payments = {one["rrn"]: one for one in payments}
        self.paid: dict[tuple[str, str], int] = {}
        """By batch and STAN, as long as it is not reversed."""
        self.mute: set[str] = set()
        """Message types that it says nothing to."""

    def _plan(self, message: Message) -> Plan:
        if message.mti in self.mute:
            return silent
        planned = super()._plan(message)
        return booked if planned is honest and message.mti in MONEY else planned

    def books(self, request: Message) -> str:
        """Field 39 of an honest answer; what it says is booked."""
        key = (request.batch, request.text(11))
        if request.mti == "0400":
            return "25" if self.paid.pop(key, None) is None else "00"
        payment = self.payments.get(request.text(37))
        if payment is None:
            return "25"
        day = payment["sold_at"][5:7] + payment["sold_at"][8:10]
        named = payment["batch"] + payment["trace"]
        if request.text(61) != (named if request.mti == "0200" else named + day):
            return "25"
        if request.mti == "0200" and request.text(38) != payment["auth_code"]:
            return "25"
        if not request.mac_is(self.mak):
            raise Misfit(f"the {request.mti} has another MAC than this session's")
        self.paid.setdefault(key, request.amount)
        return "00"


def booked(host: Host, request: Message) -> Iterable[Step]:
    assert isinstance(host, Bank)
    yield host.packed(request, host.fields(request, host.books(request)))


def booked_in_silence(host: Host, request: Message) -> Iterable[Step]:
    """It does what it was asked and says nothing."""
    assert isinstance(host, Bank)
    host.books(request)
    return ()


def unsigned(code: str, **changes: Value | None) -> Plan:
    """Nothing is booked, and the answer has no field 64: a host that lost its keys makes none."""

    def plan(host: Host, request: Message) -> Iterable[Step]:
        fields = changed(host.fields(request, code), changes)
        yield host.packed(request, fields, key=b"")

    return plan


def taken_back_unasked(code: str) -> Plan:
    """It books the void, and answers as if a reversal had come: a 0410 under the void's STAN."""

    def plan(host: Host, request: Message) -> Iterable[Step]:
        assert isinstance(host, Bank)
        host.books(request)
        tpdu = request.tpdu[:2] + request.tpdu[6:10] + request.tpdu[2:6]
        fields = host.fields(request, code)
        yield framed(pack(tpdu, request.header, "0410", fields, host.mak))

    return plan
