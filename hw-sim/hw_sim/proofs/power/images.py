"""Many images of one recording, each from a number, each judged."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from hw_sim.proofs.power.disk import Image
from hw_sim.proofs.power.judge import go_on, lay_out, look
from hw_sim.proofs.power.recording import Promise, Recording
from hw_sim.proofs.simulation.shop import scratch

_DISTINCT_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the power was cut: after a change of an act."""

    act: int
    change: int


@dataclass(slots=True)
class Tally:
    """What many images brought together."""

    images: int = 0
    gone_on: int = 0
    """Of them: how many the whole terminal was started from."""
    moments: set[tuple[str, Moment]] = field(default_factory=set)
    contents: set[bytes] = field(default_factory=set)
    """Digests: images that differ."""
    failed: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.images += other.images
        self.gone_on += other.gone_on
        self.moments |= other.moments
        self.contents |= other.contents
        self.failed += other.failed

    def lines(self) -> Iterator[str]:
        yield (
            f"{self.images} images ({len(self.contents)} different) of {len(self.moments)} moments;"
            f" from {self.gone_on} the terminal went on"
        )
        yield f"failed: {len(self.failed)}"


def judge(recording: Recording, numbers: Iterable[int], *, go_on_every: int) -> Tally:
    """The images of these numbers. From each n-th the whole terminal goes on; 0: from none."""
    tally = Tally()
    folder = scratch("hw-sim-power-")
    try:
        for number, moment, promise, image in images(recording, numbers):
            tally.images += 1
            tally.moments.add((str(recording.folder), moment))
            tally.contents.add(_digest(image))
            far = bool(go_on_every) and number % go_on_every == 0
            tally.gone_on += far and promise.book is not None
            for problem in problems(image, folder / "image", recording, promise, number, far=far):
                tally.failed.append(f"{recording.folder} image {number} ({moment}): {problem}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def images(
    recording: Recording, numbers: Iterable[int]
) -> Iterator[tuple[int, Moment, Promise, Image]]:
    """The image of each number, moment by moment. The same recording and number give the same."""
    wanted: dict[Moment, list[tuple[int, Random]]] = {}
    moments = _moments(recording)
    for number in numbers:
        chance = Random(number)
        wanted.setdefault(chance.choice(moments), []).append((number, chance))
    for act, played in enumerate(recording.acts):
        for change, promise, disk in played.moments():
            for number, chance in wanted.get(Moment(act, change), ()):
                yield number, Moment(act, change), promise, disk.after_a_cut(chance)


def problems(
    image: Image, folder: Path, recording: Recording, promise: Promise, number: int, *, far: bool
) -> list[str]:
    """What does not hold of the image. ``far``: the whole terminal goes on from it."""
    lay_out(image, folder, Random(number))
    found = look(folder, recording, promise)
    shutil.rmtree(folder)
    if found.problems or not far:
        return found.problems
    lay_out(image, folder, Random(number))
    try:
        return go_on(folder, recording, promise, found)
    finally:
        shutil.rmtree(folder)


def _moments(recording: Recording) -> Sequence[Moment]:
    return [
        Moment(act, change)
        for act, played in enumerate(recording.acts)
        for change, _, _ in played.moments()
    ]


def _digest(image: Image) -> bytes:
    digest = hashlib.blake2b(digest_size=_DISTINCT_BYTES)
    for name, content in image.items():
        digest.update(f"{name} {len(content)} ".encode())
        digest.update(content)
    return digest.digest()
