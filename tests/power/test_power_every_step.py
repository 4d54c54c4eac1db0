"""kill -9 at every point that a refund and a void pass, one life after the other (R33).

A first life takes the story to its end and says which points it passed. Then each of them kills a
life; the next one finds what was open, finishes it, and plays the story until the next point.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest
from hw_sim.proofs.crash.crashing import Crashing
from worlds.crash import Crash

Point = tuple[str, int]
"""Its name, and the how-manieth time that the story passes it."""
WRITTEN = "conclude:after"


@dataclass(frozen=True)
class Story:
    survey: str
    """The sale on which its points are found out."""
    sale: str
    first_amount: int
    """0: all of it. Each life asks for one more, so that none looks like another's double."""
    mti: str
    unsure: str
    """What becomes of it where it was sealed and no outcome was committed."""


STORIES = {
    "refund": Story("amex-older", "large", 1000, "0220", "accepted"),
    "void": Story("amex-today", "visa-today", 0, "0200", "reversed"),
}


def play(crash: Crashing, story: Story, number: int, sale: str | None = None) -> None:
    amount = str(story.first_amount + number) if story.first_amount else ""
    crash.give_back(sale or story.sale, amount)


def points_of(crash: Crashing, story: Story) -> list[Point]:
    """In order; the first byte of a message is no place of its own unless somebody asks."""
    crash.ready()
    before = len(crash.reached())
    play(crash, story, 0, story.survey)
    names = crash.reached()[before:]
    names.insert(names.index(f"{story.mti}:before") + 1, f"{story.mti}:first-byte")
    return [(name, names[: at + 1].count(name)) for at, name in enumerate(names)]


def armed(point: Point) -> str:
    (step, when), turn = point[0].split(":"), point[1]
    return f"{step}#{turn}:{when}"


def fate(points: list[Point], point: Point, story: Story) -> list[str]:
    """The state that the refund of a life killed here comes to; none where it was not sealed."""
    at = points.index(point)
    if at < points.index(("seal:after", 1)):
        return []
    return [story.unsure if at < points.index((WRITTEN, 1)) else "accepted"]


def live_and_die(crash: Crashing, story: Story, points: list[Point], chosen: list[Point]) -> None:
    states = ["accepted"]  # the survey's
    for number, point in enumerate(chosen, 1):
        crash.dies_at(partial(play, story=story, number=number), armed(point))
        states += fate(points, point, story)
        crash.open_up()
        crash.at_rest(*states)
        crash.quiet()
        assert crash.differences() == [], point
    play(crash, story, len(chosen) + 1)
    assert [row["state"] for row in crash.refunds()] == [*states, "accepted"]
    assert {row["state"] for row in crash.hands.ledger()["print_jobs"]} == {"confirmed"}
    assert crash.hands.ledger()["cases"] == []


@pytest.mark.parametrize("part", ["to the line", "to the answer", "to the paper"])
def test_a_refund_is_paid_once_wherever_it_is_killed(crashing: Crash, part: str) -> None:
    crash, story = crashing(), STORIES["refund"]
    crash.open_up()
    points = points_of(crash, story)
    line, answer = points.index(("seal:after", 1)), points.index((WRITTEN, 1))
    parts = {
        "to the line": points[:line],
        "to the answer": points[line:answer],
        "to the paper": points[answer:],
    }
    live_and_die(crash, story, points, parts[part])


def test_a_void_is_given_back_once_wherever_it_is_killed(crashing: Crash) -> None:
    """Up to its approval's commit; its paper is as a refund's."""
    crash, story = crashing(), STORIES["void"]
    crash.open_up()
    points = points_of(crash, story)
    live_and_die(crash, story, points, points[: points.index((WRITTEN, 1))])


def test_every_durable_step_of_a_refund_is_among_the_points(crash: Crashing) -> None:
    names = [name for name, _ in points_of(crash, STORIES["refund"])]
    steps = [name.removesuffix(":inside") for name in names if name.endswith(":inside")]
    assert steps == [
        "open_application",
        "approve",
        "seal",
        "conclude",
        "job_sending",
        "job_sending",
        "jobs_done",
    ]
