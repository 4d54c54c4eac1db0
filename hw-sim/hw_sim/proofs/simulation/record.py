"""Days as files that two versions of the terminal can be compared by, with ``diff -r``.

Ready callbacks run in their order. What shows how much was drawn before it is masked: MACs and
numbers of vouchers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from hw_sim.printer.as_text import as_text
from hw_sim.proofs.simulation.day import CUSTOMERS, Report, plan_day
from hw_sim.proofs.simulation.entropy import drawn_from, entropy_of
from hw_sim.proofs.simulation.site import Site, run_site
from pos_terminal.services.ledger.connect import open_reader
from pos_terminal.services.ledger.overview import MANY, overview

_MAC_FIELD: Final = "64"
_MAC: Final = "<mac>"
_VOUCHER: Final = re.compile(r"(?<!\d)8\d{4}(?:\d{6}|\*{6})\d{2}(?!\d)")
"""A voucher's number, whole or masked."""
_VOUCHER_MASK: Final = "<voucher nr.>"
"""As long as a number, so that no row of a slip is shifted."""


def record_days(folder: Path, seeds: Iterable[int], most: int = CUSTOMERS) -> int:
    """``FOLDER/NNNNN.json`` for each seed; how many days were written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for seed in seeds:
        told = json.dumps(_day(seed, most), indent=1, sort_keys=True, ensure_ascii=False)
        (folder / f"{seed:05d}.json").write_text(told + "\n", encoding="utf-8")
        written += 1
    return written


def _day(seed: int, most: int) -> dict[str, Any]:
    setting, story = plan_day(seed, most)

    async def whole(site: Site) -> dict[str, Any]:
        return recording(site, await story(site))

    with drawn_from(entropy_of(seed)):
        try:
            return run_site(whole, setting)
        except Exception as error:  # a day that broke is a difference, not the end of the run
            return {"seed": seed, "broke": repr(error)}


def recording(site: Site, report: Report) -> dict[str, Any]:
    """What the day left behind, on both sides and on paper."""
    found = {
        "seed": report.seed,
        "problems": report.problems,
        "prompts": report.prompts,
        "messages": [_entry(entry) for entry in site.acquirer.log.entries()],
        "acquirer": site.acquirer.ledger(),
        "slips": _slips(site),
        "drawer": site.parts.drawer,
        "ledger": _ledger(site),
        "seconds": site.loop.time(),
    }
    masked: dict[str, Any] = _masked(found)
    return masked


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    """One line of the acquirer's log. Keys and chip data are not in there anyway."""
    fields = entry.get("fields", {})
    if _MAC_FIELD not in fields:
        return entry
    return entry | {"fields": fields | {_MAC_FIELD: _MAC}}


def _slips(site: Site) -> list[dict[str, Any]]:
    """The paper, row by row."""
    receipts = site.parts.printer.printer.roll.all()
    return [
        {"complete": receipt.complete, "lines": as_text(receipt).splitlines()}
        for receipt in receipts
    ]


def _ledger(site: Site) -> dict[str, Any]:
    """As ``pos-terminal ledger --json`` shows it."""
    with closing(open_reader(site.terminal.config.ledger)) as db:
        return overview(db, MANY)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _VOUCHER.sub(_VOUCHER_MASK, value)
    if isinstance(value, dict):
        return {name: _masked(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_masked(one) for one in value]
    return value
