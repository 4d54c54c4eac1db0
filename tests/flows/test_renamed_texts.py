"""Every text under another key: what programs read stays the same, byte for byte."""

from __future__ import annotations

import argparse
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hw_sim.acquirer.outcome_file import outcome_file
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.control import serve
from worlds.counter import NEVER, tell

from pos_terminal import profiles, texts
from pos_terminal.cli import explain
from pos_terminal.control.classes import VERBS, Class
from pos_terminal.control.peer import Peer
from pos_terminal.control.server import Caller
from pos_terminal.core.receipt_code import encode, encode_voucher
from pos_terminal.core.said import Said
from pos_terminal.services.ledger.books import vouchers
from pos_terminal.services.ledger.overview import overview
from pos_terminal.texts import Language, catalogue, render
from pos_terminal.texts.domain import after_answer, of_answer

PRODUCT = Path(texts.__file__ or "").parents[1]
SETTING = replace(NEVER, rules={"cash_limit": {"limit": 500}})

_TRIES = (
    ("normal", "visa-older"),
    ("drop-answer", "jcb-older"),
    ("code:04", "visa-today"),
    ("normal", "visa-older"),
    ("refuse", "mastercard-older"),
)
"""How the acquirer behaves, and towards which sale."""


@contextmanager
def renamed() -> Iterator[None]:
    """``host.no_answer`` is ``x-host.rewsna_on`` in the files, and so on."""
    codes = list(catalogue())
    read = texts._area

    def area(name: str) -> Mapping[str, Mapping[str, str]]:
        if not name.startswith("x-"):
            return {}
        return {text[::-1]: entry for text, entry in read(name[2:]).items()}

    names = {f"{a}.{n}": f"x-{a}.{n[::-1]}" for a, _, n in (code.partition(".") for code in codes)}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(texts, "_area", area)
        patched.setattr(texts, "NAMES", names)
        assert texts.key_of("host.no_answer") == "x-host.rewsna_on"
        assert not texts.known("x")
        yield


async def a_day(clerk: SimClerk) -> list[str]:
    """Approved, never sent, unknown and left to people, declined, refused by a rule; what the
    screen said of each."""
    acquirer, shop = clerk.site.acquirer, clerk.site.shop
    screens = []
    await clerk.log_in()
    for amount, (mode, sale) in enumerate(_TRIES, 100):
        acquirer.set_mode(mode, None if mode in ("normal", "refuse") else 1)
        await clerk.give_back(shop.sale(sale), amount, card=sale.partition("-")[0])
        screens.append(clerk.text)
        acquirer.set_mode("normal")
        await clerk.home()
    await clerk.at(": menu", "menu: 3 1", "pending: 1", "unknown.facts")
    screens.append(clerk.text)
    await clerk.home()
    for amount, shown in ((400, "cash.hand_over"), (200, "result")):
        await clerk.ask_for(shop.sale("cash-today"), amount)
        await clerk.approve()
        await clerk.pay_out()
        await clerk.wait(shown)
        screens.append(clerk.text)
        await clerk.home()
    return screens


def requests(clerk: SimClerk) -> Iterator[dict[str, Any]]:
    """One for each verb at least; the acquirer's file concludes, contradicts and is refused."""
    ledger, entries = clerk.site.ledger, clerk.site.acquirer.book.entries()
    voucher = ledger.vouchers.of_refund(ledger.refunds.recent(1)[0].refund_id)
    assert voucher is not None
    for number, amount, name in (
        ("9299999999999", 100, "T1"),
        ("123", 100, "T1"),
        (voucher.number, 999, "T1"),
        *[(voucher.number, 200, "T1")] * 2,
        (voucher.number, 100, "T1"),
        (voucher.number, 100, "T2"),
    ):
        yield {"verb": "redeem", "number": number, "amount": amount, "request": name}
    for number in (voucher.number, "2" * 13):
        yield {"verb": "voucher", "number": number}
    records = outcome_file(entries, None, as_csv=False).splitlines()
    against = json.loads(records[0]) | {"outcome": "not_paid", "reference": "E-7"}
    for text in (records[1], json.dumps(against), "{}"):
        yield {"verb": "import-outcomes", "text": text}
    voided = {"kind": "sale_voided", "sale_id": "S9", "at": "2026-11-20T10:00:00+08:00"}
    for line in (json.dumps(voided), "{}"):
        yield {"verb": "import-sales", "lines": [line]}
    newest, terminal = ledger.refunds.recent(1)[0], clerk.site.terminal.config.terminal
    us = terminal.merchant_id, terminal.terminal_id
    for code in (encode(newest.kind, *us, newest.refund_id), "2" * 13):
        yield {"verb": "status", "code": code, "amount": newest.amount}
    for since in (0, 10**6):
        yield {"verb": "stock", "since": since}
    for verb in ("state", "draw-stan", "case-step", "screen", "screens", "wait", "?"):
        yield {"verb": verb, "prompt": "home"}


