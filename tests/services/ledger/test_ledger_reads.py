"""Questions to the ledger: what they find, in which order, and that an index answers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.case import CaseKind, Reported
from pos_terminal.core.cause import Cause
from pos_terminal.core.decision import Answer, Decision, Phase, Verdict
from pos_terminal.core.goods_code import codes_for, scale_pattern
from pos_terminal.core.pan import Pan
from pos_terminal.core.refund import State
from pos_terminal.core.rules import card_match, ceiling
from pos_terminal.core.rules.facts import Tally
from pos_terminal.core.sought import MOST_COUNTED, Sought
from pos_terminal.core.typed import Typed
from pos_terminal.ports import Approval, CardFacts, Case, JobState, Taking
from pos_terminal.services.ledger.books import counter
from pos_terminal.services.proof.verify import verify_store

PAR = "V0010013019339000000000000001"
YEAR_AGO = datetime.fromisoformat("2025-01-05T09:00:00+08:00")
A_CASE = Case(
    *(1, CaseKind.AMOUNT_MUCH, 1, 1, 100),
    open=True,
    opened_at=YEAR_AGO,
    facts=Reported("101"),
    due_on=YEAR_AGO.date(),
)
OF_SALE = replace(A_CASE, kind=CaseKind.TYPED_DIFFERS, refund_id=None)


def keys(sales: Any) -> list[str]:
    return [sale.sale_id for sale in sales]


def test_a_trace_finds_the_current_batch_first_then_the_newest(world: World) -> None:
    world.sell("old", sold_at="2025-12-01T09:00:00+08:00", batch="000007")
    world.sell("newer", sold_at="2026-01-05T09:30:00+08:00", batch="000009")
    world.sell("other", sold_at="2026-01-05T09:40:00+08:00", terminal_id="99999999")
    world.sell("current", sold_at="2026-01-05T08:00:00+08:00")
    assert keys(world.store.sales.by_trace("000017")) == ["current", "other", "newer", "old"]
    assert world.store.sales.by_trace("") == []


def test_an_rrn_is_found_on_its_day(world: World) -> None:
    world.sell("late", sold_at="2026-01-04T23:59:00+08:00", rrn="600510000017")
    assert keys(world.store.sales.by_rrn("600510000017", date(2026, 1, 4))) == ["late"]
    assert world.store.sales.by_rrn("600510000017", date(2026, 1, 5)) == []


def test_a_receipt_is_found_exactly_the_newest_first(world: World) -> None:
    world.sell("a", receipt_no="T3-1", sold_at="2026-01-02T09:00:00+08:00")
    world.sell("b", receipt_no="T3-1", sold_at="2026-01-03T09:00:00+08:00")
    world.sell("c", receipt_no="")
    assert [sale.sale_id for sale in world.store.sales.by_receipt("T3-1")] == ["b", "a"]
    assert world.store.sales.by_receipt("T3-") == []
    assert world.store.sales.by_receipt("") == []


def test_a_card_finds_its_sales_and_those_of_its_account(world: World) -> None:
    phone = Pan("5413330089020011")
    visa = {"kind": "card", "amount": 10_000, "pan": world.visa.reveal(), "par": PAR}
    wallet = {"kind": "card", "amount": 10_000, "pan": phone.reveal(), "par": PAR}
    world.sell("plastic", tenders=[visa], sold_at="2026-01-02T09:00:00+08:00")
    world.sell("phone", tenders=[wallet], sold_at="2026-01-03T09:00:00+08:00")
    token = world.tokens.token(world.visa)
    assert keys(world.store.sales.by_token([token])) == ["plastic"]
    assert keys(world.store.sales.by_token([token.upper()], [PAR])) == ["phone", "plastic"]
    assert world.store.sales.by_token(["0" * 64]) == []
    assert keys(world.store.sales.by_token(["0" * 64, token, token], [PAR, PAR])) == [
        *("phone", "plastic"),
    ]


def test_whether_any_sale_knows_its_account(world: World) -> None:
    world.sell("without")
    assert not world.store.sales.know_accounts()
    visa = {"kind": "card", "amount": 10_000, "pan": world.visa.reveal(), "par": PAR}
    world.sell("with", tenders=[visa])
    assert world.store.sales.know_accounts()


def test_a_card_with_many_sales_gives_the_newest_fifty(world: World) -> None:
    records = [
        world.record(f"S{n:03d}", sold_at=f"2025-12-{1 + n % 28:02d}T{n // 28:02d}:00:00+08:00")
        for n in range(60)
    ]
    assert world.take_in(*records).added == 60
    found = world.store.sales.by_token([world.tokens.token(world.visa)])
    assert len(found) == 50
    assert [s.sold_at for s in found] == sorted((s.sold_at for s in found), reverse=True)
    assert found[0].sale_id == max(records, key=lambda r: r["sold_at"])["sale_id"]


def hits(world: World, **facts: Any) -> list[str]:
    return keys(world.store.sales.sought(Sought(**facts)).sales)


def test_any_two_facts_find_a_sale_the_newest_first(world: World) -> None:
    card = {"kind": "card", "amount": 6_000, "masked": "476173******0010", "scheme": "VISA"}
    other = {"kind": "card", "amount": 4_000, "masked": "************8815"}
    cash = {"kind": "cash", "amount": 4_000}
    tea = {"sku": "T-1", "name": "Tea", "quantity": "1", "unit_price": 6_000}
    kiwi = {"sku": "K", "name": "Kiwi", "quantity": "0.5", "unit_price": 8_000}
    kiwi["barcodes"] = ["036000291452", "2100123004003"]
    less = {"kind": "discount", "sku": "T-2", "name": "Off", "quantity": "1", "unit_price": 0}
    plain: dict[str, Any] = {"batch": "", "trace": "", "rrn": "", "auth_code": ""}
    paid = {"trace": "000031", "rrn": "600510000031", "batch": "000001"}
    split = [card | paid, other | paid | {"trace": "000032", "rrn": "600510000032"}]
    monday, sunday = "2026-01-05T09:00:00+08:00", "2026-01-04T23:58:00+08:00"
    late = cash | {"kind": "wallet", "paid_at": "2026-01-05T00:01:00+08:00"}
    goods = [tea | {"paid": 6_000}, kiwi | {"paid": 4_001}, less | {"paid": -1}]
    world.sell("split", tenders=split, lines=goods, **plain)
    world.sell("cash", tenders=[cash], lines=[kiwi], amount=4_000, sold_at=sunday, **plain)
    world.sell("late", tenders=[late], lines=[], amount=4_000, sold_at=sunday, **plain)
    world.sell("plain", tenders=[card | {"amount": 10_000}], sold_at=monday)
    early = {"kind": "wallet", "amount": 4_100, "paid_at": "2026-01-04T23:59:00+08:00"}
    behind = {"tenders": [early], "amount": 4_100, "lines": [], **plain}
    world.sell("behind", sold_at="2026-01-05T00:01:00+08:00", **behind)
    of_monday = {"on": date(2026, 1, 5)}
    assert hits(world, amount=4_000, **of_monday) == ["split", "late"], "a leg's, and paid then"
    assert hits(world, amount=4_000, on=date(2026, 1, 4)) == ["late", "cash"], "of one moment"
    assert hits(world, amount=4_100, on=date(2026, 1, 4)) == ["behind"], "paid before it was sold"
    assert hits(world, amount=10_000, **of_monday) == ["plain", "split"], "the sale's"
    assert hits(world, amount=10_000, last_four="8815") == ["split"]
    assert hits(world, last_four="0010", **of_monday) == ["plain", "split"]
    assert hits(world, last_four="0010", on=date(2026, 1, 3)) == []
    codes = {name: codes_for(name, SCALE) for name in ("T-1", "T-2", "0036000291452")}
    of_scale = codes_for("2100123012503", SCALE)
    assert hits(world, goods=codes["T-1"], last_four="8815") == ["split"]
    assert hits(world, goods=codes["T-2"], last_four="8815") == [], "nobody has a discount in hand"
    for kiwis in (codes["0036000291452"], of_scale):
        assert hits(world, goods=kiwis, amount=4_000) == ["split", "cash"]
        assert hits(world, goods=kiwis, **of_monday) == ["split"]
    assert hits(world, amount=10_000, last_four="0010", goods=of_scale, **of_monday) == ["split"]
    for facts in ({}, {"amount": 4_000}, of_monday, {"last_four": "0010"}):
        with pytest.raises(ValueError, match="too little"):
            hits(world, **facts)


def test_what_many_sales_have_is_not_read_through(world: World) -> None:
    """However many have one fact: who has the other is found by that one (R5)."""
    tea = {"sku": "T-1", "name": "Tea", "quantity": "1", "unit_price": 10_000}
    kiwi = tea | {"sku": "K"}
    card = {"kind": "card", "amount": 10_000, "masked": "************8815", "scheme": ""}
    world.sell("one", tenders=[card], lines=[tea, kiwi], amount=10_000)
    pairs: list[dict[str, Any]] = [
        {"goods": codes_for("T-1", ()), "last_four": "8815"},
        {"amount": 10_000, "last_four": "8815"},
        {"goods": codes_for("K", ()), "amount": 10_000},
    ]

    def effort() -> list[int]:
        return [steps(world, facts, ["one"]) for facts in pairs]

    for first in (0, 150):
        world.take_in(*(world.record(f"S{first + n}", lines=[tea]) for n in range(150)))
        if not first:
            before = effort()
    assert effort() == before


def steps(world: World, facts: dict[str, Any], found: list[str]) -> int:
    """Of SQLite's machine, until this was found."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    world.store.db.set_progress_handler(count, 1)
    assert hits(world, **facts) == found
    world.store.db.set_progress_handler(None, 1)
    return counted


