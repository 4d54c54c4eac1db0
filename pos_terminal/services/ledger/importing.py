"""Records of the sales feed into the ledger: the good ones, in the caller's transaction (R9).

Events apply in any order: one that comes before its sale waits in ``feed_events`` until the sale
is there. The same record twice is one record; the same sale or event with other content is
refused and named. Once sales were purged, a sale from before that is left out unless it is still
known, and so is an event about it: what was given back of it is not known any more (R54).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from pos_terminal.core.digest import digest
from pos_terminal.core.reference import neighbours
from pos_terminal.core.sale import Sale, SaleState, Tender
from pos_terminal.core.sale_event import SaleEvent
from pos_terminal.core.told_again import merge
from pos_terminal.core.typed import yields
from pos_terminal.services.ledger import exchange_told, joining, purges, recovery_told
from pos_terminal.services.ledger.books import counter, feed, sales
from pos_terminal.services.ledger.books.feed import events
from pos_terminal.services.ledger.books.feed.taking import Taken
from pos_terminal.services.ledger.books.sales import Transaction
from pos_terminal.services.ledger.step import Step
from pos_terminal.wire.feed.bad import BadLine
from pos_terminal.wire.feed.entries import Event, SaleEntry
from pos_terminal.wire.feed.problem import Problem

Entries = Sequence[SaleEntry | Event]


class _Progress(Struct):
    """What the records bring that the ledger does not have."""

    sales: dict[str, SaleEntry] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    """Of ``filled`` those to which a record adds nothing but that they are."""
    filled: dict[str, SaleEntry] = field(default_factory=dict)
    """Sales of the ledger with what a record adds."""
    transactions: dict[Transaction, list[tuple[str, str]]] = field(default_factory=dict)
    """The days of each, and whose it is then."""
    any_typed: bool = False
    """Whether the ledger has any payment that was typed: most have none, and need ask no more."""
    typed: dict[str, tuple[Tender, ...]] = field(default_factory=dict)
    """Of ``filled`` the legs of which something was typed, and is told now; as they were typed."""
    known: int = 0
    expired: int = 0
    bound: datetime | None = None
    """What is from before and not known is left out; None: nothing is."""
    problems: list[Problem] = field(default_factory=list)

    def is_too_old(self, moment: datetime) -> bool:
        return self.bound is not None and moment < self.bound

    @property
    def is_empty(self) -> bool:
        return not (self.sales or self.events or self.filled)

    @property
    def changed(self) -> list[str]:
        """Sales that new events void, or tell another amount of."""
        kinds = (SaleEvent.SALE_VOIDED, SaleEvent.ADJUSTED)
        return [one.sale_id for one in self.events.values() if one.kind in kinds and one.sale_id]

    def earlier(self, sale_id: str) -> SaleEntry | None:
        """As this file has it so far."""
        return self.sales.get(sale_id) or self.filled.get(sale_id)

    def whose(self, one: Transaction, on: str, but: str) -> str | None:
        """Another sale of this file that is the same transaction."""
        found = self.transactions.get(one, ())
        return next((name for day, name in found if name != but and neighbours(day, on)), None)

    def put(self, entry: SaleEntry) -> None:
        """In place of what it has so far."""
        place = self.sales if entry.sale.sale_id in self.sales else self.filled
        place[entry.sale.sale_id] = entry


def take_in(step: Step, entries: Entries, source: str) -> Taken:
    """Import the good ones; those that stand against the ledger, or each other, are named."""
    problems: list[Problem] = []
    while True:
        any_typed = sales.typed_sales(step.db)
        progress = _Progress(bound=purges.horizon(step.db), any_typed=any_typed)
        _sort(step, entries, progress)
        problems += progress.problems
        failed = [] if progress.is_empty else _try(step, progress, source)
        if not failed:
            break
        problems += failed
        # without them the others are told anew: what came of one may hang on another
        bad = {problem.line for problem in problems}
        entries = [entry for entry in entries if entry.line not in bad]
    if progress.is_empty:
        step.log("import_known", source=source, known=progress.known)
    return Taken(
        added=len(progress.sales),
        known=progress.known,
        expired=progress.expired,
        events=len(progress.events) + len(progress.filled),
        problems=problems,
    )


def _try(step: Step, progress: _Progress, source: str) -> list[Problem]:
    """Write what is new. With problems nothing was."""
    with step.undoable() as undo:
        failed = _apply(step, progress, source)
        if failed:
            undo()
    return failed


def _sort(step: Step, entries: Entries, progress: _Progress) -> None:
    """New ones apart from known ones, and from those that contradict what is known."""
    for entry in entries:
        if isinstance(entry, SaleEntry):
            _sort_sale(step, entry, progress)
    for entry in entries:
        if isinstance(entry, Event):
            _sort_event(step, entry, progress)


def _sort_sale(step: Step, entry: SaleEntry, progress: _Progress) -> None:
    key = entry.sale.sale_id
    before, earlier = sales.known(step.db, key), progress.earlier(key)

    def as_known() -> Sale | None:
        if earlier is not None:
            return earlier.sale
        return None if before is None else sales.as_told(step.db, key)

    entry = exchange_told.as_ours(step.db, entry, as_known)
    if earlier is None and before is None:
        if progress.is_too_old(entry.sale.sold_at):
            progress.expired += 1
        elif _is_one(step, entry, progress):
            progress.sales[key] = entry
        return
    if entry.is_content(
        earlier.content if earlier is not None else before.content if before else ""
    ):
        _told_again(step, entry, earlier, before, progress)
        return
    stands = earlier.sale if earlier is not None else sales.as_told(step.db, key)
    base, typed = yields(stands, entry.sale)
    merged = merge(base, entry.sale)
    if merged.contradictions:
        differs = "; ".join(map(str, merged.contradictions))
        _refuse(progress, entry, BadLine("other_content", sale=key, differs=differs))
    elif not merged.filled and not typed:
        _told_again(step, entry, earlier, before, progress)
    else:
        _fill_in(step, entry, merged.sale, progress)
        if typed and progress.earlier(key) is not earlier:
            # as it was typed: an earlier record of this file may have taken some of it back
            all_typed = (*typed, *progress.typed.get(key, ()))
            progress.typed[key] = tuple({leg.leg: leg for leg in all_typed}.values())


def _told_again(
    step: Step,
    entry: SaleEntry,
    earlier: SaleEntry | None,
    before: sales.Known | None,
    progress: _Progress,
) -> None:
    """Nothing new but that it is confirmed, perhaps."""
    approved = entry.sale.state is SaleState.APPROVED
    if approved and earlier is not None and earlier.sale.state is SaleState.UNCONFIRMED:
        progress.put(replace(earlier, sale=replace(earlier.sale, state=SaleState.APPROVED)))
    elif approved and earlier is None and before and before.state is SaleState.UNCONFIRMED:
        known = replace(sales.as_told(step.db, entry.sale.sale_id), state=SaleState.APPROVED)
        progress.confirmed.add(known.sale_id)
        progress.put(SaleEntry(entry.line, known, before.content))
    else:
        progress.known += 1


def _fill_in(step: Step, entry: SaleEntry, merged: Sale, progress: _Progress) -> None:
    """The sale with what this record adds."""
    if entry.sale.state is SaleState.APPROVED and merged.state is SaleState.UNCONFIRMED:
        merged = replace(merged, state=SaleState.APPROVED)
    filled = SaleEntry(entry.line, merged, digest(merged))
    if not _is_one(step, filled, progress):
        return
    if merged.sale_id in progress.sales:
        progress.known += 1
    progress.put(filled)


def _is_one(step: Step, entry: SaleEntry, progress: _Progress) -> bool:
    """Whether none of its transactions at the acquirer is another sale's; else it is refused."""
    sale = entry.sale
    if progress.any_typed and (why := _typed_against(step, sale)) is not None:
        _refuse(progress, entry, why)
        return False
    for one, on in sales.transactions(sale, step.home.zone):
        other = progress.whose(one, on, sale.sale_id)
        if other is None:
            other = sales.of_transaction(step.db, one, on, sale.key)
        if other is not None and other != sale.sale_id:
            _refuse(progress, entry, BadLine("same_transaction", sale=other, rrn=one.rrn))
            return False
        progress.transactions.setdefault(one, []).append((on, sale.sale_id))
    return True