async def answers(clerk: SimClerk, folder: Path) -> list[str]:
    """What the control socket says to a till."""
    verbs = clerk.site.terminal.verbs
    server, asked = serve(folder / "socket", verbs), list(requests(clerk))
    assert {one["verb"] for one in asked} == {*verbs, "?"}
    caller = Caller(Peer(0, frozenset()), frozenset({Class.BENCH}), VERBS[Class.BENCH])
    return [(await server.answer(json.dumps(one).encode(), caller)).decode() for one in asked]


def explained(clerk: SimClerk) -> str:
    """``explain --json`` of all that was asked for."""
    parser, said = argparse.ArgumentParser(), io.StringIO()
    explain.add_arguments(parser)
    loaded = patch("pos_terminal.config.load", lambda _: clerk.site.terminal.config)
    with loaded, redirect_stdout(said):
        for number in range(1, len(_TRIES) + 3):
            explain.run(parser.parse_args([str(number), "--config", "-", "--json"]))
    return said.getvalue()


def stored(clerk: SimClerk) -> Iterator[str]:
    """As ``ledger --json`` shows it; the log, and why the rules answered as they did."""
    db = clerk.site.ledger.db
    yield json.dumps(overview(db, 1_000), ensure_ascii=False)
    for question in ("SELECT facts FROM audit", "SELECT facts FROM decisions"):
        yield from (row["facts"] for row in db.execute(question))


def lived(folder: Path) -> list[str]:
    seen: list[str] = []

    async def story(clerk: SimClerk) -> None:
        seen.extend(await a_day(clerk))
        seen.extend(await answers(clerk, folder))
        seen.extend((*stored(clerk), explained(clerk)))
        seen.extend(clerk.papers)
        seen.append(clerk.text)

    with patch.object(vouchers, "draw_number", lambda m, t: encode_voucher(m, t, 7)):
        tell(story, SETTING)
    return seen


def test_socket_ledger_slips_and_screen_do_not_depend_on_the_names_of_texts(tmp_path: Path) -> None:
    before = lived(tmp_path)
    with renamed():
        after = lived(tmp_path)
    assert after == before
    told = "\n".join(before)
    for word in ("card_refused", "line_lost", "unknown_outcome", "voucher.spent", "host.not_sent",
                 "contradict", "handed_over", "issued", "ask_supervisor"):  # fmt: skip
        assert f'"{word}' in told, word
    for words in (of_answer(Said.CARD_TAKEN), after_answer(Said.CARD_TAKEN)):
        assert words is not None
        assert render(words, Language.EN) in told, words


@pytest.mark.parametrize("name", profiles.names())
def test_no_profile_names_a_text(name: str) -> None:
    named = set(map(str, _leaves(msgspec.to_builtins(profiles.load(name)))))
    assert {Said.APPROVED.value, "ans"} <= named
    assert named.isdisjoint(catalogue())


def _leaves(part: Any) -> Iterator[Any]:
    if isinstance(part, dict | list):
        for one in part.values() if isinstance(part, dict) else part:
            yield from _leaves(one)
    else:
        yield part


def test_no_part_of_a_code_decides_anything() -> None:
    cut = re.compile(
        r"\b(?:code|cause|key|words)\.(?:startswith|endswith|remove\w+|r?partition|r?split)\("
        r"|\bFailure\(\s*\"(?:config|voucher)\."  # these have classes of their own
    )
    files = {file: file.read_text("utf-8") for file in PRODUCT.rglob("*.py")}
    assert [str(file) for file, text in files.items() if cut.search(text)] == []