def test_a_sale_that_a_card_paid_twice_is_one_hit(world: World) -> None:
    card = {"kind": "card", "amount": 5_000, "masked": "476173******0010", "batch": "000001"}
    legs = [card | {"trace": f"00003{leg}", "rrn": f"60051000003{leg}"} for leg in (1, 2)]
    world.sell("twice", tenders=legs, batch="", trace="", rrn="", auth_code="")
    for facts in ({"amount": 5_000}, {"amount": 10_000}, {"on": date(2026, 1, 5)}):
        found = world.store.sales.sought(Sought(last_four="0010", **facts))
        assert (found.count, keys(found.sales)) == (1, ["twice"])


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM goods_codes",
        "UPDATE goods_codes SET sold_ts = sold_ts + 1",
        "UPDATE goods_codes SET code = '8'",
        "UPDATE goods_codes SET price = price + 1",
        "INSERT INTO goods_codes SELECT sale_key, '8', sold_ts, price FROM goods_codes",
    ],
)
def test_what_finds_goods_is_held_against_the_sales(sold: World, change: str) -> None:
    verify_store(sold.store)
    sold.store.writer.db.execute(change)
    assert failure_of(lambda: verify_store(sold.store)) == "ledger.tampered"


def test_the_lowest_price_is_what_was_paid_for_a_piece_within_the_window(world: World) -> None:
    """With its part of what was taken off, rounded down; as it was sold last."""
    plain: dict[str, Any] = {"batch": "", "trace": "", "rrn": "", "auth_code": ""}

    def sold(name: str, day: str, paid: int, quantity: str, *more: dict[str, Any]) -> None:
        cup = {"sku": "CUP", "name": name, "quantity": quantity, "unit_price": 1_000}
        tender = {"kind": "cash", "amount": paid}
        at = f"2026-01-{day}T09:00:00+08:00"
        world.sell(name, tenders=[tender], lines=[cup, *more], sold_at=at, amount=paid, **plain)

    less = {"kind": "discount", "sku": "OFF", "name": "Off", "quantity": "1", "unit_price": 0}
    sold("first", "02", 500, "1")
    sold("second", "03", 1_900, "3", less)
    sold("third", "04", 1_000, "1")

    def lowest(code: str, since: str) -> tuple[str, int | None] | None:
        at = datetime.fromisoformat(f"2026-01-{since}T00:00:00+08:00")
        found = world.store.sales.sold_before([code], at)
        return None if found is None else (found.line.name, found.lowest)

    assert lowest("CUP", "01") == ("third", 500)
    assert lowest("CUP", "03") == ("third", 633)
    assert lowest("CUP", "04") == ("third", 1_000)
    assert lowest("CUP", "05") == ("third", None), "not within the window"
    assert lowest("OFF", "01") is None, "a discount was never sold"