def _typed_against(step: Step, sale: Sale) -> BadLine | None:
    """What was typed of its payments and can't become one with it now: where it is another sale's
    reference, or refunds of two are open, of which one sale has one at most (R32)."""
    found = [typed for _, typed in joining.typed_of(step, sale)]
    for one in found:
        if one.name is not None:
            return BadLine("typed_for_another", sale=one.name)
    if found and not sales.may_join(step.db, sale.key, *(one.sale_key for one in found)):
        return BadLine("typed_open")
    return None


def _refuse(progress: _Progress, entry: SaleEntry, why: BadLine) -> None:
    progress.problems.append(events.problem(entry.line, entry.sale.sale_id, why))


def _sort_event(step: Step, event: Event, progress: _Progress) -> None:
    earlier = progress.events.get(event.key)
    content = feed.content_of(step.db, event.key) if earlier is None else earlier.content
    if content is None:
        if progress.is_too_old(event.at) and not _concerns_known_sale(step, event, progress):
            progress.expired += 1
        elif _closed_already(step, event, progress):
            progress.known += 1
        else:
            progress.events[event.key] = event
    elif content == event.content or event.kind in _TOLD_AGAIN:
        progress.known += 1
    else:
        why = BadLine("event_other_content", kind=event.kind.value, name=event.name)
        progress.problems.append(events.problem(event.line, event.sale_id or "", why))


