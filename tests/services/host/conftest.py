from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from worlds import host


@pytest.fixture
def tell(tmp_path: Path) -> Callable[..., Any]:
    """``worlds.host.tell`` in a folder of this test."""
    return partial(host.tell, folder=tmp_path / "data")