def test_of_more_than_nine_none_is_shown(world: World) -> None:
    """They are counted so far as it tells anybody anything."""
    facts = Sought(amount=10_000, on=date(2026, 1, 5))
    for added, count, shown in ((9, 9, 9), (1, 10, 0), (MOST_COUNTED, MOST_COUNTED, 0)):
        first = len(world.store.db.execute("SELECT 1 FROM sales").fetchall())
        world.take_in(*(world.record(f"S{first + n:03d}") for n in range(added)))
        found = world.store.sales.sought(facts)
        assert (found.count, len(found.sales)) == (count, shown)


def test_a_gift_receipt_finds_its_sales_the_newest_first(world: World) -> None:
    world.sell("a", gift_receipt_no="G-1", sold_at="2026-01-02T09:00:00+08:00")
    world.sell("b", gift_receipt_no="G-1", sold_at="2026-01-03T09:00:00+08:00")
    world.sell("c")
    assert keys(world.store.sales.by_gift("G-1")) == ["b", "a"]
    assert world.store.sales.by_gift("") == world.store.sales.by_gift("G-") == []


def test_a_list_has_of_each_sale_what_tells_it_from_the_others(world: World) -> None:
    none = dict.fromkeys(("batch", "trace", "rrn", "auth_code"), "")
    paid = {"batch": "000001", "rrn": "600510000031", "trace": "000031"}
    card = {"kind": "card", "amount": 6_000, "masked": "476173******0010", "scheme": ""}
    cash = {"kind": "cash", "amount": 4_000}
    tea = {"sku": "T", "name": "Tea", "quantity": "1", "unit_price": 1}
    shared = {"receipt_no": "R", "lines": []}
    world.sell("leg", tenders=[cash, card | paid], **shared | none)
    world.sell("own", tenders=[cash], amount=4_000, **shared | {"trace": "000044"})
    world.sell("bare", tenders=[cash | {"amount": 5}], amount=5, **shared | none)
    lines = [tea, tea | {"name": "Cup"}]
    london = "2026-01-04T22:00:00+00:00"
    far = {"tenders": [cash], "amount": 4_000, "sold_at": london, "lines": lines}
    world.sell("far", **shared | none | far)
    told = [
        (one.sale_id, one.when, one.number, one.goods, one.amount, one.currency, one.state)
        for one in world.store.sales.by_receipt("R")
    ]
    nine, six = "2026-01-05 09:00", "2026-01-05 06:00"
    assert sorted(told) == [
        ("bare", nine, "R", "", 5, "156", "approved"),
        ("far", six, "R", "Tea", 4_000, "156", "approved"),
        ("leg", nine, "000031", "", 10_000, "156", "approved"),
        ("own", nine, "000044", "", 4_000, "156", "approved"),
    ]


