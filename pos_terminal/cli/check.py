"""``pos-terminal check``: open everything once and say of each what is wrong and what to do."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import asdict

from pos_terminal.config import Config
from pos_terminal.core.words import ConfigFailure, Failure

if TYPE_CHECKING:
    from pos_terminal.core.words import Words
    from pos_terminal.services.security.keystore import KeyStore

CHECK_SECONDS = 15.0
"""The longest that one device may take."""
CALENDAR_DAYS: Final = 60
"""How long before the list of working days ends it is said."""
ANSWER_SECONDS = 5.0
"""The longest that a running terminal may take to say how its devices are."""

Check = Callable[[], Awaitable["Words | None"]]
"""Raises a Failure where something is wrong; may have something to say where all is well."""
Checks = Iterator[tuple[str, Check]]


class Checked(Struct, frozen=True):
    """One thing that was looked at: what a person and what a technician should know of it."""

    name: str
    ok: bool
    text: str = ""
    tech: str = ""
    live: bool = False
    """As the running terminal sees it, which holds the device."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--json", action="store_true", help="for scripts")


def run(arguments: argparse.Namespace) -> int:
    """0 where all is well, 1 where something is not, 2 where the configuration is wrong: that comes
    first, and in the language of the rest."""
    from pos_terminal.cli.failing import language_of, print_failure, status_of
    from pos_terminal.config import load

    try:
        config = load(arguments.config)
    except ConfigFailure as failure:
        print_failure(failure, arguments.config, language_of(arguments.config))
        return status_of(failure)
    checked = asyncio.run(check_all(config, _running(config)))
    _print(checked, as_json=arguments.json)
    return 0 if all(one.ok for one in checked) else 1


def _running(config: Config) -> dict[str, Any] | None:
    """What a running terminal answers to ``state``; None where none runs."""
    from pos_terminal.cli.ask_terminal import ask_terminal

    try:
        path = config.path(config.control.socket)
        return ask_terminal(path, {"verb": "state"}, ANSWER_SECONDS)
    except (OSError, ValueError):
        return None


async def check_all(config: Config, running: dict[str, Any] | None) -> list[Checked]:
    """Everything in the order in which a technician would look.

    What the running terminal holds is not opened a second time: it is asked.
    """
    live = [] if running is None else list(_live(running))
    told = {one.name for one in live}
    checked = [await _look(name, check, config) for name, check in _settings(config)]
    if "display" not in told:
        checked.append(await _look("display", lambda: _display(config), config))
    if running is not None and "cause" in running:
        # it says why not: we are not to ask, or it stopped trading, and holds its devices on
        checked.append(Checked("terminal", False, running["error"], running["tech"], live=True))
    elif running is None or "devices" not in running:
        checked += [await _look(name, check, config) for name, check in _devices(config)]
    checked += live
    return [*checked, await _look("acquirer", lambda: _acquirer(config), config)]


def _live(running: dict[str, Any]) -> Iterator[Checked]:
    """As the clerk's page of devices has it. The screen is held from the first moment, the other
    devices once all is open."""
    if "display" not in (running.get("devices") or {}):
        yield Checked("display", ok=True, live=True)
    for one in running.get("conditions") or ():
        text = "  ".join(filter(None, (one["text"], one["next"])))
        yield Checked(one["name"], bool(one["up"]), text, one["tech"], live=True)


def _settings(config: Config) -> Checks:
    yield "rules", lambda: _rules(config)
    yield "home", lambda: _home(config)
    yield "provision", lambda: _provisioned(config)
    yield "keys", lambda: _keys(config)
    yield "control", lambda: _classes(config)
    yield "calendar", lambda: _calendar(config)
    yield "ledger", lambda: _ledger(config)
    yield "slips", lambda: _slips(config)
    if config.reader.contact is not None and config.reader.tap is not None:
        yield "readers", lambda: _readers(config)


async def _look(name: str, check: Check, config: Config) -> Checked:
    from pos_terminal.texts import render

    try:
        async with asyncio.timeout(CHECK_SECONDS):
            words = await check()
    except Failure as failure:
        return _failed(name, failure, config)
    except TimeoutError:
        slow = Failure("check.slow", name=name, seconds=int(CHECK_SECONDS))
        return _failed(name, slow, config)
    return Checked(name, True, "" if words is None else render(words, config.terminal.language))


def _failed(name: str, failure: Failure, config: Config) -> Checked:
    from pos_terminal.cli.failing import with_file
    from pos_terminal.texts import render, technician

    words = failure.words
    text = render(words, config.terminal.language)
    return Checked(name, False, text, with_file(technician(words), config.file))


async def _home(config: Config) -> None:
    if config.sales_home is None:
        raise Failure("flows.no_home")


async def _calendar(config: Config) -> Words | None:
    """That the list of working days ends soon, or has ended: nobody else would notice."""
    from datetime import UTC, datetime, timedelta

    from pos_terminal.core.local_time import local
    from pos_terminal.core.words import say

    last = config.working_days().last
    today = local(datetime.now(UTC), config.terminal.zone).date()
    if last - today >= timedelta(days=CALENDAR_DAYS):
        return None
    return say("check.calendar_ends", last=last.isoformat())


async def _rules(config: Config) -> None:
    from pos_terminal.wiring import rule_book

    rule_book(config)


async def _provisioned(config: Config) -> None:
    from pos_terminal.services.security.provisioned import unprovisioned

    failure = unprovisioned(config)
    if failure is not None:
        raise failure


