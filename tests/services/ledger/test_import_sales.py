"""The sales feed: the good records, once, in any order, and every bad line named (R9)."""

from __future__ import annotations

import itertools
import json
import secrets
from datetime import timedelta
from typing import Any

import pytest
from worlds.ledger import World

from pos_terminal.core.refund import State
from pos_terminal.core.sale import Funding, SaleState, TenderKind
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.texts.problems import in_both, reason
from pos_terminal.wire.feed.lines import Format

AT = {"at": "2026-01-05T12:00:00+08:00"}
VOIDED = {"kind": "sale_voided", "sale_id": "S1", **AT}
ELSEWHERE = {"kind": "refunded_elsewhere", "reference": "HQ-1", "sale_id": "S1", "amount": 700} | AT
CLOSED = {"kind": "batch_closed", "terminal_id": "12345678", "batch": "1", **AT}


def test_a_sale_comes_back_as_it_was_reported(world: World) -> None:
    card = {"kind": "card", "amount": 7000, "masked": "476173******0010", "scheme": "VISA"}
    card |= {"par": "V0010013019339000000000000001", "funding": "debit"}
    tenders = [card, {"kind": "cash", "amount": 3000}]
    lines = [
        {"sku": "9", "name": "茶", "quantity": 2, "unit_price": 2500, "category": "food"},
        {"sku": "10", "name": "Rice", "quantity": "0.75", "unit_price": 6667},
    ]
    world.sell(tenders=tenders, lines=lines, batch="1", trace="17")
    sale = world.sale("S1")
    payment = sale.tender(1).payment
    assert payment is not None
    assert (payment.batch, payment.trace, payment.rrn) == ("000001", "000017", "600510000017")
    assert (payment.auth_code, payment.terminal_id) == ("A00017", world.terminal)
    assert (payment.paid_at, sale.rrn) == (sale.sold_at, "")
    assert sale.sold_at.isoformat() == "2026-01-05T09:00:00+08:00"
    assert [(t.leg, t.kind, t.amount) for t in sale.tenders] == [
        (1, TenderKind.CARD, 7000),
        (2, TenderKind.CASH, 3000),
    ]
    paid = sale.tenders[0].card
    assert paid is not None
    assert paid.masked == "476173******0010"
    assert paid.funding is Funding.DEBIT
    assert sale.tenders[1].card is None
    assert [(n.name, n.quantity, n.category) for n in sale.lines] == [
        ("茶", 2000, "food"),
        ("Rice", 750, ""),
    ]
    assert (sale.state, sale.tender(1).batch_closed) == (SaleState.APPROVED, False)


def test_a_full_number_becomes_a_token_at_once(sold: World) -> None:
    card = sold.sale("S1").tenders[0].card
    assert card is not None
    assert card.token == sold.tokens.token(sold.visa)
    assert (card.token_key_id, card.masked) == (sold.tokens.key_id, "476173******0010")


def test_the_kind_of_a_sale_may_be_left_out(world: World) -> None:
    record = world.record()
    del record["kind"]
    assert world.take_in(record).added == 1


def test_the_newest_sale_is_told_in_the_shops_time(world: World) -> None:
    world.sell(sold_at="2026-01-05T10:00:00+09:00")
    world.sell("S2", sold_at="2026-01-04T10:00:00+08:00")
    newest = world.store.feed.newest_sale()
    assert newest is not None
    assert newest.isoformat() == "2026-01-05T09:00:00+08:00"


def test_the_same_record_twice_is_one_record(world: World) -> None:
    first = world.take_in(world.record(), world.record(), ELSEWHERE, ELSEWHERE)
    assert (first.added, first.events, first.known) == (1, 1, 2)
    again = world.take_in(world.record(), ELSEWHERE)
    assert (again.added, again.events, again.known) == (0, 0, 2)
    assert world.tender() == (700, 0)


def test_a_token_and_the_number_it_was_made_of_are_one_sale(sold: World) -> None:
    card = {
        "kind": "card",
        "amount": 10_000,
        "token": sold.tokens.token(sold.visa).upper(),
        "token_key_id": sold.tokens.key_id,
        "masked": sold.visa.masked,
        "scheme": "VISA",
    }
    assert sold.take_in(sold.record(tenders=[card])).known == 1


