"""What the bench in a folder is asked to do, by its socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hw_sim.bench.client import NotThere, ask
from hw_sim.bench.files import read_bench
from hw_sim.device import BenchError, WrongWords

_SECONDS = 60.0
"""A card waits for its reader, a printer for its power: seconds, never this long."""


def bench_verb(folder: Path, verb: str, words: list[str]) -> Any:
    """Have the bench in ``folder`` do a verb; its answer. BenchError, WrongWords."""
    socket = str(read_bench(folder)["bench"])
    try:
        answer = ask(socket, {"verb": verb, "words": words}, seconds=_SECONDS)
    except NotThere:
        raise BenchError(f"the bench in {folder} is not up any more") from None
    if not answer.get("ok"):
        kind = WrongWords if answer.get("usage") else BenchError
        raise kind(str(answer.get("error", "the bench said no")))
    return answer.get("answer")
