"""The catalogue of texts: one TOML file an area, Chinese and English side by side.

``[name]`` has ``zh`` and ``en`` for the person at the keypad and, for a failure, ``tech``: what
happened, the likely cause, what to do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final

from pos_terminal.core.words import Words


class Language(StrEnum):
    ZH_CN = "zh_CN"
    EN = "en"

    @property
    def column(self) -> str:
        """The key of this language's text in the catalogue files."""
        return "zh" if self is Language.ZH_CN else "en"


_ENTRIES: Final = ("zh", "en", "tech")


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All texts: ``area.name`` -> {"zh": …, "en": …, "tech": …}. Read once."""
    texts: dict[str, Mapping[str, str]] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        area = file.name.removesuffix(".toml")
        for name, entry in tomllib.loads(file.read_text("utf-8")).items():
            if not {"zh", "en"} <= set(entry) <= set(_ENTRIES):
                raise ValueError(f"{file.name}: [{name}] needs zh and en, and may have tech")
            texts[f"{area}.{name}"] = entry
    return texts


def render(words: Words, language: Language) -> str:
    """The text in ``language`` with its figures. KeyError for a key that no file has."""
    return catalogue()[words.key][language.column].format_map(_plain(words))


def technician(words: Words) -> str:
    """The technician's line; the English text where a failure has none of its own."""
    entry = catalogue()[words.key]
    return entry.get("tech", entry["en"]).format_map(_plain(words))


def _plain(words: Words) -> dict[str, str]:
    return {name: str(value) for name, value in words.values.items()}
