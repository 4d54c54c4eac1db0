"""The people of the bench's shop: fixed numbers and names, PINs and badges drawn each time."""

from __future__ import annotations

import secrets
import string
from dataclasses import asdict, dataclass
from typing import Any

from pos_terminal.core.badge import PREFIX
from pos_terminal.core.people import Role, pin_is_trivial

_LETTERS = string.ascii_uppercase + string.digits
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
    badge: str = ""
    """What the scanner reads on it; only supervisors have one."""

    def shown(self) -> dict[str, str]:
        return asdict(self)


def staff() -> list[Staff]:
    """Two clerks, two supervisors, a technician."""
    return [
        Staff(
            number,
            _pin(number),
            role.value,
            name,
            new_badge() if role is Role.SUPERVISOR else "",
        )
        for number, name, role in _STAFF
    ]


def provisioning(people: list[Staff]) -> list[dict[str, Any]]:
    """The ``people`` of ``pos-terminal provision``; nobody is asked to change the PIN first."""
    return [asdict(one) | {"must_change": False, "badge": one.badge or None} for one in people]


def new_badge() -> str:
    """As a shop prints them: letters and digits that Code 39 has, too."""
    return PREFIX + "".join(secrets.choice(_LETTERS) for _ in range(20))


def _pin(number: str) -> str:
    while True:
        pin = f"{secrets.randbelow(1_000_000):06d}"
        if not pin_is_trivial(pin, number):
            return pin
