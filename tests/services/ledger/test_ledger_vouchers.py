"""Store credit in the ledger: one voucher for each refund, and no more taken than it is worth."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.cli import explain
from pos_terminal.control.server import BadRequest
from pos_terminal.control.voucher import voucher_verbs
from pos_terminal.core import receipt_code, voucher
from pos_terminal.core.decision import Phase
from pos_terminal.core.items import Item
from pos_terminal.core.pan import luhn_digit
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.rules.book import make_book
from pos_terminal.core.rules.facts import Facts
from pos_terminal.core.voucher import Voucher, VoucherState
from pos_terminal.core.words import Failure, Words, say
from pos_terminal.ports import JobState, Taking
from pos_terminal.services.ledger.books import sales
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.process.trusted_clock import TrustedClock
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.receipt.kinds.credit import StoreCredit


def issue(world: World, amount: int = 5_000, sale_id: str = "S1") -> Voucher:
    number = world.apply_for(amount, sale_id, kind=Kind.CREDIT).number

    def slips(refund: Refund, voucher: Voucher) -> list[Any]:
        return [
            world.slip(body=StoreCredit(voucher.number), barcode=voucher.number, amount=refund.done)
        ]

    refund = world.do(world.store.issue_credit(number, slips))
    found = world.store.vouchers.of_refund(refund.refund_id)
    assert isinstance(found, Voucher)
    return found


@pytest.fixture
def cash(world: World) -> World:
    """A sale of 100.00 paid in cash."""
    world.sell(tenders=[{"kind": "cash", "amount": 10_000}], rrn="", trace="", batch="")
    return world


@pytest.fixture
def open_voucher(cash: World) -> Voucher:
    return issue(cash)


def take(world: World, number: str, amount: int, request: str = "T1") -> Any:
    return world.do(world.store.vouchers.redeem(Taking(number, amount, request=request)))


def by_hand(world: World, number: str, amount: int, supervisor: str = "201") -> Any:
    taking = Taking(number, amount, operator="101", supervisor=supervisor)
    return world.do(world.store.vouchers.redeem(taking))


def again_and_again(act: Callable[[int], object]) -> None:
    """Until it fails, or 200 times."""
    for turn in range(200):
        act(turn)


# --- issued ---------------------------------------------------------------------------------


def test_refund_voucher_and_slips_are_one_commit(cash: World) -> None:
    statements: list[str] = []
    number = cash.apply_for(5_000, kind=Kind.CREDIT).number
    cash.store.writer.db.set_trace_callback(statements.append)
    cash.do(
        cash.store.issue_credit(
            number, lambda refund, one: [cash.slip(body=StoreCredit(one.number))]
        )
    )
    assert statements.count("COMMIT") == 1
    (refund,) = cash.store.refunds.of_sale(cash.sale().key)
    assert (refund.kind, refund.state, refund.done, refund.stan) == (
        Kind.CREDIT, State.ISSUED, 5_000, None,
    )  # fmt: skip
    found = cash.store.vouchers.of_refund(1)
    assert found is not None
    assert found == cash.store.vouchers.by_number(found.number)
    assert (found.amount, found.left, found.state) == (5_000, 5_000, VoucherState.OPEN)
    bodies = [job.slip.body for job in cash.store.slips.in_state(JobState.READY)]
    assert bodies == [StoreCredit(found.number)]
    assert cash.tender() == (5_000, 0)
    assert cash.store.refunds.to_hand_over() == []
    assert cash.store.db.execute("SELECT drawer FROM refunds").fetchone()[0] == 0
    tender = cash.sale("S1").tender(1)
    assert (tender.credited, tender.cash_back) == (5_000, 0)
    assert cash.application(number).state == "done"
    assert cash.kinds()[-3:] == ["refund", "voucher", "slips"]
    verify_store(cash.store)


def test_a_voucher_keeps_to_the_balance(cash: World) -> None:
    issue(cash, 6_000)
    number = cash.apply_for(4_001, kind=Kind.CREDIT).number
    with pytest.raises(Failure, match=r"ledger\.balance"):
        cash.do(cash.store.issue_credit(number, lambda *_: []))
    assert cash.tender() == (6_000, 0)
    assert len(overview(cash.store.db)["vouchers"]) == 1


def test_slips_that_can_not_be_made_leave_no_voucher(cash: World) -> None:
    number = cash.apply_for(5_000, kind=Kind.CREDIT).number

    def torn(*_: object) -> Any:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        cash.do(cash.store.issue_credit(number, torn))
    assert (cash.tender(), cash.store.refunds.of_sale(cash.sale().key)) == ((0, 0), [])
    assert cash.application(number).state == "open"


@pytest.mark.parametrize("kind", [Kind.CASH, Kind.REFUND, Kind.VOID])
def test_only_a_store_credit_becomes_a_voucher(cash: World, kind: Kind) -> None:
    number = cash.apply_for(10_000, kind=kind).number
    with pytest.raises(ValueError, match="is no credit"):
        cash.do(cash.store.issue_credit(number, lambda *_: []))


def test_store_credit_is_neither_sealed_nor_handed_out(cash: World) -> None:
    number = cash.apply_for(100, kind=Kind.CREDIT).number
    with pytest.raises(ValueError, match="not sealed"):
        cash.seal_again(number, 100)
    with pytest.raises(ValueError, match="is no cash"):
        cash.do(cash.store.commit_cash(number, []))
    issued = issue(cash, 200)
    with pytest.raises(Failure, match=r"ledger\.no_cash"):
        cash.do(cash.store.refunds.drawer_opened(issued.refund_id or 0, "101"))


def test_no_number_is_given_twice(cash: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([6, 6, 6, 7])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))
    first, second = issue(cash, 100), issue(cash, 100)
    serials = [receipt_code.decode(one.number) for one in (first, second)]
    assert [code.serial for code in serials if code] == [7, 8]


def test_the_goods_go_back_with_the_voucher(world: World) -> None:
    tea = {"sku": "9", "name": "Tea", "quantity": 3, "unit_price": 2_000}
    world.sell(tenders=[{"kind": "cash", "amount": 6_000}], amount=6_000, lines=[tea])
    number = world.apply_for(4_000, kind=Kind.CREDIT, items=(Item(1, 2_000, 4_000, 4_000),)).number
    world.do(world.store.issue_credit(number, lambda *_: []))
    assert world.line() == (2_000, 0)
    verify_store(world.store)


def test_a_full_disk_leaves_no_voucher_and_takes_nothing(cash: World) -> None:
    db = cash.store.writer.db
    issued = issue(cash, 1_000)
    number = cash.apply_for(500, kind=Kind.CREDIT).number
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(Failure, match=r"ledger\.full"):
        again_and_again(lambda _: cash.do(cash.store.journal.note("filler", {"text": "x" * 3000})))
    slips = [cash.slip(contact="x" * 9_000)]
    with pytest.raises(Failure, match=r"ledger\.full"):
        cash.do(cash.store.issue_credit(number, lambda *_: slips))
    assert (cash.tender(), cash.store.vouchers.of_refund(2)) == ((1_000, 0), None)
    with pytest.raises(Failure, match=r"ledger\.full"):
        again_and_again(lambda turn: take(cash, issued.number, 1, f"T{turn:060d}"))
    db.execute("PRAGMA max_page_count = 1000000")
    redeemed = cash.voucher(issued.number).redeemed
    taken = cash.store.db.execute("SELECT count(*) FROM redemptions").fetchone()[0]
    assert taken == redeemed
    cash.do(cash.store.issue_credit(number, lambda *_: slips))
    assert cash.tender() == (1_500, 0)
    verify_store(cash.store)


def test_explain_tells_why_it_was_a_voucher(
    cash: World, capsys: pytest.CaptureFixture[str]
) -> None:
    sale = cash.sale("S1")
    facts = Facts(
        sale, sale.tenders[0], Kind.CREDIT, 5_000, cash.clock.now(), reason="1", defect=False
    )
    decision = make_book({"cash_limit": {"limit": 4_999}}).decide(
        Phase.BEFORE_CARD, facts, cash.store.refunds
    )
    number = cash.apply_for(5_000, kind=Kind.CREDIT, decisions=[decision]).number
    cash.do(cash.store.issue_credit(number, lambda *_: []))
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    words = [str(number), "--config", str(cash.write_config())]
    assert explain.run(parser.parse_args(words)) == 0
    said = capsys.readouterr().out
    assert "Limit on cash: ask a supervisor: Above cash limit 49.99: store credit" in said
    assert "(amount 50.00, cash back before 0.00, limit 49.99, kind store credit)" in said


# --- redeemed -------------------------------------------------------------------------------


def test_it_is_redeemed_once(cash: World, open_voucher: Voucher) -> None:
    done = take(cash, open_voucher.number, 5_000)
    assert (done.amount, done.left, done.again) == (5_000, 0, False)
    assert done.voucher.state is VoucherState.REDEEMED
    assert failure_of(take, cash, open_voucher.number, 1, "T2") == "voucher.spent"
    assert cash.tender() == (5_000, 0)
    verify_store(cash.store)


def test_it_can_be_redeemed_in_parts_and_never_beyond(cash: World, open_voucher: Voucher) -> None:
    assert take(cash, open_voucher.number, 1_999, "T1").left == 3_001
    with pytest.raises(Failure) as caught:
        take(cash, open_voucher.number, 3_002, "T2")
    assert caught.value.words == say("voucher.too_much", left="30.01")
    assert by_hand(cash, open_voucher.number, 3_001).left == 0
    verify_store(cash.store)


def test_a_repeated_request_is_answered_as_it_was(cash: World, open_voucher: Voucher) -> None:
    first = take(cash, open_voucher.number, 2_000, "T1")
    take(cash, open_voucher.number, 1_000, "T2")
    cash.reopen()
    again = take(cash, open_voucher.number, 2_000, "T1")
    assert (again.amount, again.left, again.again) == (first.amount, first.left, True)
    assert cash.voucher(open_voucher.number).redeemed == 3_000
    verify_store(cash.store)


def test_a_repeated_request_holds_even_when_the_voucher_is_used_up(
    cash: World, open_voucher: Voucher
) -> None:
    take(cash, open_voucher.number, 5_000, "T1")
    assert take(cash, open_voucher.number, 5_000, "T1").again


@pytest.mark.parametrize("amount", [0, -1, -5_000])
def test_nothing_and_less_is_not_taken(cash: World, open_voucher: Voucher, amount: int) -> None:
    assert failure_of(take, cash, open_voucher.number, amount) == "voucher.zero"


def test_one_request_id_names_one_redemption(cash: World, open_voucher: Voucher) -> None:
    other = issue(cash, 100)
    take(cash, open_voucher.number, 100, "T1")
    for number, amount in ((open_voucher.number, 101), (other.number, 100)):
        assert failure_of(take, cash, number, amount, "T1") == "voucher.reused"
    assert cash.voucher(other.number).redeemed == 0


def test_a_cancelled_voucher_is_worth_nothing_and_its_sale_stays(
    cash: World, open_voucher: Voucher
) -> None:
    take(cash, open_voucher.number, 1_000)
    ended = cash.do(cash.store.vouchers.cancel(open_voucher.number, "101", "201"))
    assert (ended.state, ended.left, ended.redeemed) == (VoucherState.CANCELLED, 0, 1_000)
    assert failure_of(take, cash, open_voucher.number, 1, "T2") == "voucher.cancelled"
    with pytest.raises(Failure, match=r"voucher\.cancelled"):
        cash.do(cash.store.vouchers.cancel(open_voucher.number, "101", "201"))
    assert cash.tender() == (5_000, 0)
    assert cash.refund(1).state is State.ISSUED
    verify_store(cash.store)


def test_what_is_used_up_can_not_be_cancelled(cash: World, open_voucher: Voucher) -> None:
    take(cash, open_voucher.number, 5_000)
    with pytest.raises(Failure, match=r"voucher\.spent"):
        cash.do(cash.store.vouchers.cancel(open_voucher.number, "101", "201"))


def test_nobody_redeems_by_hand_alone(cash: World, open_voucher: Voucher) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        by_hand(cash, open_voucher.number, 1, supervisor="101")
    assert cash.voucher(open_voucher.number).redeemed == 0


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 700), st.integers(0, 8)), max_size=12))
def test_whatever_is_asked_in_any_order_no_voucher_gives_more_than_it_has(
    asked: list[tuple[int, int, int]],
) -> None:
    """Against a model: takings by request, first come first served."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.sell(tenders=[{"kind": "cash", "amount": 10_000}])
        vouchers = [issue(world, 1_000), issue(world, 500)]
        left = [1_000, 500]
        known: dict[str, tuple[int, int]] = {}
        for which, amount, name in asked:
            request = f"T{name}"
            first = request not in known
            fits = known.get(request, (which, amount)) == (which, amount)
            if first:
                fits = amount <= left[which]
            try:
                done = take(world, vouchers[which].number, amount, request)
            except Failure:
                assert not fits
                continue
            assert fits
            assert done.again is not first
            if first:
                known[request] = (which, amount)
                left[which] -= amount
        for one, worth in zip(vouchers, left, strict=True):
            assert world.voucher(one.number).left == worth
        verify_store(world.store)
        world.close()


