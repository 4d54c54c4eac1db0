"""Where something went wrong any slip of ours leads to it: to the case that it belongs to, else to
its sale and its refund (R45)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hw_sim.proofs.simulation.clerk import SimClerk
from hw_sim.proofs.simulation.site import Setting, Site, run_site
from worlds.counter import one_line
from worlds.releases import TODAY, Release

from pos_terminal.ports import PrintJob
from pos_terminal.texts import Language

TO_ITS_CASE: Final = {
    *("case_record", "complaint"),
    *("recovery", "claim", "correction", "refund_enquiry", "payout", "payout_form"),
}
"""By the kind of the slip."""
TO_ITS_SALE: Final = {
    *("refund", "void", "cash", "credit", "points", "form", "manual"),
    *("exchange", "exchange_credit", "exchange_back"),
    *("declined", "not_sent", "reversed", "pending", "given_up", "overpaid"),
    *("enquiry", "to_do"),
}
WITHOUT_CODE: Final = {"proof", "refused"}
OF_THE_BENCH: Final = {"test"}
"""Its code is of no terminal."""


def one_of_each(site: Site) -> Mapping[tuple[str, str], PrintJob]:
    """The newest of each kind, and of each kind of code on it: a voucher's is another one than
    that of the slip which the shop keeps of it."""
    found: dict[tuple[str, str], PrintJob] = {}
    for job in site.ledger.slips.before(None, 1_000_000):
        found.setdefault((job.slip.body.kind, job.slip.head.barcode[:1]), job)
    return found


def sale_of(site: Site, job: PrintJob) -> str:
    """Its name on the screen, by what the ledger has stored of this paper."""
    (key,) = site.ledger.db.execute(
        """SELECT coalesce(r.sale_key, a.sale_key, c.sale_key) FROM print_jobs j
        LEFT JOIN refunds r ON r.refund_id = j.refund_id
        LEFT JOIN applications a ON a.number = j.application
        LEFT JOIN cases c ON c.case_id = j.case_id WHERE j.job_id = ?""",
        (job.job_id,),
    ).fetchone()
    sale = site.ledger.sales.by_key(key)
    assert sale is not None
    return sale.name


def test_each_kind_of_slip_leads_there(tmp_path: Path) -> None:
    release = Release(TODAY, tmp_path / "shop")

    async def told(site: Site) -> None:
        site.start()
        clerk = SimClerk(site)
        await clerk.wait_for_life()
        slips = one_of_each(site)
        assert {kind for kind, _ in slips} == (
            TO_ITS_CASE | TO_ITS_SALE | WITHOUT_CODE | OF_THE_BENCH
        )
        assert {kind for kind, digit in slips if not digit} >= WITHOUT_CODE
        for (kind, digit), job in slips.items():
            if not digit:
                continue
            await clerk.home()
            await clerk.at("home: menu", "menu: 4 4")
            clerk.scan(job.slip.head.barcode)
            shown = await clerk.wait("case.kind", "case.facts", "failure")
            if kind in OF_THE_BENCH:
                assert shown == "failure"
            elif digit == "7" or kind in TO_ITS_CASE:  # also a voucher that is a payout
                assert shown == "case.facts", kind
                assert f" {job.slip.head.case} " in one_line(clerk), kind
            else:
                assert shown == "case.kind", kind
                assert sale_of(site, job) in clerk.text, kind
        assert site.crashes == []

    run_site(told, Setting(language=Language.EN), shop=release.shop())
