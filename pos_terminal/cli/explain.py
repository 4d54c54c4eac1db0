"""``pos-terminal explain REFUND``: why each rule answered as it did, from stored facts alone."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pos_terminal.core.money import format_amount
from pos_terminal.core.quantity import format_quantity
from pos_terminal.core.refund import Refund
from pos_terminal.core.words import Failure, Words
from pos_terminal.ports import LedgerReads
from pos_terminal.texts import Language, catalogue, render


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("refund", type=int, help="the refund's number, as on its slip")
    parser.add_argument("--config", type=Path, required=True, help="terminal.toml")
    parser.add_argument("--language", choices=[one.value for one in Language])
    parser.add_argument("--json", action="store_true", help="the facts as they are stored")


def run(arguments: argparse.Namespace) -> int:
    """Failure ``ledger.no_refund`` for a number that the ledger does not have."""
    from pos_terminal.config import load  # noqa: PLC0415 - start-up time
    from pos_terminal.services.ledger.read_only import read_ledger  # noqa: PLC0415 - start-up time

    config = load(arguments.config)
    language = Language(arguments.language or config.terminal.language)
    with read_ledger(config) as ledger:
        refund = ledger.refund(arguments.refund)
        if refund is None:
            raise Failure("ledger.no_refund", number=arguments.refund)
        decisions = ledger.decisions(refund.application)
        approvals = ledger.approvals(refund.application)
        goods = _goods(ledger, refund)
    if arguments.json:
        print(json.dumps({"decisions": decisions, "items": goods}, ensure_ascii=False, indent=2))
        return 0
    print(f"refund {refund.refund_id}, application {refund.application}: {refund.state.value}")
    for item in goods:
        amount = format_amount(item["amount"], refund.currency)
        print(f"{item['name']} ×{item['quantity']}: {amount}")
    for decision in decisions:
        print(_line(decision, language))
    if not decisions:
        print("no rule had anything to say")
    for approval in approvals:
        print(f"approved by {approval.supervisor} {approval.name} at {approval.at:%Y-%m-%d %H:%M}")
    return 0


def _goods(ledger: LedgerReads, refund: Refund) -> list[dict[str, Any]]:
    """What the refund names of its sale; nothing where an amount was typed."""
    application, sale = ledger.application(refund.application), ledger.sale(refund.sale_id)
    if application is None or sale is None:
        return []
    names = {line.line: line.name for line in sale.lines}
    return [
        {
            "line": item.line,
            "name": names[item.line],
            "quantity": format_quantity(item.quantity),
            "amount": item.amount,
        }
        for item in application.items
    ]


def _line(decision: Mapping[str, Any], language: Language) -> str:
    """One rule's answer with its text and the figures that it saw."""
    key = str(decision["text"])
    text = render(Words(key, decision["values"]), language) if key in catalogue() else key
    figures = ", ".join(f"{name}={value}" for name, value in decision["figures"].items())
    return f"{decision['rule']}: {decision['answer']}: {text} ({figures})"
