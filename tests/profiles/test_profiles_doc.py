"""docs/profiles.md names every option that a profile has."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pos_terminal.wire.iso8583 import profile
from pos_terminal.wire.iso8583.responses import ResponseRule

TEXT = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text("utf-8")
SECTIONS = [
    profile.Profile,
    profile.FrameRule,
    profile.HeaderRule,
    profile.FieldRule,
    profile.Part,
    profile.MessageRule,
    profile.KeyRule,
    profile.KeyPiece,
    profile.Timing,
    ResponseRule,
]
TABLES = {"frame", "fields", "messages", "keys", "responses", "timing", "header", "variants"}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_option_is_named(section: type[msgspec.Struct]) -> None:
    names = {field.name for field in msgspec.structs.fields(section)}
    missing = {
        name for name in names - TABLES - {"field_60", "field_61"} if f"`{name}`" not in TEXT
    }
    assert not missing


def test_every_table_is_named() -> None:
    for table in TABLES - {"header", "variants"}:
        assert f"[{table}" in TEXT


def test_every_message_is_named() -> None:
    assert all(f"`{function}`" in TEXT for function in profile.Function)
