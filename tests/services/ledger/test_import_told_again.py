"""A sale told again: filled in, confirmed, or contradicted by name; one transaction is one sale."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest
from worlds.ledger import VISA, World

from pos_terminal.core.invoice import Invoiced
from pos_terminal.core.pan import Pan
from pos_terminal.core.sale import SaleState
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.services.security.tokens import KeyedTokens
from pos_terminal.texts.problems import in_both, reason

PAR = "V0010013019339000000000000001"
NUMBERS = ("batch", "trace", "rrn", "auth_code")


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return record | dict.fromkeys(names, "")


def with_par(record: dict[str, Any]) -> dict[str, Any]:
    (card,) = record["tenders"]
    return record | {"tenders": [card | {"par": PAR}]}


def auth_code(world: World) -> str:
    payment = world.sale().tenders[0].payment
    assert payment is not None
    return payment.auth_code


# --- filled in ------------------------------------------------------------------------------------


def test_an_unconfirmed_sale_is_confirmed_by_one_that_fills_it_in(world: World) -> None:
    first = without(world.masked(state="unconfirmed"), *NUMBERS)
    assert world.take_in(first).added == 1
    later = with_par(world.masked())
    report = world.take_in(later)
    assert (report.events, report.refused) == (1, 0)
    sale = world.sale()
    assert sale.state is SaleState.APPROVED
    assert sale.tenders[0].card is not None
    assert sale.tenders[0].card.par == PAR
    payment = sale.tenders[0].payment
    assert payment is not None
    assert (payment.rrn, payment.trace, payment.batch) == ("600510000017", "000017", "000001")
    verify_store(world.store)
    assert world.take_in(later).known == 1
    assert world.take_in(first).known == 1, "one that says less says nothing against it"
    world.seal(1_000)
    verify_store(world.store)


@pytest.mark.parametrize("name", ["auth_code", "receipt_no"])
def test_a_taken_sale_is_filled_in(world: World, name: str) -> None:
    world.take_in(without(world.masked(), name), world.masked("S2"))
    assert world.take_in(world.masked()).events == 1
    assert getattr(world.sale(), name, "") or auth_code(world) == world.masked()[name]
    verify_store(world.store)
    assert world.take_in(world.masked()).known == 1


@pytest.mark.parametrize(
    ("name", "own"), [("paid_at", "2026-01-06T00:10:00+08:00"), ("terminal_id", "T0000009")]
)
def test_so_is_what_a_payment_had_of_its_sale(world: World, name: str, own: str) -> None:
    """Its till told nothing of its own, and does now; again, and less, is no contradiction."""
    world.clock.moment += timedelta(days=1)
    first = world.masked()
    (card,) = first["tenders"]
    later = first | {"tenders": [card | {name: own}]}
    assert world.take_in(first).added == 1
    assert world.take_in(later).events == 1
    assert [world.take_in(one).known for one in (first, later)] == [1, 1]
    payment = world.sale().tenders[0].payment
    assert payment is not None
    told = payment.paid_at.isoformat() if name == "paid_at" else payment.terminal_id
    assert told == own
    verify_store(world.store)
    another = {"paid_at": "2026-01-06T00:11:00+08:00", "terminal_id": "T0000008"}[name]
    (problem,) = world.take_in(first | {"tenders": [card | {name: another}]}).problems
    assert f"tenders[1].payment.{name}" in reason(problem)


def test_four_digits_of_a_card_are_filled_in_by_six_and_four(world: World) -> None:
    four, six = "************0010", "476173******0010"
    first = without(world.masked(), "auth_code")
    (card,) = first["tenders"]
    masked = {
        name: first | {"tenders": [card | {"masked": name}]}
        for name in (four, six, "************0011")
    }
    assert world.take_in(masked[four]).added == 1
    assert world.take_in(masked[six]).events == 1
    assert [world.take_in(masked[one]).known for one in (four, six)] == [1, 1]
    sold = world.sale().tenders[0].card
    assert sold is not None
    assert sold.masked == six
    (problem,) = world.take_in(masked["************0011"]).problems
    assert "card.masked" in reason(problem)
    verify_store(world.store)


def test_within_one_file_as_well(world: World) -> None:
    first = without(world.masked(state="unconfirmed"), *NUMBERS)
    report = world.take_in(first, without(world.masked(), "auth_code"), with_par(world.masked()))
    assert (report.added, report.known, report.refused) == (1, 2, 0)
    assert (auth_code(world), world.sale().state) == ("A00017", SaleState.APPROVED)
    verify_store(world.store)


def test_what_was_given_back_meanwhile_stays(world: World) -> None:
    world.take_in(without(world.masked(), "auth_code"))
    sealed = world.seal(1_000)
    assert world.take_in(world.masked()).events == 1
    assert world.tender() == (0, 1_000)
    assert auth_code(world) == "A00017"
    verify_store(world.store)
    assert sealed.refund.amount == 1_000


def test_an_adjusted_total_stays(world: World) -> None:
    world.take_in(without(world.masked(), "auth_code"))
    adjusted = {"kind": "adjusted", "reference": "A-1", "sale_id": "S1", "amount": 9_000}
    world.take_in(adjusted | {"at": "2026-01-05T12:00:00+08:00"})
    assert world.take_in(world.masked()).events == 1
    assert (world.sale().amount, world.tender()) == (9_000, (0, 0))
    verify_store(world.store)


def test_the_stan_stays_above_a_trace_that_comes_later(world: World) -> None:
    world.take_in(without(world.masked(state="unconfirmed"), "trace"))
    assert world.do(world.store.counter.draw()) == "000001"
    world.take_in(world.masked())
    assert world.do(world.store.counter.draw()) == "000018"


def test_a_sale_that_is_filled_in_learns_that_its_batch_is_closed(world: World) -> None:
    world.take_in(without(world.masked(state="unconfirmed"), *NUMBERS))
    closed = {"kind": "batch_closed", "terminal_id": "12345678", "batch": "1"}
    world.take_in(closed | {"at": "2026-01-05T12:00:00+08:00"})
    world.take_in(world.masked())
    assert world.sale().tenders[0].batch_closed


def test_the_same_moment_in_another_offset_is_the_same(world: World) -> None:
    world.take_in(world.masked())
    assert world.take_in(world.masked(sold_at="2026-01-05T01:00:00Z")).known == 1
    assert world.take_in(world.masked(sold_at="2026-01-05T03:00:00+02:00")).known == 1


# --- contradicted ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rrn": "600510000018"}, "rrn: 600510000017 / 600510000018"),
        ({"auth_code": "X00017"}, "auth_code: A00017 / X00017"),
        ({"receipt_no": "R-9"}, "receipt_no: R-S1 / R-9"),
        ({"lines": []}, "lines: (1) / (0)"),
        ({"sold_at": "2026-01-05T09:00:01+08:00"}, "sold_at: "),
        (
            {"tenders": [{"kind": "card", "amount": 10_000, "masked": "541333******0011"}]},
            "tenders[1].card.masked: 476173******0010 / 541333******0011",
        ),
        ({"tenders": [{"kind": "cash", "amount": 10_000}]}, "tenders[1].kind: card / cash"),
    ],
)
def test_a_contradiction_is_named_with_both_values(
    world: World, change: dict[str, Any], named: str
) -> None:
    world.take_in(world.masked())
    before = world.sale()
    (problem,) = world.take_in(world.masked() | change).problems
    assert (problem.code, problem.sale_id) == ("other_content", "S1")
    for text in in_both(problem):
        assert named in text
    assert world.sale() == before
    verify_store(world.store)


def test_a_record_that_fills_in_and_contradicts_does_neither(world: World) -> None:
    world.take_in(without(world.masked(), "auth_code"))
    report = world.take_in(world.masked(rrn="600510000018"))
    assert report.refused == 1
    assert auth_code(world) == ""


# --- one transaction ------------------------------------------------------------------------------


def test_one_transaction_is_one_sale_whatever_it_is_called(world: World) -> None:
    record = world.masked()
    world.take_in(record)
    again = record | {"sale_id": "POS2-1", "receipt_no": "R-9"}
    (problem,) = world.take_in(again).problems
    assert (problem.code, problem.sale_id) == ("same_transaction", "POS2-1")
    assert "S1" in reason(problem)
    assert world.store.sales.by_id("POS2-1") is None
    within = world.take_in(again | {"rrn": "600510000099"}, again | {"rrn": "600510000099"} | {
        "sale_id": "POS2-2"})  # fmt: skip
    assert [(p.line, p.code) for p in within.problems] == [(2, "same_transaction")]
    verify_store(world.store)


@pytest.mark.parametrize(
    "change",
    [
        {"rrn": "600510000018"},
        {"trace": "000018"},
        {"batch": "000002"},
        {"terminal_id": "87654321"},
        {"sold_at": "2026-01-03T09:00:00+08:00"},
    ],
)
def test_another_one_differs_in_something(world: World, change: dict[str, Any]) -> None:
    world.take_in(world.masked())
    assert world.take_in(world.masked() | {"sale_id": "S2"} | change).added == 1


@pytest.mark.parametrize("missing", ["rrn", "trace"])
def test_without_both_numbers_nobody_can_tell(world: World, missing: str) -> None:
    """An export with four digits of the card: the same number may be another day's, or a till's."""
    four = {"tenders": [{"kind": "card", "amount": 10_000, "masked": "****0010"}]}
    record = without(world.masked() | four, missing)
    assert world.take_in(record, record | {"sale_id": "S2"}).added == 2


def test_nothing_is_filled_in_that_is_another_sale(world: World) -> None:
    world.take_in(world.masked(), without(world.masked("S2", state="unconfirmed"), *NUMBERS))
    (problem,) = world.take_in(world.masked("S2", rrn="600510000017")).problems
    assert problem.code == "same_transaction"


# --- names as people see them ---------------------------------------------------------------------


def test_names_are_compared_trimmed_and_by_their_characters(world: World) -> None:
    world.take_in(world.masked())
    assert world.take_in(world.masked() | {"sale_id": " Ｓ1 "}).known == 1
    refund = {"kind": "refunded_elsewhere", "reference": "HQ-1", "sale_id": "S1", "amount": 700}
    refund["at"] = "2026-01-05T12:00:00+08:00"
    assert world.take_in(refund).events == 1
    assert world.take_in(refund | {"reference": "ＨＱ－1 ", "sale_id": "Ｓ１"}).known == 1
    assert world.tender() == (700, 0)
    assert world.take_in(world.masked("  ")).problems[0].code == "short"


OF_TENDER = ("order_no", "voucher_no", "exchange_no")
OF_LINE = ("sku", "barcodes", "serials")


def numbered(world: World, name: str, number: str) -> dict[str, Any]:
    """A sale whose field ``name``, of the sale, of a leg or of a line, has this number."""
    value: Any = [number] if name in ("order_no", "barcodes", "serials") else number
    line = {"sku": "A", "name": "x", "quantity": "1", "unit_price": 0, "category": ""}
    record = world.masked() | {"lines": [line]}
    kinds = {"voucher_no": "voucher", "exchange_no": "exchange"}
    second = {"kind": kinds.get(name, "wallet"), "amount": 0}
    if name in OF_TENDER:
        return record | {"tenders": [*record["tenders"], second | {name: value}]}
    if name in OF_LINE:
        return record | {"lines": [line | {name: value}]}
    return record | {name: value}


@pytest.mark.parametrize("name", ["receipt_no", "gift_receipt_no", *OF_TENDER, *OF_LINE])
def test_whatever_a_till_numbers_is_one_number_in_every_width(world: World, name: str) -> None:
    assert world.take_in(numbered(world, name, "Ab-1")).added == 1
    assert world.take_in(numbered(world, name, " Ａb－1 ")).known == 1
    (problem,) = world.take_in(numbered(world, name, "Ab-2")).problems
    assert problem.code == "other_content"


def test_an_invoice_is_filled_in_and_never_said_otherwise(world: World) -> None:
    """First nothing, then that it is out, then its number; less says nothing against it (R69)."""
    first = world.masked()
    told = [first, first | {"invoice": "issued"}]
    told.append(told[-1] | {"invoice_no": "25117000000012345678"})
    assert [world.take_in(one).problems for one in told] == [(), (), ()]
    sale = world.sale("S1")
    assert (sale.invoice, sale.invoice_no) == (Invoiced.ISSUED, "25117000000012345678")
    assert world.take_in(first).known == 1
    (problem,) = world.take_in(first | {"invoice": "issued", "invoice_no": "2"}).problems
    assert problem.code == "other_content"
    (problem,) = world.take_in(world.masked() | {"sale_id": "S2", "invoice_no": "1"}).problems
    assert problem.code == "invoice_no"
    verify_store(world.store)


def test_an_invoice_is_issued_after_the_sale_and_stays_so(world: World) -> None:
    """A file with both records may be taken twice, as after a kill: no order of them contradicts,
    and none takes an invoice back (R69)."""
    none = world.masked() | {"invoice": "none"}
    issued = none | {"invoice": "issued", "invoice_no": "25117000000012345678"}
    for records in ([none], [none, issued], [none, issued], [issued, none], [none]):
        assert not world.take_in(*records).problems
        verify_store(world.store)
    sale = world.sale("S1")
    assert (sale.invoice, sale.invoice_no) == (Invoiced.ISSUED, "25117000000012345678")


def test_none_of_an_invoice_fills_in_what_was_not_known(world: World) -> None:
    world.take_in(world.masked())
    assert world.take_in(world.masked() | {"invoice": "none"}).events == 1
    assert world.take_in(world.masked()).known == 1, "less says nothing against it"
    assert world.sale("S1").invoice is Invoiced.NONE
    verify_store(world.store)


@pytest.mark.parametrize("name", ["order_no", "barcodes", "serials"])
def test_a_number_of_blanks_is_refused_by_its_field(world: World, name: str) -> None:
    (problem,) = world.take_in(numbered(world, name, "  ")).problems
    assert problem.code == "short"
    assert name in in_both(problem)[1]


# --- a token key that was replaced ----------------------------------------------------------------


def tokenised(world: World, tokens: KeyedTokens, pan: Pan = VISA) -> dict[str, Any]:
    """S1 by a till that makes its own tokens."""
    card = {"kind": "card", "amount": 10_000, "token": tokens.token(pan)}
    return world.record(tenders=[card | {"token_key_id": tokens.key_id, "masked": VISA.masked}])


def test_a_token_under_the_next_key_is_no_contradiction(world: World) -> None:
    """The till resends old sales with its new key: nothing can be said of two such tokens."""
    before = secrets.token_bytes(32)
    older = KeyedTokens(before)
    world.take_in(tokenised(world, older))
    world.tokens = KeyedTokens(secrets.token_bytes(32), [before])
    world.reopen()
    again = tokenised(world, world.tokens)
    report = world.take_in(again)
    assert (report.known, report.refused) == (1, 0)
    card = world.sale().tenders[0].card
    assert card is not None
    assert (card.token, card.token_key_id) == (older.token(VISA), older.key_id), "it stays"
    assert world.take_in(with_par(again)).events == 1, "and the rest is filled in"
    verify_store(world.store)


def test_another_token_or_number_is_one(world: World) -> None:
    before = secrets.token_bytes(32)
    world.take_in(tokenised(world, KeyedTokens(before)))
    world.tokens = KeyedTokens(secrets.token_bytes(32), [before])
    world.reopen()
    other = Pan("4111111111111111")
    (problem,) = world.take_in(tokenised(world, KeyedTokens(before), other)).problems
    assert "token" in reason(problem)
    changed = tokenised(world, world.tokens)
    changed["tenders"][0]["masked"] = other.masked
    (problem,) = world.take_in(changed).problems
    assert "masked" in reason(problem)