def test_a_long_list_is_read_by_as_few_statements_as_a_short_one(world: World) -> None:
    """However large the shop grows: what is chosen is read whole, the others are not (R5)."""
    token = world.tokens.token(world.visa)
    facts = Sought(last_four="0010", amount=10_000)
    questions: dict[Callable[[Any], Any], int] = {
        lambda s: s.sales.by_receipt("R"): 1,
        lambda s: s.sales.by_gift("G"): 1,
        lambda s: s.sales.by_trace("000017"): 1,
        lambda s: s.sales.by_rrn("600510000017", date(2026, 1, 5)): 1,
        lambda s: s.sales.by_token([token]): 2,
        lambda s: s.sales.sought(facts): 3,
    }
    numbers = {"receipt_no": "R", "gift_receipt_no": "G", "rrn": "600510000017"}
    for count, name in enumerate(("one", "two", "three"), start=1):
        world.sell(name, terminal_id=f"0000000{count}", **numbers)
        for ask, most in questions.items():
            found: Any = ask(world.store)
            assert len(getattr(found, "sales", found)) == count
            assert len(asked(world, ask)) == most


def test_counts_have_what_may_have_been_paid(sold: World) -> None:
    today, store = sold.clock.now().date(), sold.store
    sold.refunded(100, State.ACCEPTED, 100)
    sold.refunded(200, State.ACCEPTED, 50)
    sold.refunded(800, State.DECLINED)
    sold.refunded(1600, State.NOT_SENT)
    sold.refunded(400, State.UNKNOWN)
    assert store.refunds.counts(today, None) == store.refunds.counts(today, "101") == Tally(3, 550)
    assert store.refunds.counts(today, "102") == Tally(0, 0)
    assert store.refunds.counts(today - timedelta(days=1), None) == Tally(0, 0)


