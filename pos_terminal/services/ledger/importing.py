"""A parsed file of the sales feed into the ledger: all of it in one transaction, or nothing (R9).

Events apply in any order: one that comes before its sale waits in ``feed_events`` until the sale
is there. The same record twice is one record; the same sale or event with other content is
refused and named. Once sales were purged, a sale from before that is left out unless it is still
known, and so is an event about it: what was given back of it is not known any more (R54).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, field

from pos_terminal.core.sale import Sale, SaleState
from pos_terminal.ports.books.feed import ImportReport
from pos_terminal.services.ledger import purges
from pos_terminal.services.ledger.books import counter, feed, sales
from pos_terminal.services.ledger.books.feed import events
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.lines import Event, Feed, SaleEntry
from pos_terminal.wire.feed.problem import Problem


class _Progress(Struct):
    """What the file brings that the ledger does not have."""

    sales: dict[str, SaleEntry] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    confirmed: list[int] = field(default_factory=list)
    known: int = 0
    expired: int = 0
    bound: datetime | None = None
    """What is from before and not known is left out; None: nothing is."""
    problems: list[Problem] = field(default_factory=list)

    def is_too_old(self, moment: datetime) -> bool:
        return self.bound is not None and moment < self.bound


def take_in(step: Step, file: Feed, source: str) -> ImportReport:
    """Import the file, or report every line that stands against it and change nothing."""
    progress = _Progress(problems=list(file.problems), bound=purges.horizon(step.db))
    if not progress.problems:
        _sort(step, file, progress)
    if not progress.problems:
        _apply(step, progress, source)
    report = ImportReport(
        source=source,
        records=len(file.entries) + len(file.problems),
        added=0 if progress.problems else len(progress.sales),
        known=progress.known,
        expired=progress.expired,
        events=0 if progress.problems else len(progress.events) + len(progress.confirmed),
        problems=tuple(sorted(progress.problems, key=lambda problem: problem.line)),
    )
    if progress.problems:
        step.log("import_refused", source=source, problems=len(progress.problems))
    return report


def _sort(step: Step, file: Feed, progress: _Progress) -> None:
    """New ones apart from known ones, and from those that contradict what is known."""
    for entry in file.entries:
        if isinstance(entry, SaleEntry):
            _sort_sale(step, entry, progress)
    for entry in file.entries:
        if isinstance(entry, Event):
            _sort_event(step, entry, progress)


def _sort_sale(step: Step, entry: SaleEntry, progress: _Progress) -> None:
    key, state = entry.sale.sale_id, entry.sale.state
    before = sales.known(step.db, key)
    earlier = progress.sales.get(key)
    known = earlier or before
    if known is None:
        if progress.is_too_old(entry.sale.sold_at):
            progress.expired += 1
        else:
            progress.sales[key] = entry
        return
    if not entry.is_content(known.content):
        reason = f"sale {key} is known with other content"
        progress.problems.append(Problem(entry.line, reason))
    elif state is not SaleState.APPROVED:
        progress.known += 1
    elif earlier is not None and earlier.sale.state is SaleState.UNCONFIRMED:
        progress.sales[key] = entry
    elif before is not None and before.state is SaleState.UNCONFIRMED:
        progress.confirmed.append(before.key)
    else:
        progress.known += 1


def _sort_event(step: Step, event: Event, progress: _Progress) -> None:
    earlier = progress.events.get(event.key)
    content = feed.content_of(step.db, event.key) if earlier is None else earlier.content
    if content is None:
        if progress.is_too_old(event.at) and not _concerns_known_sale(step, event, progress):
            progress.expired += 1
        else:
            progress.events[event.key] = event
        return
    if content == event.content:
        progress.known += 1
        return
    reason = f"{event.kind} {event.name} is known with other content"
    progress.problems.append(Problem(event.line, reason))


def _concerns_known_sale(step: Step, event: Event, progress: _Progress) -> bool:
    key = event.sale_id
    return key is not None and (key in progress.sales or sales.known(step.db, key) is not None)


def _apply(step: Step, progress: _Progress, source: str) -> None:
    """Write what is new. Undone as a whole where an event can't be applied."""
    step.db.execute("SAVEPOINT file")
    import_id = _store(step, progress, source)
    for key in progress.confirmed:
        sales.confirm(step, key)
    progress.problems += events.apply(step, progress.sales, progress.events.values())
    if progress.problems:
        step.db.execute("ROLLBACK TO file")
    else:
        _raise_stan(step, (entry.sale for entry in progress.sales.values()))
        feed.log(
            step,
            source,
            import_id,
            _records(progress),
            sales=len(progress.sales),
            events=len(progress.events),
            confirmed=len(progress.confirmed),
        )
    step.db.execute("RELEASE file")


def _records(progress: _Progress) -> list[str]:
    """What stands in the log for what is new."""
    told = [sales.record(entry.sale.key, entry.content) for entry in progress.sales.values()]
    return told + [event.content for event in progress.events.values()]


def _store(step: Step, progress: _Progress, source: str) -> int | None:
    """The new rows; the import's number, None where nothing is new."""
    if not progress.sales and not progress.events:
        return None
    keyed = sales.with_keys(step, progress.sales.values())
    progress.sales = {entry.sale.sale_id: entry for entry in keyed}
    import_id = feed.add_import(step, source, _records(progress))
    sales.add(step, progress.sales.values(), import_id)
    feed.add_events(step, progress.events.values(), import_id)
    return import_id


def _raise_stan(step: Step, new: Iterable[Sale]) -> None:
    """The highest trace that a sale application used here in the current batch (R10)."""
    _, batch = counter.current(step.db)
    traces = [
        sale.trace
        for sale in new
        if sale.terminal_id == step.home.terminal_id and sale.batch == batch and sale.trace
    ]
    if traces:
        counter.raise_above(step, max(traces))
