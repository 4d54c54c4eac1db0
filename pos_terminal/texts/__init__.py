"""The catalogue of texts: one TOML file an area, Chinese and English side by side.

``[name]`` has ``zh`` and ``en`` for the person at the keypad and, for a failure, ``tech``: what
happened, the likely cause, what to do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from pos_terminal.core.words import Words, say


class Language(StrEnum):
    ZH_CN = "zh_CN"
    EN = "en"

    @property
    def column(self) -> str:
        """The key of this language's text in the catalogue files."""
        return "zh" if self is Language.ZH_CN else "en"


NAMES: Final[dict[str, str]] = {}
"""Texts that have another name than the code that they say."""
_ENTRIES: Final = ("zh", "en", "tech")
_SUFFIX: Final = ".toml"
_FOLDER: Final = Path(__file__).parent


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All texts by what they say: ``area.name`` -> {"zh": …, "en": …, "tech": …}. Read once,
    which takes a while: ``known`` and ``render`` read no more than they need."""
    areas = sorted(file.stem for file in _FOLDER.glob(f"*{_SUFFIX}"))
    codes = {key: code for code, key in NAMES.items()}
    keys = {f"{area}.{name}": entry for area in areas for name, entry in _area(area).items()}
    return {codes.get(key, key): entry for key, entry in keys.items()}


@cache
def _area(area: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of one file, read when the first of them is shown: a start needs few of them."""
    file = _FOLDER / f"{area}{_SUFFIX}"
    if not file.is_file():
        return {}
    texts = tomllib.loads(file.read_text("utf-8"))
    for name, entry in texts.items():
        if not {"zh", "en"} <= set(entry) <= set(_ENTRIES):
            raise ValueError(f"{file.name}: [{name}] needs zh and en, and may have tech")
    return texts


def key_of(code: str) -> str:
    """Which text says what has this code: the one of the same name, unless NAMES has another."""
    return NAMES.get(code, code)


def _entry(code: str) -> Mapping[str, str]:
    area, _, name = key_of(code).partition(".")
    try:
        return _area(area)[name]
    except KeyError:
        raise KeyError(code) from None


def known(code: str) -> bool:
    """Whether there is a text for it."""
    area, _, name = key_of(code).partition(".")
    return name in _area(area)


def next_step(words: Words) -> Words | None:
    """What to do next, where there is a text for that too: ``<code>_next``."""
    return words_if_known(f"{words.code}_next", words)


def words_if_known(code: str, like: Words | None = None) -> Words | None:
    """What has this code with the values of another one, where there is a text for it."""
    values = {} if like is None else like.values
    return say(code, **values) if known(code) else None


def render(words: Words, language: Language) -> str:
    """The text in ``language`` with its figures. KeyError for a code without a text."""
    return _entry(words.code)[language.column].format_map(_plain(words))


def technician(words: Words) -> str:
    """The technician's line; the English text where a failure has none of its own."""
    entry = _entry(words.code)
    return entry.get("tech", entry["en"]).format_map(_plain(words))


def _plain(words: Words) -> dict[str, str]:
    return {name: str(value) for name, value in words.values.items()}
