"""What a run of the tests says last, in ten lines at most: how it went, what failed and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pytest
from hw_sim.memory_folder import MEMORY, unfit

MOST: Final = 10
_FILES: Final = MOST - 4
"""Further lines: the first, how many more files, the memory, and how to run one again."""
_WIDTH: Final = 120
_TO_THE_END: Final = (
    pytest.ExitCode.OK,
    pytest.ExitCode.TESTS_FAILED,
    pytest.ExitCode.NO_TESTS_COLLECTED,
)
"""Neither interrupted nor broken off by an error of pytest's own."""
_WHOLE: Final = "(the file itself)"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Iterator[None]:
    """Behind all that pytest itself says."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    failed: dict[str, list[str]] = {}
    for report in (*reporter.stats.get("failed", ()), *reporter.stats.get("error", ())):
        file, _, test = report.nodeid.partition("::")
        failed.setdefault(file, []).append(test or _WHOLE)
    passed = len(reporter.stats.get("passed", ()))
    lines = told(failed, passed, unfit(MEMORY), stopped=exitstatus not in _TO_THE_END)
    reporter.write("\n" + "\n".join(lines) + "\n")


def told(
    failed: Mapping[str, Sequence[str]],
    passed: int,
    memory: str | None = None,
    *,
    stopped: bool = False,
) -> list[str]:
    """The lines; ``failed`` has the tests by file, ``memory`` what is wrong with ``/dev/shm``.

    ``stopped``: others were still to run, so that nothing is said of all.
    """
    note = [] if memory is None else [memory]
    if not failed and stopped:
        return [f"STOPPED BEFORE THE END: {passed:,} tests had passed", *note]
    if not failed:
        return [f"ALL {passed:,} TESTS PASSED" if passed else "NO TEST RAN", *note]
    count = sum(map(len, failed.values()))
    worst = sorted(failed, key=lambda file: (_WHOLE not in failed[file], -len(failed[file]), file))
    shown = [_line(file, failed[file]) for file in worst[:_FILES]]
    rest = worst[_FILES:]
    more = [f"  and {sum(len(failed[file]) for file in rest)} in {len(rest)} more files"]
    return [
        f"FAILED: {count:,} of {count + passed:,} tests, in {_files(len(failed))}",
        *shown,
        *(more if rest else []),
        *note,
        f"One file again, with all that it says: .venv/bin/pytest -x {worst[0]}",
    ]


def _line(file: str, tests: Sequence[str]) -> str:
    line = f"  {file}: {len(tests)}: {', '.join(sorted(tests))}"
    return line if len(line) <= _WIDTH else line[: _WIDTH - 2] + " …"


def _files(count: int) -> str:
    return "one file" if count == 1 else f"{count} files"