_TOLD_AGAIN: Final = frozenset({SaleEvent.SALE_VOIDED, SaleEvent.BATCH_CLOSED})
"""What was voided or closed is so, at whatever moment it is told to have been."""


def _closed_already(step: Step, event: Event, progress: _Progress) -> bool:
    """Whether the same batch is known to be closed then or within a day after: sales up to that
    moment are in it. Batch numbers come again, but not so soon."""
    if event.terminal_id is None or event.batch is None:
        return False
    bound = event.at + _SAME_BATCH
    of_file = (
        other.at
        for other in progress.events.values()
        if (other.terminal_id, other.batch) == (event.terminal_id, event.batch)
    )
    return any(event.at <= at < bound for at in of_file) or feed.closed_between(
        step.db, event.terminal_id, event.batch, event.at, bound
    )


_SAME_BATCH: Final = timedelta(days=1)


def _concerns_known_sale(step: Step, event: Event, progress: _Progress) -> bool:
    key = event.sale_id
    return key is not None and (key in progress.sales or sales.known(step.db, key) is not None)


def _apply(step: Step, progress: _Progress, source: str) -> list[Problem]:
    """Write what is new; what stands against it."""
    keyed = sales.with_keys(step, progress.sales.values())
    progress.sales = {entry.sale.sale_id: entry for entry in keyed}
    records = _records(step, progress)
    import_id = _store(step, progress, source, records)
    for entry in progress.filled.values():
        sales.close_batch_of(step, entry.sale)
        if entry.sale.state is SaleState.APPROVED:
            sales.confirm(step, entry.sale.key)
    failed = events.apply(step, progress.sales, progress.events.values())
    told = (*progress.sales.values(), *progress.filled.values())
    if progress.any_typed or progress.typed:
        joining.join_all(step, (entry.sale for entry in told))
        for key, legs in progress.typed.items():
            for leg in legs:
                joining.contradict(step, progress.filled[key].sale, leg)
    exchange_told.look(step, (entry.sale for entry in told), progress.changed)
    recovery_told.look(step, (entry.sale for entry in told))
    joining.all_asked_before(step, (entry.sale for entry in told))
    stan = _raise_stan(step, (entry.sale for entry in told))
    feed.log(
        step,
        source,
        import_id,
        records,
        sales=len(progress.sales),
        events=len(progress.events),
        confirmed=len(progress.confirmed),
        filled=len(progress.filled) - len(progress.confirmed),
        stan=stan,
    )
    return failed


def _records(step: Step, progress: _Progress) -> list[str]:
    """What stands in the log for what is new."""
    entries = (*progress.sales.values(), *progress.filled.values())
    told = [sales.record(entry.sale, entry.content, step.home.zone) for entry in entries]
    return told + [feed.record_of(event) for event in progress.events.values()]


def _store(step: Step, progress: _Progress, source: str, records: Sequence[str]) -> int:
    """The new rows; the import's number."""
    import_id = feed.add_import(step, source, records)
    sales.add(step, progress.sales.values(), import_id)
    feed.take_off(step, sales.fill(step, progress.filled.values(), import_id))
    feed.add_events(step, progress.events.values(), import_id)
    return import_id


def _raise_stan(step: Step, new: Iterable[Sale]) -> int | None:
    """The highest trace that a sale application used here in the current batch (R10); what the STAN
    is now, None where none was."""
    here = (step.home.terminal_id, counter.current(step.db)[1])
    numbered = [
        numbers
        for sale in new
        for numbers in (
            (sale.terminal_id, sale.batch, sale.trace),
            *((one.terminal_id, one.batch, one.trace) for one in sale.payments),
        )
    ]
    traces = [trace for *where, trace in numbered if tuple(where) == here and trace]
    return counter.raise_above(step, max(traces)) if traces else None