def test_the_same_amount_to_the_same_card_is_noticed(sold: World) -> None:
    sold.refunded(100, State.DECLINED)
    sold.refunded(100, State.UNKNOWN)
    token, since = sold.tokens.token(sold.visa), sold.clock.now() - timedelta(minutes=10)
    assert sold.store.refunds.same_recently(token, None, 100, since) == 1
    assert sold.store.refunds.same_recently(token, None, 101, since) == 0
    assert sold.store.refunds.same_recently(token, None, 100, since + timedelta(minutes=11)) == 0


def account_card(sold: World, pan: Pan, par: str | None) -> CardFacts:
    return replace(sold.card(pan), par=par)


def refunded_to(sold: World, card: CardFacts, state: State, **ends: Any) -> None:
    """100 to this card."""
    number = sold.apply_for(100).number
    sealed = sold.do(sold.store.seal(number, card, sold.request(100)))
    sold.conclude(sealed.refund.refund_id, state, **ends)


@pytest.mark.parametrize(("par", "found"), [(PAR, 1), (None, 0), ("V" * 29, 0)])
def test_another_number_of_the_account_is_the_same_card(
    sold: World, par: str | None, found: int
) -> None:
    """By its PAR: the number's token is another one."""
    refunded_to(sold, account_card(sold, sold.visa, PAR), State.UNKNOWN)
    other, since = "f" * 64, sold.clock.now() - timedelta(minutes=10)
    assert sold.store.refunds.same_recently(other, par, 100, since) == found


def test_a_refund_that_token_and_par_find_is_one(sold: World) -> None:
    card = account_card(sold, sold.visa, PAR)
    refunded_to(sold, card, State.UNKNOWN)
    since = sold.clock.now() - timedelta(minutes=10)
    assert sold.store.refunds.same_recently(card.token, PAR, 100, since) == 1


def test_a_card_is_found_by_each_of_its_tokens(sold: World) -> None:
    """It was refunded under the token key that was replaced since."""
    card = account_card(sold, sold.visa, None)
    refunded_to(sold, card, State.DECLINED, cause=Cause.CARD_REFUSED)
    refunded_to(sold, card, State.UNKNOWN)
    since = sold.clock.now() - timedelta(minutes=10)
    assert sold.store.refunds.same_recently("f" * 64, None, 100, since, card.token) == 1
    assert sold.store.refunds.card_refused("f" * 64, PAR, card.token)


def test_called_stolen_is_the_account(sold: World) -> None:
    card = account_card(sold, sold.visa, PAR)
    refunded_to(sold, card, State.DECLINED, cause=Cause.CARD_REFUSED)
    refunds = sold.store.refunds
    assert refunds.card_refused("f" * 64, PAR)
    assert refunds.card_refused(card.token, None)
    assert not refunds.card_refused("f" * 64, None)
    assert not refunds.card_refused("f" * 64, "V" * 29)


def test_decisions_and_approvals_come_back_in_order(sold: World) -> None:
    verdict = Verdict("ceiling", Answer.ASK_SUPERVISOR, ceiling.Against.CEILING, {"limit": 1})
    decision = Decision(Phase.BEFORE_CARD, (verdict,))
    number = sold.apply_for(100, decisions=[decision]).number
    later = Decision(
        Phase.WITH_CARD, (Verdict("card", Answer.DENY, card_match.Against.WRONG_CARD, {}),)
    )
    approval = Approval("201", "王", sold.clock.now(), 100, "ceiling")
    sold.do(sold.store.applications.approve(number, [approval]))
    sold.do(sold.store.applications.add_decision(number, later, refused=True))
    assert sold.store.applications.approvals(number) == [approval]
    assert [(d.rule, d.phase, d.figures) for d in sold.store.applications.decisions(number)] == [
        ("ceiling", "before_card", {"limit": 1}),
        ("card", "with_card", {}),
    ]
    assert sold.application(number).state == "refused"


def test_recent_refunds_are_newest_first(sold: World) -> None:
    for amount in (1, 2, 3):
        sold.refunded(amount, State.DECLINED)
    assert [refund.amount for refund in sold.store.refunds.recent(2)] == [3, 2]
    assert [refund.amount for refund in sold.store.refunds.of_sale(sold.sale().key)] == [1, 2, 3]
    assert [refund.seq for refund in sold.store.refunds.of_sale(sold.sale().key)] == [1, 2, 3]


