"""Sets of numbers as spans, ``1-400,402``: what a purge went over fits into one audit entry."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct


class Spans(Struct, frozen=True):
    """First and last number of each span, ascending; no two of them touch."""

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, text: str) -> Spans:
        """From ``text``. ValueError for anything else."""
        parts = (part.partition("-") for part in text.split(",") if part)
        return cls(tuple((int(first), int(last or first)) for first, _, last in parts))

    @classmethod
    def joined(cls, texts: Iterable[str]) -> Spans:
        """All that is in any of them."""
        return cls(_merged(sorted(span for text in texts for span in cls.of(text).spans)))

    @property
    def text(self) -> str:
        return ",".join(
            str(first) if first == last else f"{first}-{last}" for first, last in self.spans
        )

    @property
    def last(self) -> int:
        """The highest number; 0 where there is none."""
        return self.spans[-1][1] if self.spans else 0

    def __contains__(self, number: int | None) -> bool:
        """None, of a row that has no such number, is in no set."""
        if number is None:
            return False
        at = bisect_right(self.spans, number, key=lambda span: span[0])
        return at > 0 and number <= self.spans[at - 1][1]

    def __or__(self, numbers: Iterable[int]) -> Spans:
        """With these numbers as well."""
        added = ((number, number) for number in numbers)
        return Spans(_merged(sorted((*self.spans, *added))))

    def gaps(self) -> Iterator[int]:
        """The numbers from 1 to ``last`` that are not in it, ascending."""
        after = 1
        for first, last in self.spans:
            yield from range(after, first)
            after = last + 1


def _merged(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ascending spans with those made one that touch or overlap."""
    merged: list[tuple[int, int]] = []
    for first, last in spans:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


NONE: Final = Spans()
