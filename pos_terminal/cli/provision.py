"""``pos-terminal provision``: people and keys, from two people at a terminal or from a file."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import asdict

from pos_terminal.cli.failing import print_failure, status_of, with_file
from pos_terminal.cli.numbers import file_name, person
from pos_terminal.cli.provision_console import Console, TtyConsole
from pos_terminal.cli.provision_dialogue import Answers, ask_all, ask_badge, ask_pin
from pos_terminal.cli.provision_home import ask_home, keep_home
from pos_terminal.cli.provision_moves import (
    export_keys,
    import_keys,
    said_of,
    seal_to_tpm,
    wipe_keys,
)
from pos_terminal.cli.provision_records import alone, record, refuse_other_ledger, undo
from pos_terminal.config import Config, load
from pos_terminal.core.words import Failure, UsageFailure
from pos_terminal.services.security.keystore import KeyStore
from pos_terminal.services.security.people import badge_token, check_new_pin
from pos_terminal.services.security.people_db import PeopleDb
from pos_terminal.services.security.people_rows import StoredPerson
from pos_terminal.services.security.pin_hash import PinHasher
from pos_terminal.services.security.provisioning import Report, Spec, parse_spec, provision
from pos_terminal.texts import technician

_FIELDS: Final = """
FILE is JSON: {"people": [{"number", "name", "role": clerk|supervisor|technician, "pin",
"must_change", "badge": CODE (left out: none)}], "tmk_components": [HEX, HEX], "key_exchange":
"003", "token_key": HEX (of an existing shop; otherwise one is made), "batch": "000001"}. Remove it
afterwards.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``pos-terminal provision``."""
    parser.epilog = _FIELDS
    parser.add_argument("--config", required=True, type=Path, help="terminal.toml")
    parser.add_argument(
        "--from", dest="source", type=file_name, metavar="FILE", help="JSON; - is standard input"
    )
    parser.add_argument("--json", action="store_true", help="print what was set as JSON")
    parser.add_argument("--add-people", action="store_true", help="further people")
    parser.add_argument("--replace-keys", action="store_true", help="a new terminal master key")
    parser.add_argument(
        "--replace-token-key",
        action="store_true",
        help="a new token key of the shop; sales are found under the old one, too",
    )
    parser.add_argument("--force", action="store_true", help="wipe although refunds are pending")
    parser.add_argument("--yes", action="store_true", help="wipe without asking")
    verbs = parser.add_mutually_exclusive_group()
    verbs.add_argument("--list", action="store_true", help="people, without secrets")
    verbs.add_argument("--disable", type=person, metavar="NUMBER", help="shut a person out")
    verbs.add_argument(
        "--reset-pin", type=person, metavar="NUMBER", help="a new PIN, to be changed at first use"
    )
    verbs.add_argument(
        "--badge",
        type=person,
        metavar="NUMBER",
        help="this person's badge, in place of any other (empty: none any more)",
    )
    verbs.add_argument(
        "--export-keys", type=file_name, metavar="FILE", help="for the replacement of this terminal"
    )
    verbs.add_argument("--import-keys", type=file_name, metavar="FILE", help="on the replacement")
    verbs.add_argument(
        "--seal-to-tpm", action="store_true", help="the device key out of its file, into the TPM"
    )
    verbs.add_argument("--wipe", action="store_true", help="destroy keys, card data and people")


def run(args: argparse.Namespace, console: Console | None = None) -> int:
    """Do what the arguments say; 0, or 1 with the technician's line on standard error, 2 for wrong
    arguments or settings."""
    try:
        _must_go_together(args)
        config = load(args.config)
        print(_verb(args)(config, args, lambda: console or TtyConsole(config.terminal.language)))
    except Failure as failure:
        if isinstance(failure, UsageFailure):
            print_failure(failure)
        else:
            print(with_file(technician(failure.words), args.config), file=sys.stderr)
        return status_of(failure)
    return 0


def _must_go_together(args: argparse.Namespace) -> None:
    """UsageFailure ``cli.alone``, ``cli.only_with``: no option is passed over in silence."""
    verb = _chosen(args)
    wipes = [option for option in ("force", "yes") if getattr(args, option)]
    if wipes and verb != "wipe":
        raise UsageFailure("cli.only_with", option=f"--{wipes[0]}", other="--wipe")
    if verb is None:
        return
    given = {
        "--from": args.source is not None,
        "--add-people": args.add_people,
        "--replace-token-key": args.replace_token_key,
        "--replace-keys": args.replace_keys and verb != "import_keys",
        "--json": args.json and verb != "list",
    }
    for option, is_given in given.items():
        if is_given:
            raise UsageFailure("cli.alone", option=option, other=f"--{verb.replace('_', '-')}")


_Ask = Callable[[], Console]
_Verb = Callable[[Config, argparse.Namespace, _Ask], str]


def _verb(args: argparse.Namespace) -> _Verb:
    chosen = _chosen(args)
    return _provision if chosen is None else _VERBS[chosen]


def _chosen(args: argparse.Namespace) -> str | None:
    return next((name for name in _VERBS if getattr(args, name) not in (None, False)), None)


def _provision(config: Config, args: argparse.Namespace, ask: _Ask) -> str:
    with alone(config):
        before = frozenset(config.data_dir.iterdir())
        first = not KeyStore.of(config).loaded
        if first:
            refuse_other_ledger(config)
        elif not (args.add_people or args.replace_keys or args.replace_token_key):
            raise Failure("provision.already")
        answers = _answers(args, ask, first)
        asked = config.sales.home is None and args.source is None
        home = ask_home(ask()) if asked else None
        report = provision(
            config,
            answers.spec,
            int(time.time()),
            add_people=args.add_people,
            replace_keys=args.replace_keys,
            replace_token=args.replace_token_key,
        )
    try:
        record(config, "provisioned", _facts(report, answers), report.batch)
    except Failure:
        if first:
            undo(config, before)
        raise
    if home is not None:
        keep_home(ask(), config, home)
    return _as_json(report) if args.json else _as_text(report)


def _answers(args: argparse.Namespace, ask: _Ask, first: bool) -> Answers:
    if args.source is not None:
        return Answers(_spec(args.source), ())
    return ask_all(
        ask(),
        people=first or args.add_people,
        keys=first or args.replace_keys,
        token=args.replace_token_key,
    )


def _spec(source: str) -> Spec:
    if source == "-":
        return parse_spec(sys.stdin.buffer.read(), "standard input")
    try:
        return parse_spec(Path(source).read_bytes(), source)
    except OSError as error:
        raise Failure("provision.file", file=source, cause=error.strerror or "read") from None


def _facts(report: Report, answers: Answers) -> dict[str, str | int]:
    return {
        "people": " ".join(person.number for person in report.people),
        "tmk_kcv": report.tmk_kcv,
        "token_key_id": report.token_key_id,
        "older_token_keys": " ".join(report.older_token_keys),
        "device_key": str(report.device_key),
        "custodians": ", ".join(answers.custodians),
    }


def _as_json(report: Report) -> str:
    return json.dumps(msgspec.to_builtins(report), ensure_ascii=False)


def _as_text(report: Report) -> str:
    lines = [f"person       {one.number} {one.name} ({one.role})" for one in report.people]
    lines += [f"component    check value {value}" for value in report.component_kcvs]
    lines.append(f"master key   check value {report.tmk_kcv}, key exchange {report.key_exchange}")
    lines.append(f"token key    id {report.token_key_id}")
    lines += [f"older key    id {one}, still looked under" for one in report.older_token_keys]
    lines.append(f"device key   {said_of(report.device_key)}")
    lines.append(f"batch        {report.batch or 'from the first sign-on'}")
    return "\n".join(lines)


def _list(config: Config, args: argparse.Namespace, ask: _Ask) -> str:
    with closing(PeopleDb.open(config.data_dir)) as db:
        entries = db.entries()
    if args.json:
        return json.dumps([_shown(entry) for entry in entries], ensure_ascii=False)
    return "\n".join(_line(entry) for entry in entries) or "nobody"


def _shown(entry: StoredPerson) -> dict[str, str | int | bool | None]:
    return {**asdict(entry.person), **_state(entry)}


def _state(entry: StoredPerson) -> dict[str, str | int | bool | None]:
    return {
        "active": entry.active,
        "pin_set_at": entry.pin_set_at,
        "wrong": entry.wrong,
        "wrong_on": entry.day,
        "wrong_that_day": entry.wrong_that_day,
        "badge": entry.badge,
        "locked_until": entry.locked_until,
    }


def _line(entry: StoredPerson) -> str:
    person = entry.person
    marks = [
        mark
        for mark, shown in (
            ("badge", entry.badge),
            ("disabled", not entry.active),
            ("must change the PIN", person.must_change),
            ("locked", (entry.locked_until or 0) > time.time()),
        )
        if shown
    ]
    return f"{person.number:>6} {person.role:<10} {person.name}" + "".join(
        f", {mark}" for mark in marks
    )


def _disable(config: Config, args: argparse.Namespace, ask: _Ask) -> str:
    number: str = args.disable
    with alone(config), closing(PeopleDb.open(config.data_dir)) as db:
        db.set_active(number, False)
    record(config, "person_disabled", {"number": number})
    return f"{number} is disabled"


def _reset_pin(config: Config, args: argparse.Namespace, ask: _Ask) -> str:
    number: str = args.reset_pin
    with alone(config):
        hasher = PinHasher(KeyStore.of(config).pin_key)
        with closing(PeopleDb.open(config.data_dir)) as db:
            if db.entry(number) is None:
                raise Failure("people.unknown", number=number)
            pin = ask_pin(ask(), number)
            check_new_pin(number, pin)
            db.set_pin(number, hasher.hash(number, pin), int(time.time()), must_change=True)
    record(config, "pin_reset", {"number": number})
    return f"{number} has a new PIN, and changes it at first use"


def _badge(config: Config, args: argparse.Namespace, ask: _Ask) -> str:
    number: str = args.badge
    with alone(config):
        key = KeyStore.of(config).badge_key
        with closing(PeopleDb.open(config.data_dir)) as db:
            if db.entry(number) is None:
                raise Failure("people.unknown", number=number)
            badge = ask_badge(ask(), number)
            db.set_badge(number, None if badge is None else badge_token(key, badge))
    record(config, "badge_taken" if badge is None else "badge_given", {"number": number})
    if badge is None:
        return f"{number} has no badge any more"
    return f"{number} has this badge, and no other"


_VERBS: Final[Mapping[str, _Verb]] = {
    "list": _list,
    "disable": _disable,
    "reset_pin": _reset_pin,
    "badge": _badge,
    "export_keys": lambda config, args, ask: export_keys(config, Path(args.export_keys), ask()),
    "import_keys": lambda config, args, ask: import_keys(
        config, Path(args.import_keys), ask(), replace=args.replace_keys
    ),
    "seal_to_tpm": lambda config, args, ask: seal_to_tpm(config),
    "wipe": lambda config, args, ask: wipe_keys(
        config, None if args.yes else ask(), force=args.force
    ),
}
"""By their arguments' names; without one of them people and keys are set."""
