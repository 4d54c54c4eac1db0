"""A parsed file of the sales feed into the ledger: all of it in one transaction, or nothing (R9).

Events apply in any order: one that comes before its sale waits in ``feed_events`` until the sale
is there. The same record twice is one record; the same sale or event with other content is
refused and named. Once sales were purged, a sale from before that is left out unless it is still
known, and so is an event about it: what was given back of it is not known any more (R54).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct, field

from pos_terminal.core.sale import Sale, SaleState
from pos_terminal.services.ledger import feed_events, purges
from pos_terminal.services.ledger.books import counter, sales
from pos_terminal.services.ledger.content import digest_of_many
from pos_terminal.services.ledger.report import ImportReport
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.lines import Event, Feed, SaleEntry
from pos_terminal.wire.feed.problem import Problem


class _Progress(Struct):
    """What the file brings that the ledger does not have."""

    sales: dict[str, SaleEntry] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    confirmed: list[str] = field(default_factory=list)
    known: int = 0
    expired: int = 0
    bound: datetime | None = None
    """What is from before and not known is left out; None: nothing is."""
    problems: list[Problem] = field(default_factory=list)

    def is_too_old(self, moment: datetime) -> bool:
        return self.bound is not None and moment < self.bound


def take_in(step: Step, feed: Feed, source: str) -> ImportReport:
    """Import the file, or report every line that stands against it and change nothing."""
    progress = _Progress(problems=list(feed.problems), bound=purges.horizon(step.db))
    if not progress.problems:
        _sort(step, feed, progress)
    if not progress.problems:
        _apply(step, feed, progress, source)
    report = ImportReport(
        source=source,
        records=len(feed.entries) + len(feed.problems),
        added=0 if progress.problems else len(progress.sales),
        known=progress.known,
        expired=progress.expired,
        events=0 if progress.problems else len(progress.events) + len(progress.confirmed),
        problems=tuple(sorted(progress.problems, key=lambda problem: problem.line)),
    )
    if progress.problems:
        step.log("import_refused", source=source, problems=len(progress.problems))
    return report


def _sort(step: Step, feed: Feed, progress: _Progress) -> None:
    """New ones apart from known ones, and from those that contradict what is known."""
    for entry in feed.entries:
        if isinstance(entry, SaleEntry):
            _sort_sale(step, entry, progress)
    for entry in feed.entries:
        if isinstance(entry, Event):
            _sort_event(step, entry, progress)


def _sort_sale(step: Step, entry: SaleEntry, progress: _Progress) -> None:
    key, state = entry.sale.sale_id, entry.sale.state
    stored = step.db.execute("SELECT content, state FROM sales WHERE sale_id = ?", (key,))
    before = stored.fetchone()
    earlier = progress.sales.get(key)
    if before is None and earlier is None:
        if progress.is_too_old(entry.sale.sold_at):
            progress.expired += 1
        else:
            progress.sales[key] = entry
        return
    content = before["content"] if earlier is None else earlier.content
    if content != entry.content:
        reason = f"sale {key} is known with other content"
        progress.problems.append(Problem(entry.line, reason))
    elif state is not SaleState.APPROVED:
        progress.known += 1
    elif earlier is not None and earlier.sale.state is SaleState.UNCONFIRMED:
        progress.sales[key] = entry
    elif before is not None and before["state"] == SaleState.UNCONFIRMED:
        progress.confirmed.append(key)
    else:
        progress.known += 1


def _sort_event(step: Step, event: Event, progress: _Progress) -> None:
    stored = step.db.execute("SELECT content FROM feed_events WHERE event_key = ?", (event.key,))
    before = stored.fetchone()
    earlier = progress.events.get(event.key)
    if before is None and earlier is None:
        if progress.is_too_old(event.at) and not _concerns_known_sale(step, event, progress):
            progress.expired += 1
        else:
            progress.events[event.key] = event
        return
    content = before["content"] if earlier is None else earlier.content
    if content == event.content:
        progress.known += 1
        return
    reason = f"{event.kind} {event.key.partition('/')[2]} is known with other content"
    progress.problems.append(Problem(event.line, reason))


def _concerns_known_sale(step: Step, event: Event, progress: _Progress) -> bool:
    known = step.db.execute("SELECT 1 FROM sales WHERE sale_id = ?", (event.sale_id,)).fetchone()
    return known is not None or event.sale_id in progress.sales


def _apply(step: Step, feed: Feed, progress: _Progress, source: str) -> None:
    """Write what is new. Undone as a whole where an event can't be applied."""
    step.db.execute("SAVEPOINT file")
    import_id = _store(step, progress, source)
    for key in progress.confirmed:
        sales.confirm(step, key)
    progress.problems += feed_events.apply(step, progress.sales, progress.events.values())
    if progress.problems:
        step.db.execute("ROLLBACK TO file")
    else:
        _raise_stan(step, (entry.sale for entry in progress.sales.values()))
        step.log(
            "import",
            source=source,
            import_id=import_id,
            sales=len(progress.sales),
            events=len(progress.events),
            confirmed=len(progress.confirmed),
            digest=_digest(step, progress),
        )
    step.db.execute("RELEASE file")


