"""What reaches a user's machine or a packager: the wheel, its command, the source archive, and the pinned versions."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = {
    ".".join(init.parent.relative_to(ROOT).parts)
    for top in ("daemon", "connectors", "policies")
    for init in (ROOT / top).rglob("__init__.py")
}


def copy(names: Iterable[str], to: Path) -> None:
    """The files of a source tree that a build needs; a build leaves its traces there and not here."""
    for name in names:
        for source in [ROOT / name, *(ROOT / name).rglob("*")]:
            if source.is_file() and "__pycache__" not in source.parts:
                target = to / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    shared = ("config.example.toml", "docs", "systemd")
    copy(("pyproject.toml", "README.md", "LICENSE", "daemon", "connectors", "policies", *shared), tree)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tree / "dist"), str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next((tree / "dist").glob("unbusy-*.whl"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_holds_three_packages_and_nothing_else_at_the_top(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    version = PROJECT["project"]["version"]
    assert tops == {"daemon", "connectors", "policies", f"unbusy-{version}.dist-info", f"unbusy-{version}.data"}


def test_docs_units_and_the_example_are_in_the_wheel(names: set[str]) -> None:
    docs = (p for p in (ROOT / "docs").iterdir() if p.suffix in {".md", ".svg"})
    shared = {"config.example.toml", *(str(p.relative_to(ROOT)) for p in docs)}
    shared |= {str(p.relative_to(ROOT)) for p in (ROOT / "systemd").rglob("*.service")}
    data = f"unbusy-{PROJECT['project']['version']}.data/data/share/unbusy/"
    assert {name.removeprefix(data) for name in names if name.startswith(data)} == shared
    man = data.replace("share/unbusy", "share/man")
    assert {f"{man}man1/unbusy.1", f"{man}man5/unbusy.toml.5"} <= names


def test_every_source_file_is_in_the_wheel(names: set[str]) -> None:
    sources = {
        str(p.relative_to(ROOT)) for top in ("daemon", "connectors", "policies") for p in (ROOT / top).rglob("*.py")
    }
    assert sources <= names


def test_data_types_and_licence_are_in_the_wheel(names: set[str]) -> None:
    wanted = {
        "policies/questions/prompts.toml",
        "daemon/model/titles/words.toml",
        "daemon/py.typed",
        "connectors/py.typed",
        "policies/py.typed",
    }
    assert wanted <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_readme_is_what_an_index_shows(wheel: Path, names: set[str]) -> None:
    metadata = zipfile.ZipFile(wheel).read(next(n for n in names if n.endswith(".dist-info/METADATA"))).decode()
    assert "Description-Content-Type: text/markdown" in metadata


def test_every_package_is_listed() -> None:
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == PACKAGES


def test_the_command_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-qq",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(install, check=True)
    environ = {**os.environ, "PYTHONPATH": str(target), "HOME": str(tmp_path)}
    where = "import daemon; print(daemon.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith(str(target))
    command = [sys.executable, str(target / "bin" / "unbusy"), "--help"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "unbusy" in done.stdout.lower()


# -- the source archive -----------------------------------------------------------------------------------------------

LEFT_OUT = {
    ".gitignore": "for a repository",
    ".ci/run": "for the machine that takes changes in",
}
"""What is in the repository and not in the source archive, and why."""

MADE = {"PKG-INFO", "setup.cfg", *(f"unbusy.egg-info/{name}.txt" for name in (
    "SOURCES", "dependency_links", "entry_points", "requires", "top_level"
)), "unbusy.egg-info/PKG-INFO"}  # fmt: skip
"""What the build adds."""


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("no repository here to hold the source archive against")
    return set(subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


@pytest.fixture(scope="module")
def unpacked(tracked: set[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive, where a packager has it; also with what lies about in a folder that was worked in."""
    tree, there = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("there")
    copy(sorted(tracked), tree)
    for litter in ("tests/__pycache__/making.cpython-311.pyc", "tests/emulator/node_modules/a/index.js", "demo/a.ics"):
        (tree / litter).parent.mkdir(parents=True, exist_ok=True)
        (tree / litter).write_text("")
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(tree / "dist"), str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with tarfile.open(next((tree / "dist").glob("unbusy-*.tar.gz"))) as archive:
        archive.extractall(there, filter="data")
    return there / f"unbusy-{PROJECT['project']['version']}"