def test_an_event_with_other_content_is_refused_and_named(sold: World) -> None:
    sold.take_in(ELSEWHERE)
    report = sold.take_in(ELSEWHERE | {"amount": 701})
    assert reason(report.problems[0]) == "refunded_elsewhere HQ-1 is known with other content"
    assert sold.tender() == (700, 0)


def test_an_unconfirmed_sale_is_confirmed_by_the_same_record(world: World) -> None:
    world.sell(state="unconfirmed")
    assert world.sale("S1").state is SaleState.UNCONFIRMED
    assert world.take_in(world.record()).events == 1
    assert world.sale("S1").state is SaleState.APPROVED
    assert world.take_in(world.record(state="unconfirmed")).known == 1
    assert world.sale("S1").state is SaleState.APPROVED
    verify_store(world.store)


ORDERS = list(itertools.permutations(["sale", "elsewhere", "closed"]))


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", ORDERS)
def test_events_apply_in_any_order(world: World, order: tuple[str, ...], together: bool) -> None:
    records = {"sale": world.record(), "elsewhere": ELSEWHERE, "closed": CLOSED}
    files = [[records[name] for name in order]]
    if not together:
        files = [[record] for record in files[0]]
    for file in files:
        assert world.take_in(*file).imported
    sale = world.sale("S1")
    assert (sale.done, sale.tender(1).batch_closed, sale.state) == (700, True, SaleState.APPROVED)
    verify_store(world.store)


@pytest.mark.parametrize("first", [0, 1])
def test_a_void_applies_before_and_after_its_sale(world: World, first: int) -> None:
    records = [world.record(), VOIDED]
    world.take_in(records[first])
    world.take_in(records[1 - first])
    assert world.sale("S1").state is SaleState.VOIDED
    verify_store(world.store)


def test_a_batch_closes_for_what_was_sold_before(world: World) -> None:
    world.clock.moment += timedelta(hours=4)
    world.sell("before")
    world.sell("after", sold_at="2026-01-05T13:00:00+08:00")
    world.sell("elsewhere", terminal_id="99999999")
    world.take_in(CLOSED)
    found = {
        key: world.sale(key).tender(1).batch_closed for key in ("before", "after", "elsewhere")
    }
    assert found == {"before": True, "after": False, "elsewhere": False}


def test_an_earlier_closing_is_not_that_of_a_later_batch_of_the_same_number(world: World) -> None:
    world.clock.moment += timedelta(hours=4)
    world.take_in(CLOSED)
    world.sell("later", sold_at="2026-01-05T13:00:00+08:00")
    world.sell("earlier", sold_at="2026-01-05T11:00:00+08:00")
    assert [world.sale(key).tender(1).batch_closed for key in ("later", "earlier")] == [False, True]


def test_our_own_void_may_be_reported_back(world: World) -> None:
    from pos_terminal.core.refund import Kind

    world.sell()
    world.refunded(10_000, State.ACCEPTED, 10_000, kind=Kind.VOID)
    assert world.take_in(VOIDED).imported
    assert world.store.cases.open_ones() == [], "it is the same void, and no second one"
    assert not world.sale().locked
    verify_store(world.store)


