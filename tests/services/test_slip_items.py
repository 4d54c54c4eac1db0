"""The goods that stand on slips (R14, R39)."""

from __future__ import annotations

from msgspec import structs
from worlds.sales import AT, a_sale

from pos_terminal.core.application import ApplicationState
from pos_terminal.core.items import Item
from pos_terminal.core.looked import Deducted, Disposition, Looked
from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import CardRef, Funding, SaleLine, SaleState, Tender, TenderKind
from pos_terminal.policy_options import Policy
from pos_terminal.ports import Application, Grounds
from pos_terminal.services.paper.facts import MOST_ITEMS, goods_of
from pos_terminal.services.paper.proof import proof_of, receipt_barcode

LINES = tuple(SaleLine(n, str(n), f"Cup {n}", 1_000, 900_000_000, "") for n in range(1, 41))
SALE = a_sale(Tender(1, TenderKind.CASH, 36_000), lines=LINES)


def grounds(*items: Item) -> Grounds:
    amount = sum(item.amount for item in items)
    application = Application(7, 1, 1, Kind.CASH, amount, "1", "101", ApplicationState.OPEN, items)
    return Grounds(application, SALE, (), (), AT)


POLICY = Policy()


def test_goods_are_named_with_what_falls_to_each() -> None:
    goods = goods_of(
        grounds(Item(2, 1_000, 900, 900), Item(3, 500, 450, 450)), 1_350, Policy()
    ).items
    assert [(g.name, g.quantity, g.amount) for g in goods] == [
        ("Cup 2", "1", 900),
        ("Cup 3", "0.5", 450),
    ]


def test_of_a_part_that_was_approved_less_falls_to_each() -> None:
    goods = goods_of(grounds(Item(2, 1_000, 900, 900), Item(3, 500, 450, 450)), 100, POLICY).items
    assert [g.amount for g in goods] == [67, 33]


def test_how_they_were_found_and_what_they_bring_less() -> None:
    """The reason that is the application's is not said again; a code that the shop has no longer
    stands as it is."""
    used = Looked("1", "4", Disposition.DAMAGED, 200, Deducted.USED)
    other = Looked("4", "X", Disposition.VENDOR)
    unseen = Looked("1", "", Disposition.QUARANTINE)
    found = (used, other, unseen)
    items = [Item(n, 1_000, 700, 900, one) for n, one in enumerate(found, 1)]
    goods = goods_of(grounds(*items), 2_100, POLICY).items
    assert [(g.worth, g.deduction, g.deducted_for) for g in goods] == [
        *((900, 200, Deducted.USED), (0, 0, None), (0, 0, None))
    ]
    assert [(g.found.zh, g.found.en) for g in goods] == [
        ("人为损坏, 报损", "Damaged by the buyer: written off"),
        ("X, 退供应商", "X: to the supplier"),
        ("未验收, 隔离待检", "Not looked at: set aside"),
    ]
    assert [g.reason.en for g in goods] == ["", "Change of mind", ""]


def test_a_trolley_full_is_named_in_part_and_the_rest_keeps_its_amount() -> None:
    everything = [Item(line.line, 1_000, 900, 900) for line in LINES]
    goods = goods_of(grounds(*everything), 36_000, POLICY).items
    assert len(goods) == MOST_ITEMS
    assert sum(g.amount for g in goods) == MOST_ITEMS * 900


def test_a_proof_says_all_that_the_sale_was_and_what_went_back_of_it() -> None:
    """R73: items, tenders, card, trace and RRN, and what was returned, to each its own part."""
    card = CardRef("476173******0010", None, None, None, "VISA", Funding.CREDIT)
    legs = (
        Tender(1, TenderKind.CARD, 20_000, done=700, card=card),
        Tender(2, TenderKind.CASH, 16_000, done=300, held=50),
    )
    back = (structs.replace(LINES[0], returned=500), *LINES[1:])
    proof = proof_of(a_sale(*legs, lines=back, receipt_no="10203040", state=SaleState.VOIDED))
    assert (proof.returned, proof.held, proof.voided, proof.more) == (1_000, 50, True, 10)
    assert [one.returned for one in proof.goods[:2]] == ["0.5", ""]
    paid = [(one.amount, one.returned, one.masked_card, one.trace, one.rrn) for one in proof.paid]
    assert paid == [
        (20_000, 700, "476173******0010", "000017", "632400000017"),
        (16_000, 300, "", "", ""),
    ]


def test_a_proof_has_the_sale_s_own_numbers_and_barcode_where_it_has_them() -> None:
    cash = a_sale(Tender(1, TenderKind.CASH, 36_000), receipt_no="10203040")
    (paid,) = proof_of(cash).paid
    assert (paid.trace, paid.rrn, paid.auth_code) == ("000017", "632400000017", "A1B2C3")
    assert receipt_barcode(cash) == "10203040"
    assert receipt_barcode(structs.replace(cash, receipt_no="A-1")) == "", "no bars for letters"