def test_the_source_archive_holds_what_the_repository_holds(unpacked: Path, tracked: set[str]) -> None:
    held = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert held - MADE == tracked - LEFT_OUT.keys()
    assert tracked >= LEFT_OUT.keys()


def test_tests_pass_from_the_source_archive(unpacked: Path) -> None:
    """A few; `make sdist` and `make test` in what it holds run them all."""
    some = ["tests/unit/test_times.py", "tests/unit/test_score.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *some]
    environ = {name: value for name, value in os.environ.items() if name != "UNBUSY_TORTURE"}
    done = subprocess.run(command, cwd=unpacked, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    where = [sys.executable, "-c", "import daemon; print(daemon.__file__)"]
    assert subprocess.run(where, cwd=unpacked, capture_output=True, text=True, check=True).stdout.startswith(
        str(unpacked)
    )


# -- versions ---------------------------------------------------------------------------------------------------------

LOCKS = ("use", "tests", "fuzz")
HASHED = re.compile(r"\S+==\S+( ; .+)?( --hash=sha256:[0-9a-f]{64})+")


def locked(name: str) -> dict[str, str]:
    """Each locked distribution with its line: version, for which machines, hashes."""
    text = (ROOT / "locks" / f"{name}.txt").read_text().replace(" \\\n   ", "")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {canonical(line.partition("==")[0]): line for line in lines}


def version(line: str) -> str:
    return line.partition("==")[2].split()[0]


def needed(asked: Iterable[str]) -> dict[str, set[str]]:
    """Each distribution that these need on this Python, with the versions that are asked for."""
    found: dict[str, set[str]] = {}
    waiting = [(Requirement(one), "") for one in asked]
    while waiting:
        one, extra = waiting.pop()
        if one.marker and not one.marker.evaluate({"extra": extra}):
            continue
        name = canonical(one.name)
        if f"{one.specifier}" not in found.setdefault(name, set()) or one.extras:
            found[name].add(f"{one.specifier}")
            more = [Requirement(said) for said in distribution(name).requires or ()]
            waiting += [(m, extra) for extra in ("", *one.extras) for m in more]
    return found


PLAIN = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
EXTRAS = PROJECT["project"]["optional-dependencies"]
ASKED = {"use": PLAIN, "tests": [*PLAIN, *EXTRAS["test"], *EXTRAS["fleet"]], "fuzz": []}


@pytest.mark.parametrize("name", LOCKS)
def test_each_file_that_is_installed_is_known_by_its_hash_and_nothing_says_from_where(name: str) -> None:
    assert locked(name)
    assert [line for line in locked(name).values() if not HASHED.fullmatch(line)] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_the_project_asks_for_and_what_that_needs(name: str) -> None:
    found, versions = needed(ASKED[name]), {name: version(line) for name, line in locked(name).items()}
    assert found.keys() <= versions.keys()
    pairs = [(one, said) for one, specifiers in found.items() for said in specifiers]
    assert [pair for pair in pairs if not SpecifierSet(pair[1]).contains(versions[pair[0]], prereleases=True)] == []


def test_tests_run_with_what_is_used() -> None:
    """Also for each machine: with the same hashes."""
    tests = locked("tests")
    assert {name: tests.get(name) for name in locked("use")} == locked("use")


def test_everything_that_make_installs_is_locked_or_lies_here() -> None:
    """But for other programs that are measured, and the tool that makes the locks."""
    text = (ROOT / "Makefile").read_text().replace("\\\n", "")
    installs = [line.strip() for line in text.splitlines() if "pip install" in line or "$(PIP_INSTALL)" in line]
    held = ("--require-hashes --requirement locks/", "--no-deps --no-build-isolation")
    free = [line for line in installs if not any(one in line for one in held)]
    assert [line.split("(PIP_INSTALL)")[-1] for line in free] == [
        "PIP_INSTALL := -m pip install -qq --disable-pip-version-check", " uv", " --constraint $< $(PEERS)",
    ]  # fmt: skip


def canonical(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()