# --- kept -----------------------------------------------------------------------------------


def test_the_schema_itself_lets_no_more_be_taken(cash: World, open_voucher: Voucher) -> None:
    db = cash.store.writer.db
    for change in (
        "redeemed = 5001",
        "redeemed = -1",
        "redeemed = 5000",
        "state = 'redeemed'",
        "number = '12'",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(f"UPDATE vouchers SET {change}")  # noqa: S608 - the cases above
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(
            """INSERT INTO vouchers (number, refund_id, amount, currency, state, issued_at)
            VALUES ('8000000000000', 1, 1, '156', 'open', '')"""
        )


BEHIND_ITS_BACK = [
    "UPDATE vouchers SET amount = 9000 WHERE refund_id = 1",
    "UPDATE vouchers SET redeemed = 0 WHERE refund_id = 1",
    "UPDATE vouchers SET redeemed = 0 WHERE refund_id = 1; DELETE FROM redemptions",
    "UPDATE vouchers SET state = 'open' WHERE refund_id = 2",
    "PRAGMA foreign_keys = OFF; UPDATE vouchers SET number = '8000000000000' WHERE refund_id = 2",
    "UPDATE vouchers SET currency = '840' WHERE refund_id = 2",
    "DELETE FROM vouchers WHERE refund_id = 2",
    "UPDATE vouchers SET refund_id = 3 WHERE refund_id = 2",
    "UPDATE redemptions SET amount = 999",
    "UPDATE redemptions SET request = 'T9'",
    "UPDATE redemptions SET request = NULL, operator = '101', supervisor = '201'",
    """INSERT INTO vouchers (number, refund_id, amount, currency, state, issued_at)
    VALUES ('8000000000000', 3, 300, '156', 'open', '')""",
]


@pytest.mark.parametrize("change", BEHIND_ITS_BACK)
def test_a_change_behind_its_back_is_found(cash: World, change: str) -> None:
    first, second = issue(cash, 1_000), issue(cash, 500)
    take(cash, first.number, 400)
    cash.do(cash.store.vouchers.cancel(second.number, "101", "201"))
    number = cash.apply_for(300, kind=Kind.CASH).number
    cash.do(cash.store.commit_cash(number, []))
    verify_store(cash.store)
    db = sqlite3.connect(cash.path)
    db.executescript(change)
    db.close()
    assert failure_of(verify_store, cash.store) == "ledger.tampered"


def test_neither_log_nor_listing_tells_the_number(cash: World, open_voucher: Voucher) -> None:
    take(cash, open_voucher.number, 400)
    facts = [row[0] for row in cash.store.db.execute("SELECT facts FROM audit")]
    assert not [text for text in facts if open_voucher.number in text]
    (row,) = overview(cash.store.db)["vouchers"]
    assert (row["number"], row["redeemed"], row["redemptions"]) == (
        f"{open_voucher.number[:5]}******{open_voucher.number[-2:]}", 400, 1,
    )  # fmt: skip


def test_what_the_world_finds_after_a_stop(cash: World) -> None:
    """Before the commit nothing is there, after it all of it: also of a redemption."""
    before = cash.copy("before")
    one = issue(cash)
    issued = cash.copy("issued")
    take(cash, one.number, 5_000)
    redeemed = cash.copy("redeemed")
    for path, states in (
        (before, []),
        (issued, [("open", "ready")]),
        (redeemed, [("redeemed", "ready")]),
    ):
        store = cash.open(path)
        found = []
        for refund in store.refunds.of_sale(1):
            voucher = store.vouchers.of_refund(refund.refund_id)
            assert voucher is not None
            found.append((voucher.state, store.slips.of_refund(refund.refund_id)[0].state))
        assert found == states
        verify_store(store)
        store.close()


# --- for the till ---------------------------------------------------------------------------


class Clock:
    doubt: Words | None = None


@pytest.fixture
def proven() -> Clock:
    return Clock()


@pytest.fixture
def verbs(cash: World, proven: Clock) -> dict[str, Any]:
    return dict(voucher_verbs(cash.store, cast(TrustedClock, proven), cash.merchant, cash.terminal))


def ask(verbs: dict[str, Any], verb: str, **request: Any) -> dict[str, Any]:
    answer: dict[str, Any] = asyncio.run(verbs[verb](request))
    return answer


def test_a_till_looks_redeems_and_repeats(
    verbs: dict[str, Any], cash: World, open_voucher: Voucher
) -> None:
    number = open_voucher.number
    assert ask(verbs, "voucher", number=number) == {
        "state": "open",
        "amount": 5_000,
        "left": 5_000,
        "currency": "156",
        "issued_at": "2026-01-05T10:00:00+08:00",
        "kind": "credit",
    }
    first = ask(verbs, "redeem", number=f" {number}\n", amount=2_000, request="till-1/88")
    told = {"amount": 2_000, "left": 3_000, "currency": "156", "again": False}
    assert first == told | {"kind": "credit"}
    again = ask(verbs, "redeem", number=number, amount=2_000, request="till-1/88", currency="156")
    assert again == first | {"again": True}
    assert cash.voucher(number).redeemed == 2_000


def test_a_refused_till_leaves_a_trace_without_the_number(
    verbs: dict[str, Any], cash: World, open_voucher: Voucher
) -> None:
    guess = voucher.draw_number(cash.merchant, cash.terminal)
    foreign = voucher.draw_number("898310012340002", cash.terminal)
    asked: list[tuple[dict[str, Any], str]] = [
        ({"number": guess, "amount": 1}, "unknown"),
        ({"number": foreign, "amount": 1}, "foreign"),
        ({"number": "\ud800", "amount": 1}, "misread"),
        ({"number": open_voucher.number, "amount": 5_001}, "too_much"),
        ({"number": open_voucher.number, "amount": 0}, "zero"),
        ({"number": open_voucher.number, "amount": 1, "currency": "840"}, "other_currency"),
    ]
    for request, cause in asked:
        assert failure_of(ask, verbs, "redeem", request="T1", **request) == f"voucher.{cause}"
    assert failure_of(ask, verbs, "voucher", number=guess) == "voucher.unknown"
    log = cash.store.db.execute(
        "SELECT facts ->> 'cause', facts ->> 'number' FROM audit WHERE kind = 'voucher_refused'"
    ).fetchall()
    assert [row[0] for row in log] == [f"voucher.{cause}" for _, cause in asked]
    assert guess not in [row[1] for row in log]
    assert cash.voucher(open_voucher.number).left == 5_000


def test_without_a_proven_clock_nothing_is_redeemed(
    verbs: dict[str, Any], proven: Clock, open_voucher: Voucher
) -> None:
    proven.doubt = say("clock.unproven")
    with pytest.raises(Failure, match=r"clock\.unproven"):
        ask(verbs, "redeem", number=open_voucher.number, amount=1, request="T1")
    assert ask(verbs, "voucher", number=open_voucher.number)["left"] == 5_000


def test_what_was_redeemed_before_a_power_cut_is_told_before_the_clock_is_proven(
    verbs: dict[str, Any], proven: Clock, cash: World, open_voucher: Voucher
) -> None:
    """The till got no answer, and the terminal that comes up again has no line yet."""
    asked = {"number": open_voucher.number, "amount": 2_000, "request": "till-1/88"}
    first = ask(verbs, "redeem", **asked)
    proven.doubt = say("clock.unproven")
    assert ask(verbs, "redeem", **asked) == first | {"again": True}
    assert failure_of(ask, verbs, "redeem", **asked | {"amount": 1}) == "voucher.reused"
    assert failure_of(ask, verbs, "redeem", **asked | {"request": "2"}) == "clock.unproven"
    assert cash.voucher(open_voucher.number).redeemed == 2_000


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"number": "8", "amount": 1},
        {"number": "8", "amount": 1, "request": ""},
        {"number": "8", "amount": 1, "request": "x" * 65},
        {"number": "8", "amount": 1, "request": "ü"},
        {"number": "8", "amount": True, "request": "1"},
        {"number": "8", "amount": 1.0, "request": "1"},
        {"number": "8", "amount": 10**30, "request": "1"},
        {"number": 8, "amount": 1, "request": "1"},
        {"number": "8" * 65, "amount": 1, "request": "1"},
    ],
)
def test_a_request_of_another_form_is_refused(
    verbs: dict[str, Any], request_: dict[str, Any]
) -> None:
    with pytest.raises(BadRequest):
        ask(verbs, "redeem", **request_)


