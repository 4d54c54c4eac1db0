"""R75: evidence of kind and number, up to five, typed or scanned, kept, printed and exported."""

from __future__ import annotations

import json

import pytest
from hw_sim.proofs.simulation.clerk import SimClerk
from worlds.counter import explained, logged_in
from worlds.other_tenders import SALE, shop, to_the_list, way

from pos_terminal.core.evidence import EvidenceItem, EvidenceKind
from pos_terminal.core.refund import State
from pos_terminal.core.tenders import Basis, Exceptional
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.texts import Language


async def add(clerk: SimClerk, digit: int, reference: str) -> None:
    await clerk.at(f"evidence.kind: {digit}", "evidence.reference")
    clerk.scan(reference)
    await clerk.wait_text(reference)
    clerk.press("enter")


@logged_in(shop(way("manual", "card_lost")))
async def test_five_pieces_none_of_them_a_card_number_or_a_badge(
    clerk: SimClerk, capsys: pytest.CaptureFixture[str]
) -> None:
    await to_the_list(clerk)
    await clerk.at("sale.more: 3", "exception: 1", "refund.amount: 300 enter", "evidence.kind: 3")
    await clerk.wait("evidence.reference")
    clerk.scan("4761739001010010")
    await clerk.wait_text("4761739001010010")
    clerk.press("enter")
    await clerk.wait_text("card number")
    await clerk.at(": cancel", "evidence.kind: cancel", "refund.amount: enter")
    # the number of the card that paid is known among other digits, which were there before it
    paid = next(one.card.pan for one in clerk.site.shop.sale(SALE).tenders if one.card)
    await clerk.at("evidence.kind: 3", "evidence.reference: 3")
    clerk.scan(paid)
    await clerk.wait_text(f"3{paid}")
    clerk.press("enter")
    await clerk.wait_text("card number")
    await clerk.at(": cancel", "evidence.kind: cancel", "refund.amount: enter")
    await add(clerk, 2, "X-901")
    await clerk.at("evidence.kind: cancel", "evidence.reference")  # the one before, as it was
    assert "X-901" in clerk.text
    await clerk.at(": cancel", "evidence.kind")
    assert "X-901" not in clerk.text
    pieces = ["PR-2026-88", "BANK/7", "2026", "X101", "X102"]
    for digit, reference in zip((3, 1, 4, 6, 6), pieces, strict=True):
        await add(clerk, digit, reference)
    # the fifth ends it
    await clerk.at("refund.reason: 1")
    await clerk.wait("supervisor.number")
    await clerk.wait_text("PR-2026-88")
    await clerk.approve()
    await clerk.at("refund.confirm: enter", "result: enter", "home")
    (form,) = clerk.site.ledger.refunds.recent(1)
    assert form.state is State.FORM_PRINTED
    kinds = (
        EvidenceKind.POLICE_REPORT, EvidenceKind.BANK_LETTER, EvidenceKind.STATEMENT,
        EvidenceKind.OTHER, EvidenceKind.OTHER,
    )  # fmt: skip
    evidence = tuple(map(EvidenceItem, kinds, pieces))
    kept = clerk.site.ledger.exceptions.of_application(form.application)
    assert kept == Basis(Exceptional.CARD_LOST, evidence)
    db = clerk.site.ledger.db
    told = json.loads(json.dumps(overview(db, 9)))
    db.execute("COMMIT")
    (one,) = told["manual"]
    sale_id = clerk.site.shop.sale(SALE).sale_id
    assert (one["exception"], one["sale_id"], one["amount"]) == ("card_lost", sale_id, 300)
    assert one["evidence"][0] == {"kind": "police_report", "reference": "PR-2026-88"}
    assert [piece["reference"] for piece in one["evidence"]] == pieces
    await clerk.site.until(lambda: len(clerk.papers) == 2, 60, "slips")
    merchant, customer = clerk.papers
    assert all(piece in merchant for piece in pieces)
    assert "PR-2026-88" not in customer
    said = {one: explained(clerk, form.application, one, capsys).splitlines() for one in Language}
    assert "Back another way: Card lost" in said[Language.EN]
    assert "  Evidence, Police report: PR-2026-88" in said[Language.EN]
    assert sum(line.startswith("  凭据 ") for line in said[Language.ZH_CN]) == len(pieces)
    verify_store(clerk.site.ledger)


@logged_in(shop(way("manual", "card_lost")))
async def test_what_names_nothing_is_no_evidence(clerk: SimClerk) -> None:
    await to_the_list(clerk)
    await clerk.at("sale.more: 3", "exception: 1", "refund.amount: 300 enter")
    for nothing in (".", "---", "0", "1-2/3"):
        await add(clerk, 2, nothing)
        await clerk.wait_text("At least 4 letters or digits")
        await clerk.at("evidence.reference: cancel", "evidence.kind")
    clerk.press("menu")
    await clerk.wait_text("Evidence is needed")
