"""No module imports itself by way of others: each can be read, and replaced, by itself."""

from __future__ import annotations

import grimp
import pytest


@pytest.mark.parametrize("package", ["pos_terminal", "pos_drivers", "hw_sim"])
def test_no_module_imports_itself_by_way_of_others(package: str) -> None:
    graph = grimp.build_graph(package)
    assert len(graph.modules) > 10
    assert circles(graph) == []


def test_a_circle_is_found() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        graph.add_import(importer=importer, imported=imported)
    assert circles(graph) == ["a", "b", "c"]


def circles(graph: grimp.ImportGraph) -> list[str]:
    """The modules that are reached again from what they import; late imports count, too."""
    return sorted(
        name
        for name in graph.modules
        if any(
            name in graph.find_upstream_modules(imported)
            for imported in graph.find_modules_directly_imported_by(name)
        )
    )
