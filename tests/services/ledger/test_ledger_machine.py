"""Any order of what clerks, acquirer, feed and restarts do: the balance holds, nothing is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from worlds.failures import failure_of
from worlds.ledger import World

from pos_terminal.core.case_end import CaseCause
from pos_terminal.core.items import Item
from pos_terminal.core.refund import HOLDING, PAID, SPENT, IllegalMove, Kind, State, move
from pos_terminal.core.words import Failure
from pos_terminal.ports import Approval, Closing, Finding
from pos_terminal.services.proof.verify import verify_store

AMOUNT = 1000
SOLD = {1: 3000, 2: 750}
"""Thousandths of each line."""
QUANTITIES = st.fixed_dictionaries(
    {1: st.sampled_from([0, 0, 500, 1000, 3000, 3001]), 2: st.sampled_from([0, 250, 750])}
)
_NO_CARD = (State.TO_HAND_OVER, State.HANDED_OVER, State.ISSUED, State.BOOKED)
ENDS = [s for s in State if s is not State.SEALED and s not in _NO_CARD]


def machine() -> type[RuleBasedStateMachine]:
    class Ledgers(RuleBasedStateMachine):
        """Holds the ledger against a model of two sums and a list."""

        @initialize()
        def begin(self) -> None:
            self.folder = tempfile.TemporaryDirectory()
            self.world: World = World(Path(self.folder.name), slots=4)
            tea = {"sku": "1", "name": "Tea", "quantity": 3, "unit_price": 200}
            rice = {"sku": "2", "name": "Rice", "quantity": "0.75", "unit_price": 500}
            self.world.sell(amount=AMOUNT, lines=[tea, rice])
            self.states: dict[int, tuple[State, int, int]] = {}
            self.goods: dict[int, dict[int, int]] = {}
            self.elsewhere = 0
            self.goods_elsewhere = 0
            self.stans: set[tuple[str, str]] = set()
            self.counted = 0
            self.locking: set[int] = set()
            self.cases_elsewhere = 0

        def teardown(self) -> None:
            if hasattr(self, "world"):
                verify_store(self.world.store)
                self.world.close()
                self.folder.cleanup()

        @property
        def spent(self) -> int:
            spent = sum(d for s, _, d in self.states.values() if s in SPENT)
            return self.elsewhere + spent + self.counted

        @property
        def held(self) -> int:
            return sum(a for s, a, _ in self.states.values() if s in HOLDING)

        def named(self, line: int, states: frozenset[State]) -> int:
            """Thousandths that refunds in these states name."""
            return sum(
                goods.get(line, 0)
                for number, goods in self.goods.items()
                if self.states[number][0] in states
            )

        def gone(self, line: int) -> tuple[int, int]:
            """Returned and held, thousandths."""
            elsewhere = self.goods_elsewhere if line == 1 else 0
            return self.named(line, SPENT) + elsewhere, self.named(line, HOLDING)

        @rule(amount=st.integers(1, AMOUNT + 1), void=st.booleans(), goods=QUANTITIES)
        def seal(self, amount: int, void: bool, goods: dict[int, int]) -> None:
            kind = Kind.VOID if void else Kind.REFUND
            fits = amount <= AMOUNT - self.spent - self.held and (not void or amount == AMOUNT)
            goods = {line: quantity for line, quantity in goods.items() if quantity}
            fits &= all(each <= SOLD[line] - sum(self.gone(line)) for line, each in goods.items())
            items = [Item(line, quantity, 0, 0) for line, quantity in goods.items()]
            sale = self.world.sale("S1")
            closed = sale.state == "voided" or sale.locked or self.held > 0
            try:
                refund = self.world.seal(amount, kind=kind, items=items).refund
            except Failure:
                refund = None
            free = "SELECT count(*) FROM key_slots WHERE state = 'free'"
            if refund is None:
                slots = self.world.store.db.execute(free).fetchone()[0]
                assert not fits or closed or slots == 0
                return
            assert fits
            assert not closed
            assert (refund.batch, refund.stan) not in self.stans
            self.stans.add((str(refund.batch), str(refund.stan)))
            self.states[refund.refund_id] = (State.SEALED, amount, 0)
            self.goods[refund.refund_id] = goods

        @precondition(lambda self: bool(getattr(self, "states", None)))
        @rule(data=st.data(), state=st.sampled_from(ENDS), part=st.integers(1, 10))
        def conclude(self, data: st.DataObject, state: State, part: int) -> None:
            refund_id = data.draw(st.sampled_from(sorted(self.states)))
            old, amount, _ = self.states[refund_id]
            refund = self.world.refund(refund_id)
            fitting = {State.UNKNOWN: Kind.REFUND, State.REVERSING: Kind.VOID}
            if fitting.get(state, refund.kind) is not refund.kind:
                return
            done = self.part_of(refund_id, amount, part) if state in PAID else 0
            try:
                move(old, state)
            except IllegalMove:
                with pytest.raises(IllegalMove):
                    self.world.conclude(refund_id, state, done)
                return
            case = "overpayment" if state is State.OVERPAID else None
            self.world.conclude(refund_id, state, done, slips=(self.world.slip(),), case=case)
            self.ended(refund_id, state, amount, done)

        @precondition(lambda self: bool(getattr(self, "states", None)))
        @rule(data=st.data(), paid=st.booleans(), part=st.integers(1, 10))
        def conclude_by_people(self, data: st.DataObject, paid: bool, part: int) -> None:
            refund_id = data.draw(st.sampled_from(sorted(self.states)))
            old, amount, _ = self.states[refund_id]
            done = self.part_of(refund_id, amount, part) if paid else 0
            state = State.ACCEPTED if paid else State.GIVEN_UP
            state = State.OVERPAID if old is State.GIVEN_UP and paid else state
            two = (Approval(n, "", self.world.clock.now(), amount, "") for n in ("201", "202"))
            finding = Finding(done, "20260105001", "101", (next(two), next(two)))
            try:
                move(old, state, told=True)
            except IllegalMove:
                with pytest.raises(IllegalMove):
                    self.world.conclude(refund_id, state, done, finding=finding)
                return
            case = "overpayment" if state is State.OVERPAID else None
            self.world.conclude(refund_id, state, done, finding=finding, case=case)
            self.ended(refund_id, state, amount, done)

        def part_of(self, refund_id: int, amount: int, part: int) -> int:
            """A void is in full."""
            void = self.world.refund(refund_id).kind is Kind.VOID
            return amount if void else max(1, amount * part // 10)

        def ended(self, refund_id: int, state: State, amount: int, done: int) -> None:
            self.states[refund_id] = (state, amount, done)
            if state is State.OVERPAID:
                self.locking.add(refund_id)

        @precondition(
            lambda self: bool(getattr(self, "locking", None) or getattr(self, "cases_elsewhere", 0))
        )
        @rule()
        def close_an_overpayment(self) -> None:
            case = self.world.store.cases.open_ones()[0]
            numbers = ("201", "202") if case.over else ("201",)
            people = tuple(Approval(n, "", self.world.clock.now(), 0, "") for n in numbers)
            closing = self.world.store.cases.close(
                case.case_id, Closing("1234", "102", people, cause=CaseCause.TRAINING)
            )
            if self.held:
                assert failure_of(self.world.do, closing) == "cases.leg_open"
                return
            self.world.do(closing)
            over = case.over
            if case.refund_id is not None:
                self.locking.remove(case.refund_id)
                over = self.states[case.refund_id][2]
            else:
                self.cases_elsewhere -= 1
            self.counted += min(over, AMOUNT - self.spent)

        @rule(amount=st.integers(1, AMOUNT), quantity=st.integers(0, 3000))
        def refund_elsewhere(self, amount: int, quantity: int) -> None:
            number = len(self.stans) * 10_000 + self.elsewhere
            reference = f"HQ-{number}-{amount}-{quantity}"
            record: dict[str, Any] = {"kind": "refunded_elsewhere", "reference": reference}
            record |= {"sale_id": "S1", "amount": amount, "at": "2026-01-05T12:00:00+08:00"}
            record |= {"lines": [{"line": 1, "quantity": f"{quantity / 1000:.3f}"}]}
            report = self.world.take_in(record)
            assert report.refused == 0
            if report.known:
                return
            money = min(amount, AMOUNT - self.spent - self.held)
            goods = min(quantity, SOLD[1] - sum(self.gone(1)))
            self.elsewhere += money
            self.goods_elsewhere += goods
            if (money, goods) != (amount, quantity):
                self.cases_elsewhere += 1
                assert self.world.store.cases.open_ones()[-1].over == amount - money

        @rule()
        def restart(self) -> None:
            self.world.reopen()

        @rule()
        def lose_power(self) -> None:
            """Goes on with the files as they are, nothing closed first."""
            copy = self.world.copy(f"copy{len(list(self.world.folder.iterdir()))}")
            before = self.world.store
            self.world.store = self.world.open(copy)
            before.close()
            for suffix in ("", "-wal", "-shm", ".lock", ".head"):
                old = self.world.path.with_name(f"ledger.db{suffix}")
                if suffix != ".head":
                    old.unlink(missing_ok=True)
            self.world.store.close()
            copy.replace(self.world.path)
            self.world.store = self.world.open()

        @rule()
        def tidy(self) -> None:
            self.world.do(self.world.store.tidy.once())

        @rule(batch=st.sampled_from([None, "000001", "000002"]))
        def resequence(self, batch: str | None) -> None:
            self.world.do(self.world.store.counter.resequence(batch))

        @invariant()
        def the_balance_holds(self) -> None:
            if not hasattr(self, "world"):
                return
            done, held = self.world.tender()
            assert (done, held) == (self.spent, self.held)
            assert 0 <= done + held <= AMOUNT
            for line, sold in SOLD.items():
                assert self.world.line(line) == self.gone(line)
                assert 0 <= sum(self.gone(line)) <= sold
            over = [case.over for case in self.world.store.cases.open_ones() if case.over]
            assert self.world.sale("S1").locked is bool(self.locking or over)
            assert len(over) <= len(self.locking) + self.cases_elsewhere
            open_ones = {r.refund_id for r in self.world.store.refunds.open_ones()}
            assert open_ones == {n for n, (s, _, _) in self.states.items() if s in HOLDING}
            for refund_id in open_ones:
                request = self.world.store.messages.reopen(refund_id)
                assert request.get(2) == self.world.visa.reveal()

    return Ledgers


def test_any_order_of_things() -> None:
    case = machine().TestCase
    case.settings = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    case("runTest").runTest()
