"""What the largest requests cost in memory: bounded by their bytes, whatever is in them.

A process of its own for each, since the peak of one can't be told from that of the tests before.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

MIB = 1024 * 1024
_MEASURE = """
import resource, sys
from pos_terminal.control.classes import BOUNDS, LINE_LIMIT, Class
from pos_terminal.control.requests import BadRequest, parse

def of(part, head=b'{"verb": "import-sales", "lines": [', tail=b']}'):
    room = LINE_LIMIT - len(head) - len(tail)
    return head + part * (room // len(part)) + tail

line = eval(sys.argv[1])
assert LINE_LIMIT - 2_000 < len(line) <= LINE_LIMIT
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    parse(line, BOUNDS[Class.FEED].lines)
except BadRequest:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    "line",
    [
        """of(b'"a",')""",
        """of(b'[],')""",
        """of(b'{},')""",
        """of(b'1,')""",
        """of(b'[', b'', b'')""",
        """of(b'{"a":', b'', b'')""",
        """of(b'"' + b'x' * 80 + b'",', tail=b'"x"]}')""",
        """of('"销😀售",'.encode() * 100)""",
        """of(b'x', '{"verb": "import-outcomes", "text": "😀'.encode(), b'"}')""",
        """of(b'\\\\\\\\n', b'{"verb": "import-outcomes", "text": "', b'"}')""",
        """of(b'"a":1,', b'{', b'"b":1}')""",
    ],
)
def test_no_request_takes_more_than_150_mebibytes(line: str) -> None:
    command = [sys.executable, "-c", _MEASURE, line]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert int(done.stdout) * 1024 < 150 * MIB
