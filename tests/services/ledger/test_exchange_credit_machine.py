"""Any order of returns, exchange credits, tills and restarts: nobody gets back more than was paid,
of a leg, of the goods that are back, or of the sale (R37)."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from worlds.exchange_credits import AS_NEW, bring_back, buy, rest, sell
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.exchange_credit import CreditState, ExchangeCredit, spread
from pos_terminal.core.items import brings, most_of, share_out, still_owed
from pos_terminal.core.quantity import SCALE
from pos_terminal.core.refund import Kind, Refund, State
from pos_terminal.core.ticket import fill
from pos_terminal.ports import Application, Draft, Taking
from pos_terminal.services.proof.verify import verify_store

LEGS = {1: 1_000, 2: 1_400}
PRICES = {1: 500, 2: 900}
SOLD = {1: 3, 2: 1}
GOODS = st.fixed_dictionaries({1: st.integers(0, 3), 2: st.integers(0, 1)})
BACK_AS = {1: Kind.REFUND, 2: Kind.CASH}
PLACES = st.integers(0, 9)


class Ledgers(RuleBasedStateMachine):
    """Holds the ledger against what was handed out, told by nobody but this."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.world = sell(World(Path(self.folder.name), slots=8))
        self.given = {1: 0, 2: 0}
        self.back = {1: 0, 2: 0}
        self.credits: list[str] = []
        self.taken: dict[str, tuple[str, int, int]] = {}
        """By request: of which credit, how much, and what it was told to have left."""
        self.requests = (f"T{n}" for n in count(1))
        self.bought: dict[str, tuple[str, int]] = {}
        """By the till's name of the sale: by which credit it says it was paid, and how much."""
        self.reopened: dict[str, int] = {}
        """By such a sale: what of it is open again."""

    def teardown(self) -> None:
        if hasattr(self, "world"):
            verify_store(self.world.store)
            self.world.close()
            self.folder.cleanup()

    def plan(self, goods: dict[int, int], kind: Kind | None) -> list[Application]:
        """Opened as at the counter, for what these goods bring; nothing where they bring none."""
        sale = self.world.sale()
        wanted = {line: each * SCALE for line, each in goods.items() if each}
        if not wanted or any(each > sale.line(line).remaining for line, each in wanted.items()):
            return []
        room = {one.leg: one.remaining for one in sale.tenders}
        amount = most_of(sale, sum(room.values()), wanted)
        parts = {leg: part for leg, part in fill(amount, room).items() if part}
        owed = still_owed(sale, sum(room.values()), amount, wanted)
        assert amount + owed == brings(sale, wanted) or not parts
        drafts = []
        for place, (leg, part) in enumerate(parts.items(), 1):
            items = share_out(sale, wanted, part) if place == 1 else ()
            named = [type(one)(one.line, one.quantity, one.amount, one.worth, AS_NEW)
                     for one in items]  # fmt: skip
            drafts.append(
                Draft(
                    sale_key=sale.key,
                    leg=leg,
                    kind=kind or BACK_AS[leg],
                    amount=part,
                    reason="4",
                    note="",
                    operator="101",
                    items=named,
                    owed=owed if place == 1 else 0,
                    place=place,
                )
            )
        opened = self.world.do(self.world.store.applications.open_ticket(drafts))
        self.world.do(
            self.world.store.applications.approve_ticket([one.number for one in opened], [])
        )
        return list(opened)

    @rule(goods=GOODS)
    def set_aside(self, goods: dict[int, int]) -> None:
        opened = self.plan(goods, Kind.EXCHANGE_CREDIT)
        if not opened:
            return
        lasts = timedelta(hours=2)
        numbers = [one.number for one in opened]
        work = self.world.store.make_exchange_credit(numbers, lasts, lambda _, __: ())
        credit = self.world.do(work)
        assert credit.left == sum(one.amount for one in opened)
        self.credits.append(credit.number)
        self.came_back(goods)

    def came_back(self, goods: dict[int, int]) -> None:
        for line, each in goods.items():
            self.back[line] += each

    @rule(goods=GOODS, stop=st.booleans())
    def bring_back(self, goods: dict[int, int], stop: bool) -> None:
        """Perhaps with some of it left to do."""
        for place, one in enumerate(self.plan(goods, None)):
            if not place:
                self.came_back(goods)
            if not (place and stop):
                assert self.give(one) == ""

    @rule(place=PLACES, part=st.integers(1, 10))
    def go_on(self, place: int, part: int) -> None:
        """With something that is to do; of a card perhaps a part. Its money may have gone back with
        the last goods."""
        to_do = self.world.store.applications.to_do()
        if to_do:
            assert self.give(to_do[place % len(to_do)], part) in ("", "ledger.balance")

    def give(self, one: Application, part: int = 10) -> str:
        """What is against it; nothing where money went out."""
        if one.amount > self.world.sale().tender(one.leg).remaining:
            return failure_of(self.hand_out, one, part)
        self.given[one.leg] += self.hand_out(one, part)
        return ""

    def hand_out(self, one: Application, part: int) -> int:
        if one.kind is Kind.CASH:
            self.world.do(self.world.store.commit_cash(one.number, (self.world.slip(),)))
            return one.amount
        sealed = self.world.seal_again(one.number, one.amount).refund.refund_id
        done = max(1, one.amount * part // 10)
        self.world.conclude(sealed, State.ACCEPTED, done)
        return done

    @rule(place=PLACES, amount=st.integers(1, 2_400))
    def take(self, place: int, amount: int) -> None:
        credit = self.one(place)
        if credit is None:
            return
        request = next(self.requests)
        before = {one.refund_id: one.done for one in self.legs(credit)}
        taking = Taking(credit.number, amount, request=request)
        fits = amount <= credit.left and not credit.has_expired(self.world.clock.moment)
        if not fits:
            assert failure_of(self.world.do, self.world.store.take_exchange_credit(taking))
            return
        answer = self.world.do(self.world.store.take_exchange_credit(taking))
        assert (answer.left, answer.again) == (credit.left - amount, False)
        self.taken[request] = (credit.number, amount, answer.left)
        fell = {one.leg: one.done - before[one.refund_id] for one in self.legs(credit)}
        assert sum(fell.values()) == amount
        for leg, share in fell.items():
            self.given[leg] += share

    @rule(place=PLACES)
    def ask_again(self, place: int) -> None:
        if self.taken:
            request = sorted(self.taken)[place % len(self.taken)]
            number, amount, left = self.taken[request]
            taking = Taking(number, amount, request=request)
            answer = self.world.do(self.world.store.take_exchange_credit(taking))
            assert (answer.left, answer.again) == (left, True)

    @rule(place=PLACES)
    def settle(self, place: int) -> None:
        credit = self.one(place)
        if credit is None:
            return
        left = [(one.leg, BACK_AS[one.leg], one.amount - one.done) for one in self.legs(credit)]
        drafts = rest(self.world, *(one for one in left if one[2]))
        work = self.world.store.settle_exchange_credit(credit.number, drafts, "102")
        if credit.state is CreditState.SETTLED:
            assert failure_of(self.world.do, work) == "voucher.settled"
        else:
            assert sum(one.amount for one in self.world.do(work)) == credit.left

    @rule(place=PLACES, amount=st.integers(1, 2_400))
    def buy(self, place: int, amount: int) -> None:
        """As a till tells: perhaps of more than it took."""
        credit = self.one(place)
        if credit is not None:
            name = f"B{len(self.bought) + 1}"
            buy(self.world, name, credit.number, amount)
            self.bought[name], self.reopened[name] = (credit.number, amount), 0

    @rule(place=PLACES, amount=st.integers(1, 2_400))
    def bring_back_what_it_bought(self, place: int, amount: int) -> None:
        """No more than the sale was paid by it, nor than the till took and nobody has back."""
        if not self.bought:
            return
        name = sorted(self.bought)[place % len(self.bought)]
        number, paid = self.bought[name]
        credit = self.world.store.exchange_credits.by_number(number)
        assert credit is not None
        taken = sum(took for one, took, _ in self.taken.values() if one == number)
        others = [one for one, (by, _) in self.bought.items() if by == number]
        left = min(paid - self.reopened[name], taken - sum(self.reopened[one] for one in others))
        tender = self.world.sale(name).tender(1)
        assert min(tender.remaining, tender.reopens) == left
        room = self.world.store.exchange_credits.spent(credit.ticket)
        legs = {one.leg: room[one.refund_id] for one in self.legs(credit)}
        shares = spread(amount, legs)
        back = [(leg, BACK_AS[leg], share) for leg, share in shares.items()]
        if amount > left:
            why = failure_of(bring_back, self.world, name, amount, *back, goods=False)
            assert why in ("ledger.balance", "ledger.not_reopened")
            return
        bring_back(self.world, name, amount, *back, goods=False)
        self.reopened[name] += amount
        for leg, share in shares.items():
            self.given[leg] -= share

    @rule()
    def wait(self) -> None:
        self.world.clock.moment += timedelta(hours=1, minutes=1)

    @rule()
    def restart(self) -> None:
        self.world.reopen()

    def one(self, place: int) -> ExchangeCredit | None:
        if not self.credits:
            return None
        return self.world.store.exchange_credits.by_number(self.credits[place % len(self.credits)])

    def legs(self, credit: ExchangeCredit) -> Sequence[Refund]:
        found: Sequence[Refund] = self.world.store.exchange_credits.legs(credit.ticket)
        return found

    @invariant()
    def no_more_goes_back_than_was_paid(self) -> None:
        if not hasattr(self, "world"):
            return
        held = dict.fromkeys(LEGS, 0)
        for number in self.credits:
            credit = self.world.store.exchange_credits.by_number(number)
            assert credit is not None
            taken = sum(amount for one, amount, _ in self.taken.values() if one == number)
            assert credit.taken == taken <= credit.amount
            for one in self.legs(credit) if credit.left else ():
                held[one.leg] += one.amount - one.done
        for leg, paid in LEGS.items():
            assert self.world.tender(leg=leg) == (self.given[leg], held[leg])
            assert self.given[leg] + held[leg] <= paid
        for name, amount in self.reopened.items():
            assert self.world.tender(name) == (amount, 0)
        for line, sold in SOLD.items():
            assert self.world.line(line) == (self.back[line] * SCALE, 0)
            assert self.back[line] <= sold
        worth = sum(each * PRICES[line] for line, each in self.back.items())
        assert sum(self.given.values()) + sum(held.values()) <= worth


def test_any_order_of_things() -> None:
    case = Ledgers.TestCase
    case.settings = settings(
        max_examples=20,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    case("runTest").runTest()
