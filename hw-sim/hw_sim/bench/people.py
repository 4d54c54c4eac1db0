"""The people of the bench's shop: fixed numbers and names, PINs drawn afresh each time."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import Any

from pos_terminal.core.people import Role, pin_is_trivial

_STAFF = (
    ("101", "李敏", Role.CLERK),
    ("102", "王芳", Role.CLERK),
    ("201", "张伟", Role.SUPERVISOR),
    ("202", "陈静", Role.SUPERVISOR),
    ("901", "刘强", Role.TECHNICIAN),
)


@dataclass(frozen=True, slots=True)
class Staff:
    """One line of ``people.json``."""

    number: str
    pin: str
    role: str
    name: str

    def shown(self) -> dict[str, str]:
        return asdict(self)


def staff() -> list[Staff]:
    """Two clerks, two supervisors, a technician."""
    return [Staff(number, _pin(number), role.value, name) for number, name, role in _STAFF]


def provisioning(people: list[Staff]) -> list[dict[str, Any]]:
    """The ``people`` of ``pos-terminal provision``; nobody is asked to change the PIN first."""
    return [asdict(one) | {"must_change": False} for one in people]


def _pin(number: str) -> str:
    while True:
        pin = f"{secrets.randbelow(1_000_000):06d}"
        if not pin_is_trivial(pin, number):
            return pin
