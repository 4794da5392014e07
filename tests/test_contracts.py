"""The house rules about imports, and that no module stands outside of them."""

import ast
import configparser
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from mutations import MUTATIONS, Mutation
from policies import POLICIES

ROOT = Path(__file__).parent.parent
PACKAGES = ("daemon", "connectors", "policies")
PURE = ("daemon/explain/remedies.py", "daemon/explain/search.py", "daemon/model", "daemon/planning", "policies")
IMPURE_CALL = re.compile(r"\b(datetime\.now|datetime\.utcnow|datetime\.today|date\.today|open|input|print)\(")


def lint_imports(*args: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run(
        [*command, "--no-cache", "--no-logo", *args], cwd=root, capture_output=True, text=True, check=False
    )


def test_the_import_contract_is_kept() -> None:
    done = lint_imports()
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("daemon/model/times.py", "import daemon.planning", "Imports run one way"),
        ("daemon/planning/placement/minutes.py", "import daemon.ledger", "Imports run one way"),
        ("connectors/__init__.py", "import policies", "Imports run one way"),
        ("policies/focus/policy.py", "import connectors", "Imports run one way"),
        ("daemon/planning/restraint/limits.py", "import daemon.planning.planner", "No circles among siblings"),
        ("policies/focus/policy.py", "import random", "What decides does no I/O"),
        ("daemon/planning/placement/minutes.py", "import time", "What decides does no I/O"),
        ("daemon/explain/explanation.py", "from policies.focus import owed", "Only the registry knows which policies"),
        ("daemon/config/check.py", "from policies import POLICIES", "Only the registry knows which policies"),
        ("daemon/config/registry.py", "import policies.focus.options", "Only the registry knows which policies"),
        ("daemon/system/lock.py", "import sqlite3", "Only the ledger knows SQL"),
        ("daemon/ledger/sqlite/mirror.py", "import psycopg", "Only the ledger knows SQL"),
        ("daemon/stages/runtime.py", "import daemon.postgres", "Who has one calendar knows nothing of a fleet"),
        ("daemon/config/__init__.py", "from icalendar import Calendar", "Only connectors know wire formats"),
        ("daemon/ledger/sqlite/mirror.py", "import apscheduler", "Only the scheduler knows APScheduler"),
        ("daemon/cli/assistant/answers.py", "import mcp", "Only the assistant's server knows its protocol"),
    ],
)
def test_it_notices(module: str, line: str, contract: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        copy_sources(package, tmp_path)
    (tmp_path / ".importlinter").write_text((ROOT / ".importlinter").read_text())
    broken = tmp_path / module
    broken.write_text(f"{broken.read_text()}\n{line}\n")
    done = lint_imports(root=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"^{contract}.* BROKEN", done.stdout, re.MULTILINE)


def copy_sources(package: str, to: Path) -> None:
    for source in (ROOT / package).rglob("*.py"):
        target = to / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text())


def sources(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def names_of_policies(source: str) -> list[str]:
    """Where code compares with, asks for or looks up the name of a policy that comes with unbusy."""
    asking = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Compare | ast.Call | ast.Subscript)]
    constants = ((ast.unparse(n), c) for n in asking for c in ast.iter_child_nodes(n) if isinstance(c, ast.Constant))
    return [said for said, c in constants if c.value in POLICIES and ".format(" not in said]


@pytest.mark.parametrize("path", sorted(p.relative_to(ROOT) for p in sources(ROOT / "daemon")), ids=str)
def test_the_daemon_asks_for_roles_and_never_for_the_name_of_a_policy(path: Path) -> None:
    assert names_of_policies((ROOT / path).read_text()) == []


@pytest.mark.parametrize("line", ["own('focus')", "mark.policy == 'overload'", "policies['reflection']"])
def test_it_notices_the_name_of_a_policy(line: str) -> None:
    assert names_of_policies(line) == [line]


def test_no_folder_is_too_full_to_find_ones_way() -> None:
    folders = Counter(p.parent for package in PACKAGES for p in sources(ROOT / package) if p.stem != "__init__")
    assert {str(folder.relative_to(ROOT)): many for folder, many in folders.items() if many > 12} == {}


def test_every_module_of_the_daemon_has_its_layer() -> None:
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter")
    listed = set(re.findall(r"daemon\.(\w+)", contract["importlinter:contract:layers"]["layers"]))
    found = {p.stem for p in (ROOT / "daemon").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert found - {"__init__"} <= listed, "name the new module in .importlinter"


@pytest.mark.parametrize("path", sorted(p.relative_to(ROOT) for pure in PURE for p in sources(ROOT / pure)), ids=str)
def test_what_decides_reads_no_clock_and_no_file(path: Path) -> None:
    calls = [
        f"{path}:{number}: {line.strip()}"
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if IMPURE_CALL.search(line)
    ]
    assert calls == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.guard)
def test_each_guard_that_can_be_broken_is_there(mutation: Mutation) -> None:
    """`make mutations` breaks them."""
    assert (ROOT / mutation.file).read_text().count(mutation.old) == 1
