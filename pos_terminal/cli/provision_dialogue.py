"""The key ceremony and the list of people, asked at a terminal (R22, R56a)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct

from pos_terminal.cli.provision_console import Console, ask_twice, ask_until, confirm
from pos_terminal.core.badge import Badge
from pos_terminal.core.people import Role
from pos_terminal.core.words import Failure, say
from pos_terminal.services.security.components import combine, combine_des, kcv, parse_component
from pos_terminal.services.security.people import check_new_pin
from pos_terminal.services.security.provisioning import (
    PersonSpec,
    Spec,
    check_badge,
    missing_among,
)
from pos_terminal.services.security.tokens import KEY_BYTES, key_id

_ROLES = {"1": Role.CLERK, "2": Role.SUPERVISOR, "3": Role.TECHNICIAN}


class Answers(Struct, frozen=True):
    """What was asked for, and who typed the key components."""

    spec: Spec
    custodians: tuple[str, ...]


def ask_all(console: Console, *, people: bool, keys: bool, token: bool = False) -> Answers:
    """The whole dialogue, or the part of it that is wanted.

    Failure ``provision.rejected`` where a check value is not confirmed; nothing is stored then.
    """
    spec, custodians = Spec(), tuple[str, ...]()
    if keys:
        spec, custodians = _ask_keys(console)
    elif token:
        spec, custodians = _ask_token_key(console)
    if people:
        spec = msgspec.structs.replace(spec, people=ask_people(console, first=keys))
    return Answers(spec, custodians)


def ask_people(console: Console, *, first: bool) -> list[PersonSpec]:
    """People one after another, until an empty number.

    ``first``: there are none yet, and not before those are there whom a refund takes. Two key
    holders have typed their components by then, and would have to come again.
    """
    people: list[PersonSpec] = []
    while True:
        while number := _ask_number(console, {person.number for person in people}):
            people.append(_ask_person(console, number))
        if not first or missing_among(people) is None:
            return people
        console.tell(say("provision.too_few"))


def ask_pin(console: Console, number: str) -> str:
    """A PIN for this number, typed twice; never a trivial one."""
    question = say("provision.ask_pin", number=number)
    return ask_twice(console, question, lambda pin: check_new_pin(number, pin))


def ask_badge(console: Console, number: str) -> Badge | None:
    """The badge of this number, typed or scanned once and not shown; None: it is to have none."""
    while text := console.secret(say("provision.ask_badge", number=number)):
        try:
            return check_badge(text)
        except Failure as failure:
            console.tell(failure.words)
    return None


def _ask_number(console: Console, taken: set[str]) -> str:
    return ask_until(
        console,
        lambda: console.ask(say("provision.ask_number")),
        lambda text: _check_number(text, taken),
    )


def _ask_person(console: Console, number: str) -> PersonSpec:
    name = _ask_plain(console, "provision.ask_name", _check_name)
    role = _ask_plain(console, "provision.ask_role", _check_role)
    return PersonSpec(number=number, name=name, role=_ROLES[role], pin=ask_pin(console, number))


def _ask_keys(console: Console) -> tuple[Spec, tuple[str, ...]]:
    """Two custodians, each with their component of every key."""
    first, tmk_1, token_1 = _ask_custodian(console, 1, "", True)
    console.tell(say("provision.hand_over"))
    second, tmk_2, token_2 = _ask_custodian(console, 2, first, bool(token_1))
    tmk = combine_des(tmk_1, tmk_2)
    _confirm_value(console, "provision.confirm_tmk", kcv(tmk))
    token = combine(token_1, token_2)
    if token:
        _confirm_value(console, "provision.confirm_token", key_id(token))
    exchange = _ask_plain(console, "provision.ask_exchange", _check_exchange)
    batch = _ask_plain(console, "provision.ask_batch", _check_batch)
    spec = Spec(
        tmk_components=[tmk_1.hex(), tmk_2.hex()],
        token_key=token.hex() or None,
        key_exchange=exchange or Spec().key_exchange,
        batch=batch or None,
    )
    return spec, (first, second)


def _ask_token_key(console: Console) -> tuple[Spec, tuple[str, ...]]:
    """The token key alone, in two components; empty: a new one is made."""
    first = _ask_name(console, 1, "")
    component = _ask_component(console, "provision.ask_token", KEY_BYTES, empty=True)
    if not component:
        return Spec(), (first,)
    console.tell(say("provision.hand_over"))
    second = _ask_name(console, 2, first)
    token = combine(component, _ask_component(console, "provision.ask_token_2", KEY_BYTES))
    _confirm_value(console, "provision.confirm_token", key_id(token))
    return Spec(token_key=token.hex()), (first, second)


def _ask_name(console: Console, place: int, other: str) -> str:
    question = say("provision.ask_custodian", place=place)
    return ask_until(
        console, lambda: console.ask(question), lambda text: _check_custodian(text, other)
    )


def _ask_custodian(
    console: Console, place: int, other: str, with_token: bool
) -> tuple[str, bytes, bytes]:
    """Name, component of the TMK, component of the token key.

    The first one may leave the token key empty, and a new one is made; then the second is not
    asked for theirs.
    """
    name = _ask_name(console, place, other)
    tmk = _ask_component(console, "provision.ask_tmk")
    _confirm_value(console, "provision.confirm_component", kcv(tmk))
    if not with_token:
        return name, tmk, b""
    key = "provision.ask_token" if place == 1 else "provision.ask_token_2"
    return name, tmk, _ask_component(console, key, KEY_BYTES, empty=place == 1)


def _ask_component(console: Console, key: str, *lengths: int, empty: bool = False) -> bytes:
    while True:
        text = console.secret(say(key))
        if empty and not text:
            return b""
        try:
            return parse_component(text, lengths) if lengths else parse_component(text)
        except Failure as failure:
            console.tell(failure.words)


def _ask_plain(console: Console, key: str, check: Callable[[str], None]) -> str:
    return ask_until(console, lambda: console.ask(say(key)), check)


def _confirm_value(console: Console, key: str, value: str) -> None:
    if not confirm(console, say(key, value=value)):
        raise Failure("provision.rejected")


def _check_number(text: str, taken: set[str]) -> None:
    if text and not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Failure("provision.number")
    if text in taken:
        raise Failure("people.exists", number=text)


def _check_name(text: str) -> None:
    if not 1 <= len(text) <= 40:
        raise Failure("provision.name")


def _check_role(text: str) -> None:
    if text not in _ROLES:
        raise Failure("provision.role")


def _check_batch(text: str) -> None:
    if text and not (text.isascii() and text.isdigit() and len(text) == 6):
        raise Failure("provision.batch")


def _check_exchange(text: str) -> None:
    if text and text not in ("001", "003", "004"):
        raise Failure("provision.exchange")


def _check_custodian(text: str, other: str) -> None:
    _check_name(text)
    if text == other:
        raise Failure("provision.same_custodian")
