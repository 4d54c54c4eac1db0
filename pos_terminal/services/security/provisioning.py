"""First set-up of a terminal: its people and its keys (R22, R56a). Nothing is preset."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import closing
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, structs

from pos_terminal.config import Config
from pos_terminal.core.badge import LEAST, PREFIX, Badge, badge_of
from pos_terminal.core.people import Person, Role
from pos_terminal.core.words import Failure
from pos_terminal.services.security.components import combine_des, kcv, parse_component
from pos_terminal.services.security.keystore import (
    KeyStore,
    OlderKey,
    TerminalKeys,
)
from pos_terminal.services.security.known_keys import refuse_test_keys
from pos_terminal.services.security.people import badge_token, check_new_pin, people_missing
from pos_terminal.services.security.people_db import PeopleDb
from pos_terminal.services.security.people_rows import NewPerson, StoredPerson
from pos_terminal.services.security.pin_hash import PinHasher
from pos_terminal.services.security.tokens import KEY_BYTES, check_token_key, key_id
from pos_terminal.services.security.wrapper import Protection

Batch = Annotated[str, Meta(pattern=r"^[0-9]{6}$")]


class PersonSpec(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    number: Annotated[str, Meta(pattern=r"^[0-9]{1,6}$")]
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    role: Role
    pin: str
    must_change: bool = True
    """Whether the person must choose another PIN at first use."""
    badge: str | None = None
    """The code of this person's badge."""

    def __repr__(self) -> str:
        return f"PersonSpec({self.number}, {self.role})"