def _digest(step: Step, progress: _Progress) -> str:
    sales = [entry.content for entry in progress.sales.values()]
    events = [event.content for event in progress.events.values()]
    return digest_of_many(step.audit_key, sales + events)


def _store(step: Step, progress: _Progress, source: str) -> int | None:
    """The new rows, through sqlite-utils; the import's number, None where nothing is new."""
    if not progress.sales and not progress.events:
        return None
    from sqlite_utils import Database

    count = len(progress.sales) + len(progress.events)
    import_id = step.db.execute(
        "INSERT INTO imports (at, source, records, digest) VALUES (?, ?, ?, ?)",
        (step.now.isoformat(), source, count, _digest(step, progress)),
    ).lastrowid
    db = Database(step.db, execute_plugins=False)
    entries = progress.sales.values()
    db.table("sales").insert_all(_sale_row(entry, import_id) for entry in entries)
    db.table("tenders").insert_all(row for entry in entries for row in _tender_rows(entry.sale))
    db.table("lines").insert_all(row for entry in entries for row in _line_rows(entry.sale))
    db.table("feed_events").insert_all(
        feed_events.row(event, import_id) for event in progress.events.values()
    )
    return import_id


def _sale_row(entry: SaleEntry, import_id: int | None) -> dict[str, object]:
    sale = entry.sale
    return {
        "sale_id": sale.sale_id,
        "merchant_id": sale.merchant_id,
        "terminal_id": sale.terminal_id,
        "batch": sale.batch,
        "trace": sale.trace,
        "rrn": sale.rrn,
        "auth_code": sale.auth_code,
        "sold_at": sale.sold_at.isoformat(),
        "sold_ts": int(sale.sold_at.timestamp()),
        "sold_on": sale.sold_at.date().isoformat(),
        "currency": sale.currency,
        "amount": sale.amount,
        "receipt_no": sale.receipt_no,
        "state": sale.state.value,
        "batch_closed": 0,
        "content": entry.content,
        "import_id": import_id,
    }


def _tender_rows(sale: Sale) -> Iterator[dict[str, object]]:
    for tender in sale.tenders:
        card = tender.card
        yield {
            "sale_id": sale.sale_id,
            "leg": tender.leg,
            "kind": tender.kind.value,
            "amount": tender.amount,
            "masked": card.masked if card else None,
            "token": card.token if card else None,
            "token_key_id": card.token_key_id if card else None,
            "par": card.par if card else None,
            "scheme": card.scheme if card else "",
            "funding": card.funding.value if card else "unknown",
            "sold_ts": int(sale.sold_at.timestamp()),
        }


def _line_rows(sale: Sale) -> Iterator[dict[str, object]]:
    for line in sale.lines:
        yield {
            "sale_id": sale.sale_id,
            "line": line.line,
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "unit_price": line.unit_price,
            "category": line.category,
        }


def _raise_stan(step: Step, sales: Iterable[Sale]) -> None:
    """The highest trace that a sale application used here in the current batch (R10)."""
    _, batch = counter.current(step.db)
    traces = [
        sale.trace
        for sale in sales
        if sale.terminal_id == step.home.terminal_id and sale.batch == batch and sale.trace
    ]
    if traces:
        counter.raise_above(step, max(traces))
