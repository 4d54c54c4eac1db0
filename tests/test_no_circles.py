"""No module imports itself by way of others: each can be read, and replaced, by itself."""

from __future__ import annotations

import grimp
import pytest


@pytest.mark.parametrize("package", ["pos_terminal", "pos_drivers"])
def test_no_module_imports_itself_by_way_of_others(package: str) -> None:
    graph = grimp.build_graph(package)
    modules = [name for name in graph.modules if graph.find_modules_directly_imported_by(name)]
    assert len(modules) > 10
    circles = [name for name in modules if name in graph.find_upstream_modules(name)]
    assert circles == []