async def _keys(config: Config) -> Words | None:
    """Whether they open, and what keeps them while the terminal is off. None are made here."""
    from pos_terminal.core.words import say
    from pos_terminal.services.security.device_key import (
        tpm_is_there,
    )
    from pos_terminal.services.security.keystore import KeyStore
    from pos_terminal.services.security.provisioned import unprovisioned
    from pos_terminal.services.security.wrapper import Protection

    if unprovisioned(config) is not None:
        return None
    store = KeyStore.of(config)
    _check_exchange(config, store.key_exchange)
    _check_own(store)
    protection = store.protection
    if protection is Protection.BOTH:
        raise Failure("keys.half_sealed")
    if protection is Protection.TPM:
        return say("check.keys_by_tpm", device=config.security.tpm)
    if tpm_is_there(config.security):
        return say("check.keys_tpm_unused", device=config.security.tpm)
    return say("check.keys_by_file")


def _check_own(store: KeyStore) -> None:
    """Failure where the keys are nobody's secret: of the tests, or a token key of zeros."""
    from pos_terminal.services.security.known_keys import refuse_test_keys
    from pos_terminal.services.security.tokens import check_token_key

    check_token_key(store.token_key)
    tokens = (store.token_key, *store.older_token_keys)
    refuse_test_keys(store.tmk, *tokens, store.ring_key, store.pin_key, store.audit_key)


def _check_exchange(config: Config, variant: str) -> None:
    """Failure ``keys.exchange`` where every sign-on would fail: the profile lacks its variant."""
    from pos_terminal.wiring import acquirer_profile

    known = acquirer_profile(config).keys.variants
    if variant not in known:
        raise Failure("keys.exchange", variant=variant, known=", ".join(sorted(known)))


async def _classes(config: Config) -> None:
    """Whether this machine has all users and groups of ``[control.classes]``."""
    from pos_terminal.control.classes import Classes

    unknown = Classes(config.control).unknown
    if unknown:
        raise Failure("control.unknown", members=", ".join(unknown))


async def _ledger(config: Config) -> None:
    """A ledger that is not there yet is made at the first run; another terminal's is refused."""
    from pos_terminal.services.ledger.read_only import (
        check_owner,
        read_ledger,
    )
    from pos_terminal.services.proof import doubt

    if doubt.noted(config.ledger):
        raise Failure("ledger.found_changed", file=str(config.ledger))
    if config.ledger.exists():
        with read_ledger(config) as ledger:
            ledger.journal.last_at()
            check_owner(ledger)


async def _slips(config: Config) -> None:
    """Whether slips can be made as ``[printer] profile`` says; a terminal would use another."""
    from pos_terminal.wire.receipt.to_escpos import known_profiles

    profile, known = config.printer.profile, known_profiles()
    if profile not in known:
        raise ConfigFailure(
            "config.option",
            file=str(config.file),
            option="printer.profile",
            cause=f'python-escpos has no "{profile}"; it has {", ".join(sorted(known))}',
        )


async def _readers(config: Config) -> None:
    """Whether what is inserted and what is tapped are told apart, whoever holds the readers."""
    from pos_terminal.wiring import check_reader_names

    check_reader_names(config)


async def _display(config: Config) -> None:
    from pos_terminal.wiring import open_screen

    display = config.display
    if display.backend == "luma" or (display.backend == "ansi" and display.device):
        open_screen(config, lambda _: None).close()
    if display.backend == "ansi" and display.device:
        _fits(config)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOCTTY | os.O_NONBLOCK)


def _fits(config: Config) -> None:
    """Failure ``display.size`` where the terminal has fewer rows or columns than are drawn."""
    display = config.display
    try:
        with open(display.device, "rb", buffering=0, opener=_without_waiting) as terminal:
            there = os.get_terminal_size(terminal.fileno())
    except OSError:  # a pipe; and whether it can be opened was looked at before
        return
    # a serial line has no size
    if there.columns and (there.columns < display.columns or there.lines < display.rows):
        raise Failure(
            "display.window",
            width=there.columns,
            height=there.lines,
            columns=display.columns,
            rows=display.rows,
        )


def _devices(config: Config) -> Checks:
    from pos_terminal.ports import Device
    from pos_terminal.wiring import make_devices

    async def look(device: Device) -> Words | None:
        state = await device.check()
        if state.up:
            return state.words
        raise Failure("check.down") if state.words is None else Failure.of(state.words)

    for device in make_devices(config, lambda _: None).all:
        yield device.name, lambda device=device: look(device)  # type: ignore[misc]


async def _acquirer(config: Config) -> None:
    """The line as far as it goes without keys: name, connection, TLS and its pin."""
    from pos_terminal.services.host.connect import make_connect
    from pos_terminal.services.host.reach import reach
    from pos_terminal.wiring import acquirer_profile

    try:
        await reach(config, acquirer_profile(config), make_connect(config))
    except Failure as failure:
        # in a refund these say what became of the money; here there is none
        code = _AS_CHECKED.get(failure.code)
        if code is None:
            raise
        raise Failure(code, **failure.words.values) from None


_AS_CHECKED: Final = {
    "host.not_sent": "check.acquirer_down",
    "host.identity": "check.acquirer_unproven",
}


def _print(checked: list[Checked], *, as_json: bool) -> None:
    if as_json:
        rows = [asdict(one) for one in checked]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if any(one.live for one in checked):
        print("The terminal is running. (live): as it sees its devices now")
    for one in checked:
        live = " (live)" if one.live else ""
        if one.ok:
            print(f"ok    {one.name}{live}" + (f": {one.text}" if one.text else ""))
        else:
            print(f"FAIL  {one.name}{live}: {one.text}")
            print(f"      {one.tech}")
