"""The receipt's texts in one language or in two. The catalogue is handed in: wire reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct

from pos_terminal.wire.receipt.pair import Pair

Tongue = Literal["zh", "en"]
Catalogue = Mapping[str, Mapping[str, str]]
"""``area.name`` -> {"zh": …, "en": …}, as ``pos_terminal.texts.catalogue`` has it."""


class Wording(Struct, frozen=True):
    """Texts in the receipt's languages, in their order on paper."""

    texts: Catalogue
    tongues: tuple[Tongue, ...]

    def each(self, name: str, **values: str | int) -> tuple[str, ...]:
        """``receipt.name`` in each language; the same text only once."""
        entry = self.texts[f"receipt.{name}"]
        return _distinct(entry[tongue].format_map(values) for tongue in self.tongues)

    def label(self, name: str) -> str:
        """A short name in all languages side by side."""
        return " ".join(self.each(name))

    def pick(self, pair: Pair) -> tuple[str, ...]:
        """A text that came with the slip in both languages; empty ones left out."""
        by_tongue = {"zh": pair.zh, "en": pair.en}
        return _distinct(by_tongue[tongue] for tongue in self.tongues if by_tongue[tongue])

    def scheme(self, brand: str) -> str:
        """The card scheme as people know it; a brand that no text has, as it came."""
        return self._name(f"card.scheme_{brand}", brand)

    def rule(self, code: str) -> str:
        """The rule as people call it; a code that no text has, as it came."""
        return self._name(f"rules.name_{code}", code)

    def _name(self, key: str, code: str) -> str:
        entry = self.texts.get(key)
        if entry is None:
            return code
        return " ".join(_distinct(entry[tongue] for tongue in self.tongues))


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
