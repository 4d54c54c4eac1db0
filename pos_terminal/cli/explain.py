"""``pos-terminal explain REQUEST``: why each rule answered as it did, from stored facts alone."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from pos_terminal.cli.numbers import is_row
from pos_terminal.core.decision import StoredVerdict
from pos_terminal.core.local_time import local
from pos_terminal.core.money import format_amount
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Refund
from pos_terminal.core.sale import Sale
from pos_terminal.core.words import Failure
from pos_terminal.ports import Application, LedgerReads
from pos_terminal.texts import Language, known, render
from pos_terminal.texts.domain import of_objection


def add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "application",
        type=int,
        nargs="?",
        metavar="REQUEST",
        help="the number of the application, as on its slip; also of one that was refused",
    )
    which.add_argument("--refund", type=int, metavar="N", help="the refund's number instead")
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--language", choices=[one.value for one in Language])
    parser.add_argument("--json", action="store_true", help="the facts as they are stored")


def run(arguments: argparse.Namespace) -> int:
    """Failure ``ledger.no_request`` or ``ledger.no_refund`` for a number that is not there."""
    from pos_terminal.config import load
    from pos_terminal.services.ledger.read_only import read_ledger

    config = load(arguments.config)
    language = Language(arguments.language or config.terminal.language)
    with read_ledger(config) as ledger:
        application = _wanted(ledger, arguments)
        decisions = ledger.applications.decisions(application.number)
        approvals = ledger.applications.approvals(application.number)
        sale = ledger.sales.by_key(application.sale_key)
        goods = _goods(sale, application)
        refunds = _refunds(ledger, application)
    if arguments.json:
        facts = {"decisions": [asdict(one) for one in decisions], "items": goods}
        print(json.dumps(facts, ensure_ascii=False, indent=2))
        return 0
    on = "no sale" if sale is None else f"sale {sale.name}"
    print(f"application {application.number} on {on}: {application.state}")
    for refund in refunds:
        print(f"refund {refund.refund_id}: {refund.state.value}")
    for item in goods:
        amount = format_amount(item["amount"], config.terminal.currency)
        print(f"{item['name']} ×{item['quantity']}: {amount}")
    for decision in decisions:
        print(_line(decision, language))
    if not decisions:
        print("no rule had anything to say")
    for approval in approvals:
        at = f"{local(approval.at, config.terminal.zone):%Y-%m-%d %H:%M}"
        print(f"approved by {approval.supervisor} {approval.name} at {at}")
    return 0


def _wanted(ledger: LedgerReads, arguments: argparse.Namespace) -> Application:
    number = arguments.application
    if arguments.refund is not None:
        known = is_row(arguments.refund)
        refund = ledger.refunds.by_id(arguments.refund) if known else None
        if refund is None:
            raise Failure("ledger.no_refund", number=arguments.refund)
        number = refund.application
    application = ledger.applications.by_number(number) if is_row(number) else None
    if application is None:
        raise Failure("ledger.no_request", number=number)
    return application


def _refunds(ledger: LedgerReads, application: Application) -> Sequence[Refund]:
    """What was sent for it: none where it was refused, two where a batch ended in between."""
    if application.sale_key is None:
        return []
    of_sale = ledger.refunds.of_sale(application.sale_key)
    return [refund for refund in of_sale if refund.application == application.number]


def _goods(sale: Sale | None, application: Application) -> list[dict[str, Any]]:
    """What it names of its sale; nothing where an amount was typed."""
    if sale is None:
        return []
    names = {line.line: line.name for line in sale.lines}
    return [
        {
            "line": item.line,
            "name": names[item.line],
            "quantity": format_quantity(item.quantity),
            "amount": item.amount,
            "worth": item.worth,
        }
        for item in application.items
    ]


def _line(verdict: StoredVerdict, language: Language) -> str:
    """One rule's answer with its text and the figures that it saw."""
    words = of_objection(verdict.code, verdict.values)
    text = render(words, language) if known(words.code) else verdict.code
    figures = ", ".join(f"{name}={value}" for name, value in verdict.figures.items())
    return f"{verdict.rule}: {verdict.answer}: {text} ({figures})"