class Spec(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one run of ``pos-terminal provision`` brings, from people or from a file."""

    people: list[PersonSpec] = []
    tmk_components: Annotated[list[str], Meta(min_length=2, max_length=2)] | None = None
    """Two components of the terminal master key in hex, 16 or 24 bytes each."""
    key_exchange: Annotated[str, Meta(pattern=r"^00[134]$")] = "003"
    token_key: Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{64}$")] | None = None
    """The token key of an existing shop; one is made where it is left out and none is there, or
    the one that is there is to be replaced."""
    batch: Batch | None = None
    """The acquirer's current batch number, until the first sign-on tells it."""

    def __repr__(self) -> str:
        return f"Spec({len(self.people)} people, …)"


class Report(Struct, frozen=True, omit_defaults=True):
    """What was set. No secret in it: it may be printed and kept."""

    people: tuple[Person, ...]
    component_kcvs: tuple[str, ...]
    tmk_kcv: str
    token_key_id: str
    key_exchange: str
    batch: str | None
    device_key: Protection
    older_token_keys: tuple[str, ...] = ()
    """Ids of those that were replaced, under which sales are still found."""


def parse_spec(data: bytes, source: str) -> Spec:
    """The specification in JSON. Failure ``provision.spec`` names what is wrong, no value."""
    try:
        return msgspec.json.decode(data, type=Spec)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Failure("provision.spec", file=source, cause=str(error)) from None


def provision(
    config: Config,
    spec: Spec,
    now: int,
    *,
    add_people: bool = False,
    replace_keys: bool = False,
    replace_token: bool = False,
) -> Report:
    """Store what ``spec`` brings; all is checked before anything is written.

    The first time it needs people enough to trade and the TMK. A terminal that has keys refuses
    all but what the flags name. ``now`` is in seconds since 1970. The terminal's keys are written
    last, so that a run which broke off in between can simply be repeated.
    Failure ``provision.*``, ``keys.*`` or ``people.*``.
    """
    store = KeyStore.of(config)
    first = not store.loaded
    if first:
        _check_first(spec)
    else:
        _check_again(spec, add_people, replace_keys, replace_token)
    for person in spec.people:
        check_new_pin(person.number, person.pin)
        if person.badge is not None:
            check_badge(person.badge)
    keys, kcvs = _keys(spec, store, now, replace_token and not first)
    people = _hashed(spec, PinHasher(store.pin_key), store.badge_key)
    with closing(PeopleDb.open(config.data_dir)) as db:
        db.add(people, now, replace_all=first)
    if first or keys != store.terminal:
        store.load(keys)
    return Report(
        people=tuple(new.person for new in people),
        component_kcvs=kcvs,
        tmk_kcv=kcv(keys.tmk),
        token_key_id=key_id(keys.token),
        older_token_keys=tuple(key_id(one.key) for one in keys.older),
        key_exchange=keys.key_exchange,
        batch=spec.batch,
        device_key=store.protection,
    )


def missing_among(people: Sequence[PersonSpec]) -> str | None:
    """As ``people_missing``, of those who are to come."""
    return people_missing([StoredPerson(_person(one), True, 0, 0, None) for one in people])


def _check_first(spec: Spec) -> None:
    if spec.tmk_components is None:
        raise Failure("provision.incomplete", missing="tmk_components")
    if (missing := missing_among(spec.people)) is not None:
        raise Failure("provision.incomplete", missing=missing)
    numbers = [person.number for person in spec.people]
    for number in numbers:
        if numbers.count(number) > 1:
            raise Failure("people.exists", number=number)


def _check_again(spec: Spec, add_people: bool, replace_keys: bool, replace_token: bool) -> None:
    if (
        not (add_people or replace_keys or replace_token)
        or (spec.people and not add_people)
        or (spec.tmk_components is not None and not replace_keys)
        or (spec.token_key is not None and not (replace_keys or replace_token))
    ):
        raise Failure("provision.already")
    if add_people and not spec.people:
        raise Failure("provision.incomplete", missing="people")
    if replace_keys and spec.tmk_components is None:
        raise Failure("provision.incomplete", missing="tmk_components")


def _keys(
    spec: Spec, store: KeyStore, now: int, replace_token: bool
) -> tuple[TerminalKeys, tuple[str, ...]]:
    """The keys that will be in force, and the check values of new components."""
    token, older = _token_keys(spec, store, now, replace_token)
    if spec.tmk_components is None:
        keys = structs.replace(store.terminal, token=token, older=older)
        refuse_test_keys(keys.tmk, token)
        return keys, ()
    first, second = (parse_component(text) for text in spec.tmk_components)
    keys = TerminalKeys(combine_des(first, second), token, spec.key_exchange, older)
    refuse_test_keys(keys.tmk, token)
    return keys, (kcv(first), kcv(second))


def _token_keys(
    spec: Spec, store: KeyStore, now: int, replace: bool
) -> tuple[bytes, tuple[OlderKey, ...]]:
    """The token key, and those under which sales of their time are found.

    Failure ``keys.weak_token``, ``provision.same_token``.
    """
    given = None if spec.token_key is None else bytes.fromhex(spec.token_key)
    if given is not None:
        check_token_key(given)
    if not store.loaded:
        return given or secrets.token_bytes(KEY_BYTES), ()
    current, older = store.token_key, store.terminal.older
    if given is None and not replace:
        return current, older
    if given == current:
        if replace:
            raise Failure("provision.same_token", key_id=key_id(current))
        return current, older
    token = given or secrets.token_bytes(KEY_BYTES)
    # one that comes back is in force again, and no older one any more
    kept = tuple(one for one in older if one.key != token)
    return token, (OlderKey(current, now), *kept)


def _hashed(spec: Spec, hasher: PinHasher, badge_key: bytes) -> list[NewPerson]:
    return [
        NewPerson(
            _person(person),
            hasher.hash(person.number, person.pin),
            None if person.badge is None else badge_token(badge_key, check_badge(person.badge)),
        )
        for person in spec.people
    ]


def check_badge(text: str) -> Badge:
    """Failure ``people.badge_shape`` for what is none; it never tells what was typed."""
    badge = badge_of(text)
    if badge is None:
        raise Failure("people.badge_shape", prefix=PREFIX, least=LEAST)
    return badge


def _person(spec: PersonSpec) -> Person:
    return Person(spec.number, spec.name, spec.role, spec.must_change)
