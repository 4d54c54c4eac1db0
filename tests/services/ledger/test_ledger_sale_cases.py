"""A case about a sale that has no refund: a customer debited for a sale that failed (R8)."""

from __future__ import annotations

from collections.abc import Sequence

from worlds.ledger import World

from pos_terminal.core.case import CaseKind
from pos_terminal.core.refund import State
from pos_terminal.services.ledger.overview import overview
from pos_terminal.services.proof.verify import verify_store
from pos_terminal.wire.receipt.head import Copy
from pos_terminal.wire.receipt.slip import Slip

KIND = CaseKind.UNILATERAL_DEBIT


def register(world: World, sale_id: str = "S1", operator: str = "101") -> int:
    def slips(case: int) -> Sequence[Slip]:
        return [world.slip(copy, case=case, application=0) for copy in Copy]

    number: int = world.do(
        world.store.cases.open_of_sale(world.sale(sale_id).key, KIND, operator, slips)
    )
    return number


def test_it_is_opened_once_with_its_slips_and_audited(world: World) -> None:
    world.sell(state="unconfirmed")
    assert world.store.cases.of_sale(world.sale().key, KIND) is None
    number = register(world)
    assert register(world, operator="102") == number
    case = world.store.cases.by_id(number)
    assert case == world.store.cases.of_sale(world.sale().key, KIND)
    assert case is not None
    assert (case.kind, case.sale_key, case.refund_id, case.open) == (
        KIND,
        world.sale().key,
        None,
        True,
    )
    assert case.opened_at == world.clock.now()
    jobs = world.store.slips.of_case(number)
    assert [job.slip.copy for job in jobs] == list(Copy)
    assert {job.slip.head.case for job in jobs} == {number}
    assert world.kinds().count("case") == 1
    verify_store(world.store)


def test_a_copy_of_its_slip_stays_with_the_case(world: World) -> None:
    world.sell(state="unconfirmed")
    number = register(world)
    first = world.store.slips.of_case(number)[0]
    copy = world.do(world.store.slips.reprint(first.job_id, "101"))
    assert copy.duplicate == 1
    assert [job.job_id for job in world.store.slips.of_case(number)][-1] == copy.job_id


def test_cases_of_the_sale_and_of_its_refunds_do_not_meet(world: World) -> None:
    world.sell()
    refund_id = world.refunded(4_000, State.UNKNOWN, case=KIND).refund_id
    assert world.store.cases.of_sale(world.sale().key, KIND) is None
    number = register(world)
    found = overview(world.store.db)["cases"]
    assert [(c["case_id"], c["refund_id"], c["sale_id"], c["state"]) for c in found] == [
        (number - 1, refund_id, "S1", "open"),
        (number, None, "S1", "open"),
    ]


def test_it_stays_open_when_the_sale_is_confirmed(world: World) -> None:
    world.sell(state="unconfirmed")
    number = register(world)
    assert world.take_in(world.record()).imported
    case = world.store.cases.by_id(number)
    assert case is not None
    assert case.open
    assert world.seal(1).refund.state is State.SEALED
