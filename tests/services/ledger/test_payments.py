"""Each leg's payment in the feed and in the ledger; the fields on the sale are a short form."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Any

import pytest
from worlds.failures import failure_of
from worlds.ledger import World
from worlds.purge import later, next_batch, printed, purge

from pos_terminal.core.refund import Kind
from pos_terminal.core.sale import Payment
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store

NUMBERS = ("batch", "trace", "rrn", "auth_code")
NONE = dict.fromkeys(NUMBERS, "")
OWN: tuple[dict[str, Any], ...] = (
    {"batch": "1", "trace": "31", "rrn": "600510000031", "auth_code": "A00031"},
    {"batch": "1", "trace": "32", "rrn": "600510000032", "auth_code": "A00032"},
)
MASKED = "476173******0010"


def card(amount: int = 5_000, **changes: Any) -> dict[str, Any]:
    return {"kind": "card", "amount": amount, "masked": MASKED, **changes}


def two(world: World, sale_id: str = "S1", **changes: Any) -> dict[str, Any]:
    """A sale that one card paid twice."""
    legs = [card(**own) for own in OWN]
    return world.record(sale_id, tenders=legs, amount=10_000, **{**NONE, **changes})


def payments(world: World, sale_id: str = "S1") -> list[Payment | None]:
    return [leg.payment for leg in world.sale(sale_id).tenders]


def reasons(world: World, record: dict[str, Any]) -> list[str]:
    return [problem.code for problem in world.take_in(record).problems]


def test_each_leg_has_its_own(world: World) -> None:
    assert world.take_in(two(world)).added == 1
    first, second = payments(world)
    assert first is not None
    assert second is not None
    assert (first.batch, first.trace, first.rrn, first.auth_code) == (
        *("000001", "000031", "600510000031", "A00031"),
    )
    assert (second.trace, second.rrn) == ("000032", "600510000032")
    assert {one.terminal_id for one in (first, second)} == {world.terminal}
    assert first.paid_at == world.sale().sold_at
    verify_store(world.store)


def test_terminal_and_time_are_the_payment_s_where_it_has_them(world: World) -> None:
    at = "2026-01-04T21:00:00+08:00"
    record = world.record(tenders=[card(10_000, terminal_id="T0000009", paid_at=at)])
    world.take_in(record)
    (payment,) = payments(world)
    assert payment is not None
    assert (payment.terminal_id, payment.paid_at) == ("T0000009", datetime.fromisoformat(at))
    assert payment.rrn == record["rrn"]
    assert world.sale().terminal_id == world.terminal


def test_the_short_form_and_the_long_one_are_one_record(world: World) -> None:
    """The same sale told both ways is known, not contradicted."""
    numbers = {name: world.record()[name] for name in NUMBERS}
    short = world.record(tenders=[card(10_000)])
    long = world.record(tenders=[card(10_000, **numbers)], **NONE)
    left_out = {name: value for name, value in long.items() if name not in NUMBERS}
    both = world.record(tenders=[card(10_000, **numbers)])
    assert world.take_in(short).added == 1
    for again in (long, left_out, both):
        report = world.take_in(again)
        assert (report.known, report.problems) == (1, ())


@pytest.mark.parametrize(
    ("legs", "sale", "code"),
    [
        ([card(10_000, rrn="600510000099")], {}, "payment_differs"),
        ([card(10_000, trace="99")], {}, "payment_differs"),
        ([card(10_000, auth_code="B00099")], {}, "payment_differs"),
        ([card(10_000)], {"auth_code": "A0017"}, "auth_code"),
        ([card(10_000, auth_code="A000017")], {"auth_code": ""}, "auth_code"),
        ([card(10_000)], NONE, "no_reference"),
        ([card(10_000)], {"trace": ""}, "no_reference"),
        ([card(**OWN[0]), card()], NONE, "no_own_reference"),
        ([card(**OWN[0]), card()], OWN[0], "no_own_reference"),
        ([card(), card()], {}, "no_own_reference"),
        ([card(**OWN[0]), card(**OWN[1])], {}, "payment_of_none"),
        ([card(**OWN[0]), card(**OWN[0])], NONE, "payment_twice"),
        ([card(**OWN[0]), {"kind": "cash", "amount": 5_000, "rrn": "600510000032"}], NONE,
         "payment_of_other"),
        ([{"kind": "cash", "amount": 10_000, "voucher_no": "V1"}], NONE, "number_of_other"),
        ([{"kind": "voucher", "amount": 10_000, "exchange_no": "V1"}], NONE, "number_of_other"),
        ([card(10_000, order_no=["1", "2", "3", "4", "5"])], {}, "long"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(
    world: World, legs: list[dict[str, Any]], sale: dict[str, str], code: str
) -> None:
    assert reasons(world, world.record(tenders=legs, **sale)) == [code]
    assert world.store.sales.by_id("S1") is None


@pytest.mark.parametrize("stars", [2, 12, 15])
def test_the_last_four_digits_are_taken_without_a_reference(world: World, stars: int) -> None:
    four = card(10_000, masked="*" * stars + "0010")
    assert world.take_in(world.record(tenders=[four], **NONE)).added == 1
    (payment,) = payments(world)
    assert payment is not None
    assert not payment.known
    assert payment.terminal_id == world.terminal
    verify_store(world.store)


@pytest.mark.parametrize(
    "four",
    [
        {"masked": "*0010"},
        {"masked": "*" * 16 + "0010"},
        {"masked": "****010"},
        # what has a token is no such export
        {"masked": "****0010", "token": "0" * 64, "token_key_id": "1a2b3c4d"},
    ],
)
def test_more_than_such_an_export_is_held_to_the_rules(world: World, four: dict[str, str]) -> None:
    assert reasons(world, world.record(tenders=[card(10_000, **four)], **NONE)) != []


def test_an_authorisation_code_is_as_long_as_the_acquirer_s(world: World) -> None:
    """Field 38 of another profile has room for one to eight characters."""
    world.store.close()
    world.store = world.open(auth_code=(1, 8))
    world.sell("S1", auth_code="A1", tenders=[card(10_000)])
    world.sell("S2", auth_code="A1234567", trace="18", rrn="600510000018", tenders=[card(10_000)])
    nine = world.record("S3", auth_code="A12345678", trace="19", tenders=[card(10_000)])
    assert reasons(world, nine) == ["auth_code"]


def test_a_wallet_has_its_payment_and_its_order_numbers(world: World) -> None:
    wallet = {"kind": "wallet", "amount": 6_000, "order_no": ["4200001", "SHOP-1"]}
    others = [{"kind": "points", "amount": 1_000}, {"kind": "exchange", "amount": 1_000},
              {"kind": "voucher", "amount": 2_000, "voucher_no": "V-77"}]  # fmt: skip
    others[1]["exchange_no"] = "X-1"
    world.sell(tenders=[wallet, *others], gift_receipt_no="G-1")
    sale = world.sale()
    assert sale.tender(1).order_no == ("4200001", "SHOP-1")
    payment = sale.tender(1).payment
    assert payment is not None
    assert payment.rrn == world.record()["rrn"]  # a single wallet, and no card
    assert (sale.tender(3).exchange_no, sale.tender(4).voucher_no) == ("X-1", "V-77")
    assert (sale.gift_receipt_no, [leg.payment for leg in sale.tenders[1:]]) == ("G-1", [None] * 3)
    verify_store(world.store)


def test_a_batch_closes_for_the_payments_that_are_in_it(world: World) -> None:
    there = {"trace": "33", "rrn": "600510000033", "terminal_id": "T0000009"}
    legs = [card(**own) for own in (OWN[0], OWN[1] | {"batch": "2"}, OWN[1] | there)]
    world.sell(tenders=legs, amount=15_000, **NONE)
    closed = {"kind": "batch_closed", "terminal_id": world.terminal, "batch": "1"}
    world.take_in(closed | {"at": "2026-01-05T12:00:00+08:00"})
    assert [leg.batch_closed for leg in world.sale().tenders] == [True, False, False]


def test_a_batch_closes_for_what_was_paid_until_then(world: World) -> None:
    """Whenever it was sold."""
    closed = {"kind": "batch_closed", "terminal_id": world.terminal, "batch": "1"}
    before, after = "2026-01-05T09:00:00+08:00", "2026-01-05T09:45:00+08:00"
    early = [card(10_000, **OWN[0], paid_at=before)]
    late = [card(10_000, **OWN[1], paid_at=after)]
    world.sell(tenders=early, sold_at=after, **NONE)
    world.sell("S2", tenders=late, sold_at=before, **NONE)
    world.take_in(closed | {"at": "2026-01-05T09:30:00+08:00"})
    found = [world.sale(name).tenders[0].batch_closed for name in ("S1", "S2")]
    assert found == [True, False]


def test_a_batch_that_was_closed_before_the_sale_came(world: World) -> None:
    closed = {"kind": "batch_closed", "terminal_id": world.terminal, "batch": "1"}
    world.take_in(closed | {"at": "2026-01-05T08:30:00+08:00"})
    legs = [card(**OWN[0], paid_at="2026-01-05T08:00:00+08:00"), card(**OWN[1])]
    world.sell(tenders=legs, **NONE)
    assert [leg.batch_closed for leg in world.sale().tenders] == [True, False]


def test_the_stan_stays_above_the_traces_of_all_payments(world: World) -> None:
    world.take_in(two(world))
    assert world.do(world.store.counter.draw()) == "000033"
    world.store.writer.db.execute("UPDATE counter SET stan = 30")
    assert world.do(world.store.counter.draw()) == "000034"  # 33 was drawn already


def test_a_sale_stays_while_a_payment_of_it_is_in_the_batch(world: World) -> None:
    """Its trace must not be used again."""
    world.sell("S9", trace="000001", batch="000009")
    legs = [card(**{**OWN[0], "batch": "9"}), card(**OWN[1])]
    world.sell("S1", tenders=legs, **NONE)
    later(world, 250)
    assert purge(world)["sales"] == 1  # S9
    next_batch(world)
    printed(world)
    assert purge(world)["sales"] == 1


def test_a_refund_keeps_the_rrn_of_its_payment(world: World) -> None:
    world.take_in(two(world))
    world.seal(5_000, leg=2)
    shown = overview(world.store.db)
    assert [row["original_rrn"] for row in shown["refunds"]] == ["600510000032"]
    (sale,) = shown["sales"]
    assert [(leg["trace"], leg["rrn"]) for leg in sale["tenders"]] == [
        ("000031", "600510000031"),
        ("000032", "600510000032"),
    ]


def test_a_void_is_not_sealed_once_the_batch_of_its_payment_is_closed(world: World) -> None:
    """The other payment of the same sale is in a batch that is open."""
    there = {"trace": "33", "rrn": "600510000033", "terminal_id": "T0000009"}
    world.sell(tenders=[card(**OWN[0]), card(**OWN[1] | there)], **NONE)
    closed = {"kind": "batch_closed", "terminal_id": world.terminal, "batch": "1"}
    world.take_in(closed | {"at": "2026-01-05T12:00:00+08:00"})
    assert failure_of(lambda: world.seal(5_000, kind=Kind.VOID)) == "host.void_too_late"
    assert world.seal(5_000, kind=Kind.VOID, leg=2).refund.leg == 2


def test_a_void_takes_its_own_leg_alone(world: World) -> None:
    world.take_in(two(world))
    sealed = world.seal(5_000, kind=Kind.VOID, leg=2)
    assert (sealed.refund.leg, world.tender(leg=1), world.tender(leg=2)) == (2, (0, 0), (0, 5_000))


@pytest.mark.parametrize(
    "change",
    [
        "trace = '000099'", "rrn = '600510000099'", "batch = '000009'", "auth_code = ''",
        "terminal_id = 'T0000009'", "paid_at = '2026-01-04T09:00:00+08:00'", "order_no = '[\"1\"]'",
        "voucher_no = '1'", "paid_at = NULL, paid_ts = NULL, paid_on = NULL, terminal_id = '', "
        "batch = '', trace = '', rrn = '', auth_code = ''",
    ],
)  # fmt: skip
def test_a_changed_payment_is_found(world: World, change: str) -> None:
    world.take_in(two(world))
    verify_store(world.store)
    world.store.close()
    db = sqlite3.connect(world.path)
    db.execute(f"UPDATE tenders SET {change} WHERE leg = 2")  # noqa: S608 - of this file
    db.commit()
    db.close()
    world.store = world.open()
    assert failure_of(lambda: verify_store(world.store)) == "ledger.tampered"