LINE = {"sku": "", "name": "", "quantity": 1, "unit_price": 1}
BAD: list[tuple[str, Any, str]] = [
    ("json", "{", "cut short"),
    ("not an object", "[]", "object"),
    ("nothing", "null", "object"),
    ("kind", {"kind": "refund"}, "kind"),
    ("unknown field", {"colour": "red"}, "unknown field colour"),
    (
        "unknown tender field",
        {"tenders": [{"kind": "cash", "amount": 10_000, "x": 1}]},
        "unknown field tenders[0].x",
    ),
    ("float", {"amount": 100.5}, "int"),
    ("text amount", {"amount": "10000"}, "int"),
    ("below zero", {"amount": -1}, ">= 0"),
    ("too much", {"amount": 10**12}, "amount is out of range: it is <="),
    (
        "sum",
        {"amount": 9999, "tenders": [{"kind": "cash", "amount": 1}]},
        "add up to 1, the sale's amount is 9999",
    ),
    ("merchant", {"merchant_id": "898310012340002"}, "another merchant_id"),
    ("no such currency", {"currency": "999"}, "no currency 999"),
    ("no offset", {"sold_at": "2026-01-05T09:00:00"}, "offset"),
    ("no time", {"sold_at": "yesterday at nine"}, "ISO 8601"),
    ("no rrn", {"rrn": ""}, "needs rrn"),
    ("no such day", {"sold_at": "2026-02-30T09:00:00+08:00"}, "calendar"),
    ("line end", {"currency": "156\n"}, "currency"),
    ("short rrn", {"rrn": "123"}, "rrn"),
    ("trace", {"trace": "1234567"}, "trace"),
    ("currency", {"currency": "CNY"}, "currency"),
    ("no tender", {"tenders": []}, "tenders"),
    ("no card", {"tenders": [{"kind": "card", "amount": 10_000}]}, "token and token_key_id, or"),
    (
        "cash with card",
        {"tenders": [{"kind": "cash", "amount": 10_000, "masked": "476173******0010"}]},
        "names a card",
    ),
    (
        "token without key",
        {"tenders": [{"kind": "card", "amount": 10_000, "token": "0" * 64}]},
        "belong together",
    ),
    (
        "foreign key",
        {
            "tenders": [
                {"kind": "card", "amount": 10_000, "token": "0" * 64, "token_key_id": "ffffffff"}
            ]
        },
        "another shop's key ffffffff",
    ),
    (
        "number in the clear",
        {"tenders": [{"kind": "card", "amount": 10_000, "masked": "4761739001010010"}]},
        "masked",
    ),
    (
        "number and mask",
        {
            "tenders": [
                {
                    "kind": "card",
                    "amount": 10_000,
                    "pan": "4761739001010010",
                    "masked": "476173******0010",
                }
            ]
        },
        "stands alone",
    ),
    (
        "quantity",
        {"lines": [{"sku": "", "name": "", "quantity": 0.5, "unit_price": 1}]},
        "quantity",
    ),
    (
        "paid of all lines",
        {"lines": [LINE | {"paid": 4_000}, LINE | {"paid": 5_000}]},
        "paid of all lines is 9000, the sale's amount 10000",
    ),
    *(
        (
            f"what was paid for {kind}",
            {"lines": [LINE | {"kind": kind, "paid": paid}]},
            f"line 1: {paid} was paid, which is below zero for a discount",
        )
        for kind, paid in (("goods", -1), ("fee", -1), ("discount", 1))
    ),
    (
        "number as a kind",
        {"tenders": [{"kind": "4761739001010010", "amount": 10_000}]},
        "none of the values that it may have: card, cash, wallet",
    ),
]


