"""Tests that are coroutines: each is told as a story, on a loop of its own."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from inspect import Parameter, Signature, signature
from typing import Any, Concatenate, TypeVar

from hw_sim.virtual import run_virtual

Hero = TypeVar("Hero")
Story = Callable[Concatenate[Hero, ...], Coroutine[Any, Any, None]]
"""Its first parameter is the world that it is told in, the others are fixtures."""
Test = Callable[..., None]


def as_test(
    story: Callable[..., Any], run: Test, heroes: int = 1, *, needs: tuple[str, ...] = ()
) -> Test:
    """What pytest runs: ``run(tell, **needed fixtures)``, where ``tell`` takes the heroes."""
    asked = list(signature(story).parameters.values())[heroes:]
    names = [one.name for one in asked]

    @functools.wraps(story)
    def test(*drawn: Any, **given: Any) -> None:
        given |= dict(zip(names, drawn, strict=False))  # as hypothesis gives what it has drawn
        told = functools.partial(story, **{name: given[name] for name in names})
        run(told, **{name: given[name] for name in needs})

    more = [Parameter(one, Parameter.POSITIONAL_OR_KEYWORD) for one in needs if one not in names]
    test.__signature__ = Signature(more + asked)  # type: ignore[attr-defined] # pytest reads it
    return test


def on_a_loop(story: Callable[..., Coroutine[Any, Any, None]]) -> Test:
    """In real time."""
    return as_test(story, lambda told: asyncio.run(told()), heroes=0)


def in_virtual_time(story: Callable[..., Coroutine[Any, Any, None]]) -> Test:
    """No wait costs anything."""
    return as_test(story, lambda told: run_virtual(lambda _: told()), heroes=0)


def told_by(
    run: Test, heroes: int = 1, *, needs: tuple[str, ...] = ()
) -> Callable[[Callable[..., Any]], Test]:
    """By what runs a story: ``run(story, **needed fixtures)`` calls it with its heroes."""
    return lambda story: as_test(story, run, heroes, needs=needs)


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, Any]) -> AsyncIterator[asyncio.Task[Any]]:
    """It runs while the block is told, and ends with it."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
