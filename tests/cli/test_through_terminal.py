"""Commands that hand their file to the running terminal say why it did not take it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from worlds.config import make_config

from pos_terminal.cli import import_files
from pos_terminal.core.words import Failure, say
from pos_terminal.texts import Language, render, technician


@pytest.mark.parametrize("verb", ["import-sales", "import-outcomes"])
def test_who_is_not_in_the_class_is_told_which(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = say("control.class", uid=1_000, verb=verb)
    error = {"error": render(words, Language.EN), "tech": technician(words)}
    refusal = {"ok": False, "cause": "control.class", **error}
    asked: list[dict[str, Any]] = []

    def ask(_: Path, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        asked.append(request)
        return refusal

    monkeypatch.setattr(import_files, "ask_terminal", ask)
    with pytest.raises(Failure, match=r"feed\.not_taken") as caught:
        import_files.through_terminal(make_config(tmp_path), Path("day.jsonl"), {"verb": verb})
    said = technician(caught.value.words)
    for word in ("User 1000", "[control.classes]", verb, "day.jsonl"):
        assert word in said
    assert [request["verb"] for request in asked] == [verb]