@pytest.mark.parametrize(("change", "words"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_line_is_named_with_its_reason(world: World, change: Any, words: str) -> None:
    bad = change if isinstance(change, str) else world.record("S2") | change
    report = world.take_in(world.record("S1"), "", bad, world.record("S3"))
    assert [p.line for p in report.problems] == [3]
    assert words in reason(report.problems[0])
    assert world.visa.reveal() not in "".join(in_both(report.problems[0]))
    assert (report.imported, report.added, report.refused) == (True, 2, 1)
    found = [world.store.sales.by_id(key) is not None for key in ("S1", "S2", "S3")]
    assert found == [True, False, True]


def test_every_bad_line_is_named(world: World) -> None:
    report = world.take_in("{", world.record(), "{", "x")
    assert [p.line for p in report.problems] == [1, 3, 4]


def test_full_numbers_are_refused_where_they_are_not_allowed(world: World) -> None:
    report = world.take_in(world.record(), pan=False)
    assert "not allowed" in reason(report.problems[0])
    assert world.visa.reveal() not in json.dumps(report.as_json())


def test_a_line_without_end_is_refused(world: World) -> None:
    report = world.take_in('{"sale_id": "' + "x" * 300_000)
    assert "longer than" in reason(report.problems[0])


def test_a_foreign_token_beside_a_mask_is_kept(world: World) -> None:
    other = KeyedTokens(secrets.token_bytes(32))
    card = {
        "kind": "card",
        "amount": 10_000,
        "token": other.token(world.visa),
        "token_key_id": other.key_id,
        "masked": world.visa.masked,
    }
    world.sell(tenders=[card])
    assert world.store.sales.by_token([world.tokens.token(world.visa)]) == []
    kept = world.sale("S1").tenders[0].card
    assert kept is not None
    assert kept.token_key_id == other.key_id


def test_a_byte_order_mark_is_no_content(world: World) -> None:
    assert world.take_in("\ufeff" + json.dumps(world.record())).added == 1


# --- CSV --------------------------------------------------------------------------------------

HEADER = (
    "kind,sale_id,merchant_id,terminal_id,batch,trace,rrn,auth_code,sold_at,currency,amount,"
    "receipt_no,tender.kind,tender.masked,tenders,lines,reference,leg,at"
)
CARD = (
    "sale,{0},898310012340001,12345678,1,17,600510000017,A00017,2026-01-05T09:00:00+08:00,156,"
    '10000,R-{0},card,476173******0010,,"[{{""sku"":""9"",""name"":""茶, "",'
    '""quantity"":1,""unit_price"":10000}}]",,,'
)
CASH = (
    ",{0},898310012340001,12345678,,,,,2026-01-05T09:00:00+08:00,156,500,,,,"
    '"[{{""kind"":""cash"",""amount"":500}}]",,,,'
)


def take_csv(world: World, *rows: str) -> Any:
    lines = "\n".join(rows).splitlines()
    return world.do(
        world.store.feed.take_in(lines, source="t.csv", form=Format.CSV, allow_pan=False)
    )


def test_csv_says_the_same_as_json(world: World) -> None:
    goods = '"[{""line"":1,""quantity"":""0.25""}]"'
    when = "2026-01-05T12:00:00+08:00"
    refund = f"refunded_elsewhere,C1{',' * 9}700,,,,,{goods},HQ-1,1,{when}"
    report = take_csv(world, "\ufeff" + HEADER, CARD.format("C1"), CASH.format("C2"), "", refund)
    assert (report.added, report.events, report.problems) == (2, 1, ())
    card = {"kind": "card", "amount": 10_000, "masked": "476173******0010"}
    lines = [{"sku": "9", "name": "茶, ", "quantity": 1, "unit_price": 10_000}]
    assert (
        world.take_in(world.record("C1", rrn="600510000017", tenders=[card], lines=lines)).known
        == 1
    )
    assert (world.tender("C1"), world.line(1, "C1")) == ((700, 0), (250, 0))
    assert world.sale("C2").rrn == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("sale,x", "2 cells under 19 columns"),
        (CASH.format("x").replace("500,,", "5.00,,"), "whole number"),
        (CASH.format("x").replace("156,500,", "156," + "9" * 30 + ","), "whole number"),
        (CASH.format("x").replace("[{", "[["), "tenders is not valid JSON"),
        (CASH.format("x").replace(",156,500,,,,", ",156,500,,cash,,"), "not in both"),
        ('sale,"x', "CSV"),
    ],
)
def test_a_bad_csv_line_is_named(world: World, row: str, words: str) -> None:
    report = take_csv(world, HEADER, CASH.format("ok"), row)
    assert [p.line for p in report.problems] == [3]
    assert words in reason(report.problems[0])
    assert world.store.sales.by_id("ok") is not None


def test_a_csv_with_a_column_twice_is_refused(world: World) -> None:
    report = take_csv(world, HEADER + ",kind", CASH.format("x") + ",")
    assert "twice" in reason(report.problems[0])


def test_an_unknown_csv_column_is_refused(world: World) -> None:
    report = take_csv(world, HEADER + ",colour", CASH.format("x") + ",red")
    assert report.problems[0].line == 1
    assert ": colour" in reason(report.problems[0])