def test_what_is_not_there_is_none(world: World) -> None:
    store = world.store
    assert (store.sales.by_id("x"), store.refunds.by_id(1), store.applications.by_number(1)) == (
        None,
        None,
        None,
    )


def asked(world: World, ask: Any) -> list[str]:
    """Every question that ``ask`` has the read connection answer."""
    statements: list[str] = []
    world.store.db.set_trace_callback(statements.append)
    ask(world.store)
    world.store.db.set_trace_callback(None)
    return [one for one in statements if one.startswith("SELECT")]


def plans(world: World, ask: Any) -> list[str]:
    """The plan of each of them."""
    return [
        row["detail"]
        for statement in asked(world, ask)
        for row in world.store.db.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]


SCALE = (scale_pattern("21IIIIIPPPPPC"),)
KNOWN: dict[str, Any] = {
    "amount": 10_000,
    "on": date(2026, 1, 5),
    "last_four": "0010",
    "goods": codes_for("2100123012503", SCALE),
}
PAIRS = {f"{one}_{other}": (one, other) for one, other in combinations(KNOWN, 2)}


def _sought(facts: Sequence[str], store: Any) -> Any:
    return store.sales.sought(Sought(**{name: KNOWN[name] for name in facts}))


TYPED = Typed(terminal_id="10020001", rrn="600510000017", on=date(2026, 1, 5), amount=10_000)
QUESTIONS = {
    "sale": lambda s: s.sales.by_id("S1"),
    "by_receipt": lambda s: s.sales.by_receipt("R-S1"),
    "by_gift": lambda s: s.sales.by_gift("G-1"),
    **{f"sought_{name}": partial(_sought, facts) for name, facts in PAIRS.items()},
    "sought_all": lambda s: s.sales.sought(Sought(**KNOWN)),
    "sold_before": lambda s: s.sales.sold_before(["9"], YEAR_AGO),
    "without_receipt": lambda s: s.refunds.without_receipt(["0" * 64], ["1" * 64], YEAR_AGO),
    "by_trace": lambda s: s.sales.by_trace("000017"),
    "by_rrn": lambda s: s.sales.by_rrn("600510000017", date(2026, 1, 5)),
    "by_reference": lambda s: s.sales.by_reference("600510000017"),
    "perhaps": lambda s: s.sales.perhaps(TYPED),
    "perhaps_another": lambda s: s.sales.perhaps_another(1, 1),
    "taken_back": lambda s: s.journal.taken_back(1),
    "by_token": lambda s: s.sales.by_token(["0" * 64], [PAR]),
    "know_accounts": lambda s: s.sales.know_accounts(),
    "first_confirmed": lambda s: s.refunds.first_confirmed(),
    "unconfirmed": lambda s: s.refunds.unconfirmed(date(2026, 1, 1), date(2026, 1, 5)),
    "application": lambda s: s.applications.by_number(1),
    "application's last change": lambda s: s.applications.changed_at(1),
    "kept": lambda s: s.applications.kept(),
    "to_do": lambda s: s.applications.to_do(),
    "of_ticket": lambda s: s.applications.of_ticket(1),
    "leg_refused": lambda s: s.refunds.leg_refused(1, 1),
    "reference_refused": lambda s: s.refunds.reference_refused(1, 1),
    "taken": lambda s: s.refunds.taken("8210703141579"),
    "goods_came_back": lambda s: s.refunds.goods_came_back(1),
    "untaken": lambda s: s.refunds.untaken(1, 1),
    "near_ours": lambda s: s.refunds.like_ours("821070314157", 1, YEAR_AGO),
    "masked_ours": lambda s: s.refunds.like_ours("*********1579", 1, YEAR_AGO),
    "replaced": lambda s: s.refunds.replaced(1),
    "pieces_back": lambda s: s.refunds.pieces_back(1).back,
    "approvals": lambda s: s.applications.approvals(1),
    "decisions": lambda s: s.applications.decisions(1),
    "refund": lambda s: s.refunds.by_id(1),
    "refunds_of": lambda s: s.refunds.of_sale(1),
    "jobs": lambda s: s.slips.in_state(JobState.READY, JobState.UNKNOWN),
    "jobs_of": lambda s: s.slips.of_refund(1),
    "slips_before": lambda s: s.slips.before(None, 9),
    "slips_of": lambda s: s.slips.of_application(1),
    "jobs_of_case": lambda s: s.slips.of_case(1),
    "case": lambda s: s.cases.by_id(1),
    "case_paper": lambda s: s.case_papers.by_number(1),
    "papers_of_case": lambda s: s.case_papers.of_case(1),
    "became": lambda s: s.outcomes.became(1),
    "cases_of_sale": lambda s: s.cases.about(1),
    "to_ask_back": lambda s: s.case_papers.to_ask_back(A_CASE),
    "to_ask_back_of_sale": lambda s: s.case_papers.to_ask_back(OF_SALE),
    "payouts_of_case": lambda s: s.payouts.of_case(1),
    "paid_by": lambda s: s.sales.by_recovery("7120700000038"),
    "payout": lambda s: s.payouts.by_number(1),
    "paid_out": lambda s: s.payouts.paid(1, "2026-11-20"),
    "cases_about": lambda s: s.cases.open_about(1),
    "cases_open": lambda s: s.cases.open_ones(),
    "case_end": lambda s: s.cases.end(1),
    "case_also_counted": lambda s: s.cases.also_counted(1),
    "case_of_sale": lambda s: s.cases.of_sale(1, CaseKind.UNILATERAL_DEBIT),
    "unpaid": lambda s: s.refunds.unpaid("000018"),
    "request": lambda s: s.messages.request(1),
    "findings": lambda s: s.findings.of_refund(1),
    "voucher": lambda s: s.vouchers.by_number("8000000000000"),
    "stock": lambda s: s.stock.after(0, 100),
    "stock_of": lambda s: s.stock.of_refund(1),
    "stock_where": lambda s: s.stock.where(1),
    "stock_absent": lambda s: s.stock.absent(1),
    "stock_page": lambda s: s.stock.page(0, 100),
    "voucher_of": lambda s: s.vouchers.of_refund(1),
    "exchange_credit": lambda s: s.exchange_credits.by_number("8000000000000"),
    "exchange_credit_behind": lambda s: s.exchange_credits.behind(1),
    "exchange_credit_of_refund": lambda s: s.exchange_credits.of_refund(1),
    "open_exchange_credits": lambda s: s.exchange_credits.open_ones(),
    "exchange_credits_of_sale": lambda s: s.exchange_credits.open_of(1),
    "legs_of_exchange_credit": lambda s: s.exchange_credits.legs(1),
    "untold_of_credit": lambda s: s.exchange_credits.untold("8000000000000"),
    "taken_of_credit": lambda s: s.exchange_credits.taken(Taking("8000000000000", 1, request="T1")),
    "redeemed": lambda s: s.vouchers.redeemed(Taking("8000000000000", 1, request="T1")),
    "exception_of": lambda s: s.exceptions.of_application(1),
    "form_of": lambda s: s.manual.of_application(1),
    "carried_out_by": lambda s: s.manual.carried_out_by("4711", 1),
    "form_confirmed_by": lambda s: s.manual.confirmed_by(["4711"], 1),
    "form_paid_by": lambda s: s.manual.paid_by(1),
    "confirmation_of": lambda s: s.manual.confirmation(1),
    "still_called": lambda s: s.cleared.still_called(9),
    "counts": lambda s: s.refunds.counts(date(2026, 1, 5), None),
    "counts_of": lambda s: s.refunds.counts(date(2026, 1, 5), "101"),
    "same_recently": lambda s: s.refunds.same_recently("0" * 64, PAR, 1, s._clock.now()),
    "other_cards_only": lambda s: s.refunds.other_cards_only(1, 1),
    "card_refused": lambda s: s.refunds.card_refused("0" * 64, PAR),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_scans_a_table(sold: World, name: str) -> None:
    sold.seal(1)
    found = plans(sold, QUESTIONS[name])
    assert found
    assert not [
        plan
        for plan in found
        if re.match(r"SCAN (?!counter|CONSTANT|sqlite_sequence|\S+ VIRTUAL TABLE)", plan)
    ], found  # what json_each makes of one row is no table


TOLD: dict[str, Any] = {"at": "2026-01-05T12:00:00+08:00"}
OF_S1 = {"reference": "HQ-1", "sale_id": "S1", "amount": 700, **TOLD}
STEPS: dict[str, Callable[[World], object]] = {
    "sale": lambda w: w.take_in(w.masked("S2")),
    "sale_again": lambda w: w.take_in(w.record()),
    "sale_filled_in": lambda w: w.take_in(w.record(gift_receipt_no="G-1")),
    "voided": lambda w: w.take_in({"kind": "sale_voided", "sale_id": "S1", **TOLD}),
    "adjusted": lambda w: w.take_in({"kind": "adjusted", **OF_S1}),
    "refunded_elsewhere": lambda w: w.take_in({"kind": "refunded_elsewhere", **OF_S1}),
    "batch_closed": lambda w: w.take_in(
        {"kind": "batch_closed", "terminal_id": w.terminal, "batch": "1", **TOLD}
    ),
    "refund": lambda w: w.refunded(1, State.ACCEPTED, 1),
    "stan": lambda w: w.do(w.store.counter.draw_for_till()),
}
FIRST_OR_LAST = (
    r"SCAN (audit|counter|sqlite_sequence|CONSTANT ROW|feed_events USING COVERING INDEX \w+"
    r"|tenders USING INDEX tenders_typed)$"
)
"""One row is looked at, however many there are; ``sqlite_sequence`` has one for each table."""


@pytest.mark.parametrize("name", STEPS)
def test_no_step_scans_a_table(sold: World, name: str) -> None:
    """A day's feed has a hundred thousand sales: of each one row of millions is looked for."""
    statements: list[str] = []
    db = sold.store.writer.db
    db.set_trace_callback(statements.append)
    STEPS[name](sold)
    db.set_trace_callback(None)
    found = [
        row["detail"]
        for statement in statements
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH"))
        for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]
    assert found
    scans = [plan for plan in found if plan.startswith("SCAN")]
    assert not [plan for plan in scans if not re.match(FIRST_OR_LAST, plan)], scans


def test_whose_number_was_paid_is_searched_in_the_log(world: World) -> None:
    """Of each line that pays what the ledger knows nothing of; the log grows for years."""
    world.do(world.store.counter.draw())
    batch = world.store.counter.batch()
    statements: list[str] = []
    world.store.db.set_trace_callback(statements.append)
    assert counter.drew_for_itself(world.store.db, batch, "000001")
    assert not counter.drew_for_itself(world.store.db, batch, "000002")
    world.store.db.set_trace_callback(None)
    plans = [
        row["detail"]
        for one in statements
        for row in world.store.db.execute(f"EXPLAIN QUERY PLAN {one}")
    ]
    assert plans == ["SEARCH audit USING INDEX audit_drawn (<expr>=? AND <expr>=?)"] * 2


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("open_ones", "refunds_open"),
        ("to_hand_over", "refunds_cash"),
        ("recently_given_up", "refunds_given_up_last"),
    ],
)
def test_what_is_open_is_an_index_of_its_own(world: World, name: str, index: str) -> None:
    """A scan, but of an index that has the open ones only: history costs nothing."""
    found = plans(world, lambda store: getattr(store.refunds, name)())
    assert found == [f"SCAN refunds USING INDEX {index}"]


