"""Who may commit, read settings, tell the time or turn text into code: one place each (docs/architecture.md)."""

from __future__ import annotations

import ast
import re

import pytest
from source_code import Source, read_server

SOURCES = read_server()
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
ENVIRONMENT = {"os.environ", "os.getenv", "os.environb", "os.putenv"}
CODE_FROM_TEXT = {"eval", "exec", "__import__", "compile"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill"}


def outside(*allowed: str) -> list[Source]:
    return [source for source in SOURCES if source.path not in allowed]


def test_the_rules_see_the_code() -> None:
    paths = {source.path for source in SOURCES}
    assert {"server/config.py", "server/clock.py", "server/store/transaction.py"} <= paths


def test_only_the_store_commits() -> None:
    found = [
        f"{source.path}:{call.lineno}" for source in outside("server/store/transaction.py")
        for name, call in source.calls()
        if re.search(r"\.commit$", name)
    ]  # fmt: skip
    assert found == []


def test_a_transaction_commits_in_one_place_and_a_savepoint_in_another() -> None:
    transaction = next(source for source in SOURCES if source.path == "server/store/transaction.py")
    commits = [name for name, _ in transaction.calls() if name.endswith(".commit")]
    assert sorted(commits) == ["connection.commit", "nested.commit"]


def test_only_config_reads_the_environment() -> None:
    found = [
        f"{source.path}:{line}" for source in outside("server/config.py")
        for name, line in (*source.names(), *source.imports()) if name in ENVIRONMENT
    ]  # fmt: skip
    assert found == []


def test_only_the_clock_tells_the_time() -> None:
    found = [
        f"{source.path}:{call.lineno}" for source in outside("server/clock.py") for name, call in source.calls()
        if any(name == clock or name.endswith("." + clock) for clock in CLOCKS)
    ]  # fmt: skip
    found += [
        f"{source.path}:{line}" for source in outside("server/clock.py") for name, line in source.imports()
        if name in {"time.time", "time.time_ns"}
    ]  # fmt: skip
    assert found == []


def test_no_text_becomes_code() -> None:
    found = [
        f"{source.path}:{call.lineno}" for source in SOURCES for name, call in source.calls() if name in CODE_FROM_TEXT
    ]
    found += [
        f"{source.path}:{line}" for source in SOURCES for name, line in source.imports()
        if name.partition(".")[0] in UNSAFE_MODULES
    ]  # fmt: skip
    assert found == []


def test_yaml_is_read_with_safe_loaders_only() -> None:
    found = [
        f"{source.path}:{call.lineno}" for source in SOURCES for name, call in source.calls()
        if name in {"yaml.load", "yaml.load_all"} and _loader(call) not in _safe_loaders(source)
    ]  # fmt: skip
    assert found == []


def _loader(call: ast.Call) -> str:
    return next((ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == "Loader"), "")


def _safe_loaders(source: Source) -> set[str]:
    """Return the safe loaders a file may name: PyYAML's own and classes of this file that derive from them."""
    safe = {"yaml.SafeLoader", "yaml.CSafeLoader", "SafeLoader", "CSafeLoader"}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and safe & {ast.unparse(base) for base in node.bases}:
            safe.add(node.name)
    return safe


BAD = {
    "commit": ("def f(x): x.session.commit()", "x.session.commit"),
    "now": ("import datetime\ndatetime.datetime.now()", "datetime.datetime.now"),
    "eval": ("eval('1')", "eval"),
}


@pytest.mark.parametrize("case", BAD)
def test_calls_are_seen_by_their_dotted_names(case: str) -> None:
    text, expected = BAD[case]
    assert expected in [name for name, _ in Source("x.py", text).calls()]
