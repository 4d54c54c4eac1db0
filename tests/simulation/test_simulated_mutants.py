"""A mistake put into the terminal is noticed; ``synchronous = NORMAL`` takes a power cut."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from hw_sim.proofs.simulation.clerk import Lost, SimClerk
from hw_sim.proofs.simulation.crash import killed_at, moments_of
from hw_sim.proofs.simulation.invariants import violations
from hw_sim.proofs.simulation.mutants import MUTANTS
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from hw_sim.proofs.simulation.stories import (
    CREDIT,
    PROMOTED,
    REFUND,
    REFUND_UNANSWERED,
    SECOND_LEG,
    VOID_UNANSWERED,
    Story,
)

STORIES = {
    "send before commit": (REFUND, "the terminal knows of nothing"),
    "reversal forgotten": (VOID_UNANSWERED, "never ends: reversing"),
    "hold released early": (REFUND_UNANSWERED, "open refunds"),
    "goods released early": (REFUND_UNANSWERED, "账本被改动"),
    "repeat with a new STAN": (REFUND_UNANSWERED, "paid"),
    "approval not recorded": (REFUND, "never ends: sealed"),
    "goods at list price": (PROMOTED, "goods brought 2590"),
    "first payment for every leg": (SECOND_LEG, "leg 2: the acquirer gave back 0"),
    "voucher after its refund": (CREDIT, "vouchers of [], issued were ['refund 1']"),
}


def test_every_mutant_has_its_story() -> None:
    assert STORIES.keys() == MUTANTS.keys()


@pytest.mark.parametrize("name", STORIES)
def test_a_mutant_is_noticed(name: str) -> None:
    story, expected = STORIES[name]
    with MUTANTS[name]():
        found = noticed(story)
    assert expected in found


def noticed(story: Story) -> str:
    """What first does not hold, wherever from the money's first step on it is killed."""
    setting = Setting(rules=story.rules)
    moments = moments_of(story, setting)
    first = "seal:before" if story.by_card else "issue_credit:before"
    for place in range(moments.index(first), len(moments)):
        try:
            problems = killed_at(story, setting, place).problems
        except Lost as lost:
            problems = [str(lost)]
        if problems:
            return "\n".join(problems)
    return "nothing"


@pytest.mark.parametrize("start", [0, 4090, 4096])
@pytest.mark.parametrize("packed", [False, True])
def test_a_card_number_in_a_file_is_noticed(start: int, packed: bool) -> None:
    """Wherever it lies, and however often the files around it were looked at."""

    async def story(site: Site) -> None:
        site.start()
        await SimClerk(site).log_in()
        assert violations(site) == []
        number = site.shop.sale("visa-older").tenders[0].card
        assert number is not None
        leak = bytes.fromhex(number.pan) if packed else number.pan.encode()
        (site.terminal.config.data_dir / "leak").write_bytes(bytes(start) + leak)
        assert violations(site) == ["a card number lies in leak"]

    run_site(story)


@pytest.mark.parametrize("name", STORIES)
def test_without_it_nothing_is(name: str) -> None:
    """The mutant leaves nothing behind: the next terminal is right again."""
    mutant: AbstractContextManager[None] = MUTANTS[name]()
    with mutant:
        pass
    setting = Setting()
    place = moments_of(REFUND, setting).index("conclude:before")
    assert killed_at(REFUND, setting, place).problems == []