@pytest.mark.parametrize(
    ("name", "index"), [("open_ones", "refunds_forms"), ("withdrawn", "refunds_withdrawn")]
)
def test_forms_are_an_index_of_their_own(world: World, name: str, index: str) -> None:
    found = plans(world, lambda store: getattr(store.manual, name)())
    assert found == [f"SCAN refunds USING INDEX {index}"]


def test_open_cases_are_an_index_of_their_own(world: World) -> None:
    """Those behind the last of a list begin in it where that one stands."""
    found = plans(world, lambda store: store.cases.open_ones())
    assert found[0].startswith("SEARCH cases USING INDEX cases_open (")
    assert not [one for one in found if "TEMP B-TREE" in one or one.startswith("SCAN cases")]


def test_cash_of_payouts_that_lies_there_is_an_index_of_its_own(world: World) -> None:
    found = plans(world, lambda store: store.payouts.to_hand_over())
    assert found == ["SCAN payouts USING INDEX payouts_lying"]


def test_what_waits_for_an_outcome_is_no_case_to_close(world: World) -> None:
    """The home screen counts them without a walk over what is closed."""
    today = world.clock.now().date()
    found = " ".join(plans(world, lambda store: store.cases.due(today)))
    assert "SEARCH k USING INDEX cases_open (due_on<?)" in found
