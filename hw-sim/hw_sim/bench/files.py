"""The files of a bench folder: their names, and how they are written."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hw_sim.device import BenchError


@dataclass(frozen=True, slots=True)
class Files:
    """DIR of ``hw-sim up DIR``. Names that scripts rely on; docs/bench.md lists them."""

    folder: Path

    @property
    def bench(self) -> Path:
        """Every endpoint; there only while the bench is up."""
        return self.folder / "bench.json"

    @property
    def config(self) -> Path:
        return self.folder / "terminal.toml"

    @property
    def environment(self) -> Path:
        return self.folder / "terminal.env"

    @property
    def people(self) -> Path:
        return self.folder / "people.json"

    @property
    def acquirer_keys(self) -> Path:
        return self.folder / "acquirer-keys.json"

    @property
    def sales(self) -> Path:
        """The feed as the terminal gets it: cards as tokens."""
        return self.folder / "sales.jsonl"

    @property
    def acquirer_sales(self) -> Path:
        """The same sales as the acquirer has them: test card numbers in full."""
        return self.folder / "acquirer-sales.jsonl"

    @property
    def samples(self) -> Path:
        """What each sample sale is good for, for people and scripts."""
        return self.folder / "samples.json"

    @property
    def tls(self) -> Path:
        return self.folder / "tls"

    @property
    def data(self) -> Path:
        """The terminal's own folder: ledger, people, keys."""
        return self.folder / "terminal"

    @property
    def lock(self) -> Path:
        return self.folder / ".lock"

    @property
    def leftovers(self) -> Path:
        """The processes and the runtime folder of the bench that is (or was last) up."""
        return self.folder / ".processes.json"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def write_json(path: Path, value: object) -> None:
    write_private(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_lines(path: Path, records: list[dict[str, Any]]) -> None:
    """JSON Lines."""
    write_private(path, "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records))


def read_bench(folder: Path) -> dict[str, Any]:
    """``bench.json`` of a bench that is up. BenchError where there is none."""
    files = Files(folder)
    try:
        found: dict[str, Any] = json.loads(files.bench.read_text("utf-8"))
    except FileNotFoundError:
        raise BenchError(f"no bench is up in {folder}: start one with `hw-sim up`") from None
    except (OSError, ValueError) as error:
        raise BenchError(f"{files.bench} can't be read: {error}") from None
    return found
