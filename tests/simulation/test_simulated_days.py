"""Seeded days of the whole terminal; a long run is ``python -m hw_sim.simulation --seeds N``."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hw_sim.printer.models import MODELS
from hw_sim.proofs.simulation.__main__ import main
from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.credit_till import CreditTill
from hw_sim.proofs.simulation.day import Report, run_day
from hw_sim.proofs.simulation.elsewhere import Elsewhere
from hw_sim.proofs.simulation.gremlin import Gremlin
from hw_sim.proofs.simulation.mutants import send_before_commit
from hw_sim.proofs.simulation.person import Person
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from worlds.simulated_days import DAYS, day

IN_ONE_TEST = 10
FEW = 2
TOO_EARLY = 108
"""A day on which somebody withdraws a form before the cut-off: one in thirty."""
BY_FILE = 98
"""A day on which the acquirer's file tells that a form was paid."""
EXPIRED = 53
"""A day on which somebody asks for the rest of an exchange credit whose time is over."""
NO_REFUND = 286
"""A day on which somebody looks where goods are that no refund brought."""
VOIDED = 57
"""A day on which a till voids what an exchange credit paid, and other such goods come back."""
NAMED = (TOO_EARLY, BY_FILE, EXPIRED, NO_REFUND, VOIDED)
STAFF = ("badge scanned", "badge alone", "unknown badge", "wrong PIN", "receipt for a badge")
TILL = ("till adjusts", "till tells it twice", "till's total below what is back")
LIES = ("hit lie", "hit regret", "acquirer pays what nobody asked for", "cases closed")
FORMS = (
    *("form printed", "form paid elsewhere", "form paid after all", "form paid by file"),
    *("form withdrawn the next morning", "form opened: wallet"),
    *("person withdraws a form too early", "person gift to credit", "till fetches points"),
)
TYPED = (
    *("typed as a sale", "typed as the reference of a sale", "typed sale given back"),
    *("typed sale joined", "typed and withdrawn", "till tells late twice"),
    *("given without a receipt", "refused without a receipt: no_receipt_ceiling"),
)
EXCHANGES = (
    *("person exchanges for the same", "person exchanges for goods of its price"),
    *("person types the price of what goes out", "person types another price"),
    *("person exchanges for other goods", "person cancels an exchange"),
    *("person will choose at the till", "person takes an exchange credit"),
    *("till sells for an exchange credit", "till sells for an exchange credit and cash"),
    *("till voids what an exchange credit paid", "person wants the rest of an exchange credit"),
    "person brings back what an exchange credit paid",
    "person asks for the rest of an expired credit",
)
SCANS = (
    *("person scans a piece", "person scans another piece's number"),
    *("person can't read the number of a piece", "person scans goods of the sale"),
    *("person scans goods that the sale has not", "person says that it is another piece"),
    *("person scans what the scales printed", "person types a weight"),
    *("person finds goods otherwise than booked", "person corrects stock"),
    *("person looks for goods of no refund", "person deducts"),
)
INVOICES = (
    *("till tells of an invoice twice", "killed while the till tells of invoices"),
    *("person takes an invoice back", "person has no invoice back"),
    *("person types a red-letter invoice", "person scans a red-letter invoice"),
)
SEEN_AT_ALL = (*FORMS, *TYPED, *EXCHANGES, *SCANS, *INVOICES)


def told(report: Report) -> str:
    return "\n".join(
        [*report.problems, f"replay: python -m hw_sim.simulation --seed {report.seed}"]
    )


@pytest.mark.parametrize("first", range(0, DAYS, IN_ONE_TEST))
def test_whatever_happens_the_money_agrees(first: int) -> None:
    reports = [day(seed) for seed in range(first, first + IN_ONE_TEST)]
    failed = [told(report) for report in reports if report.problems]
    assert not failed, "\n\n".join(failed)
    assert sum(report.refunds for report in reports) > IN_ONE_TEST
    assert sum(report.kills for report in reports) > IN_ONE_TEST


def test_there_is_all_of_it_among_them() -> None:
    reports = [day(seed) for seed in (*range(DAYS), *NAMED)]
    faults = sum((report.faults for report in reports), Counter[str]())
    seen = (
        [f"person {one}" for one in STAFF] + [f"printer {one}" for one in MODELS] + [*TILL, *LIES]
    )
    assert [what for what in seen if faults[what] <= FEW] == []
    assert [what for what in SEEN_AT_ALL if not faults[what]] == []


def test_an_acquirer_that_knows_repeats_never_refuses_late() -> None:
    """It would pay the repeat while its refusal is on the way; no terminal could tell."""

    async def story(site: Site) -> set[str]:
        site.start()
        await SimClerk(site).log_in()
        chance = Random(7)
        gremlin = Gremlin(site, chance, Counter())
        seen = set()
        for _ in range(100):
            site.acquirer.set_mode("normal")
            for _ in range(6):
                await chance.choice([gremlin._mode, gremlin._code])()
            modes = {fault.name for fault in site.acquirer.faults.active}
            assert not {"code", "delay"} <= modes
            seen |= modes
        return seen

    assert {"code", "delay"} <= run_site(story)


def test_a_person_at_a_terminal_that_was_just_killed_knows_of_nothing() -> None:
    async def story(site: Site) -> None:
        counts = Counter[str]()
        person = Person(
            *(site, Random(7), counts),
            whims=Random(0),
            forgetful=Random(0),
            bare=Random(0),
            unsure=Random(0),
            exchanging=Random(0),
            bringing=Random(0),
            scanning=Random(0),
            correcting=Random(0),
            mistaken=Random(0),
            elsewhere=Elsewhere(site, 0, counts),
            credit_till=CreditTill(site, 0, counts),
        )
        site.start()
        await person.clerk.log_in()
        site.terminal.kill()
        await site.revive()
        assert site.terminal.ledger is None
        for prompt in ("home", "menu"):
            assert person.choices(prompt)

    run_site(story, Setting(repeat="never"))


def test_one_seed_is_one_day() -> None:
    first, again, other = day(3), run_day(3), day(4)
    assert (first.trace, first.prompts) == (again.trace, again.prompts)
    assert first.trace != other.trace


def test_a_run_counts_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "2", "--first", "31"]) == 0  # each of them has a refund accepted
    said = capsys.readouterr().out
    assert said.startswith("2 days, ")
    for part in ("outcomes:", "faults:", "refund accepted", "killed", "failed: 0"):
        assert part in said


def test_a_failing_day_names_the_command_that_replays_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with send_before_commit():  # two days of three fail by it, whatever their seeds draw
        days = range(0, 24, 2)
        assert any(main(["--seeds", "2", "--first", str(first)]) == 1 for first in days)
        said = capsys.readouterr().out
        command = next(line for line in said.splitlines() if "replay:" in line)
        seed = command.rpartition(" ")[2]
        assert command == f"  replay: python -m hw_sim.simulation --seed {seed}"
        assert main(["--seed", seed]) == 1
    assert "FAILED" in capsys.readouterr().out
    assert main(["--seed", seed]) == 0