def likely(world: World, told: str, amount: int = 1_000, *, days: int = 0) -> int | None:
    """How many of ours it may be, of a sale so many days from now."""
    sold_at = world.clock.now() + timedelta(days=days)
    found = world.store.refunds.like_ours(told, amount, sold_at)
    return None if found is None else found.count


def test_a_masked_number_may_be_what_was_worth_enough_then_and_not_used_up(cash: World) -> None:
    number = issue(cash, 5_000).number
    told = "*" * 9 + number[-4:]
    other = f"{'*' * 9}{(int(number[-4:]) + 1) % 10_000:04d}"
    assert likely(cash, told) == 1
    assert likely(cash, other) is None
    assert likely(cash, told, 5_001) is None, "more than it was ever worth"
    assert likely(cash, told, days=-2) is None, "issued later"
    assert likely(cash, told, days=90) == 1, "nobody has taken anything"
    take(cash, number, 4_999)
    assert likely(cash, told, days=90) == 1, "0.01 is left of it"
    take(cash, number, 1, "T2")
    assert likely(cash, told) == 1, "taken for that sale, perhaps"
    assert likely(cash, told, days=2) is None, "used up before"


def test_a_number_with_a_sign_wrong_may_be_ours(cash: World) -> None:
    number = issue(cash, 5_000).number
    for told in (number[:-1], f"{number}0", f"V{number}", f"{number[:4]}/{number[4:]}"):
        assert likely(cash, told) == 1, told
    digits = "".join(str(9 - int(one)) for one in number[5:12])
    wrong = number[:5] + digits + str((int(luhn_digit(number[:5] + digits)) + 1) % 10)
    assert likely(cash, wrong) == 0, "it begins as ours, fails the check, and is near none"
    assert likely(cash, "2900017") is None
    assert likely(cash, number) is None, "nobody asks of one that is ours as it stands"


def test_no_more_goes_back_of_what_a_voucher_paid_than_was_redeemed_of_it(
    cash: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seal refuses it, and ``verify`` finds it of whoever writes past that (R37)."""
    voucher = issue(cash, 5_000)
    take(cash, voucher.number, 999)
    paid = {"kind": "voucher", "amount": 1_000, "voucher_no": voucher.number}
    cash.sell("S2", tenders=[paid], amount=1_000, lines=[], rrn="", trace="", batch="")
    assert failure_of(lambda: issue(cash, 1_000, "S2")) == "rules.not_redeemed"
    issue(cash, 999, "S2")
    assert failure_of(lambda: issue(cash, 1, "S2")) == "rules.not_redeemed", "that has counted"
    verify_store(cash.store)
    monkeypatch.setattr(sales, "check_balance", lambda *_: None)
    issue(cash, 1, "S2")
    with pytest.raises(Failure, match=r"ledger\.tampered.*voucher of refund 1"):
        verify_store(cash.store)
