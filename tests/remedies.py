"""Every message of the program that names a remedy, read off its source, for docs/messages.md.

`python tests/remedies.py` writes the page.  What is filled in when it is said stands as `…`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/messages.md"
AREAS = {
    "Config": ("daemon/config", "daemon/model/options", "daemon/model/courtesy", "daemon/model/titles", "policies"),
    "Accounts, logins and servers": (
        "connectors/http",
        "connectors/caldav",
        "connectors/google",
        "daemon/system/secrets",
    ),
    "Files of calendars": ("connectors/local", "connectors/rfc5545", "connectors"),
    "State, journal and the daemon": ("daemon/ledger", "daemon/journal", "daemon/system", "daemon/service"),
    "Commands": ("daemon/cli", "daemon/explain", "daemon/undo", "daemon/commands"),
    "Planning and writing": ("daemon",),
}  # fmt: skip
"""Headings of the page, with where the messages are said; the first that fits counts."""
HEAD = """\
# Messages

Every message of unbusy that says what to do about it, by where it comes from; `…` stands for what is filled in. The
page is read off the program, and a test compares the two. [Troubleshooting](troubleshooting.md) begins elsewhere: with
what you see.
"""


class Message(NamedTuple):
    """What is said, and what to do about it."""

    area: str
    what: str
    remedy: str


@cache
def messages() -> tuple[Message, ...]:
    paths = sorted(p for name in ("daemon", "connectors", "policies") for p in (ROOT / name).rglob("*.py"))
    trees = {path: ast.parse(path.read_text()) for path in paths}
    modules = {module(path): dict(constants(tree)) for path, tree in trees.items()}
    found = set()
    for path, tree in trees.items():
        found |= {Message(area(path), *said) for said in told(tree, dict(known(tree, modules)))}
    with_remedy = (m for m in found if m.remedy.replace("…", "").strip())
    return tuple(sorted(with_remedy, key=lambda m: (m.area, m.what.casefold(), m.remedy)))


def module(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")


def known(tree: ast.Module, modules: Mapping[str, Mapping[str, ast.expr]]) -> Iterator[tuple[str, ast.expr]]:
    """The constants that a module has or imports."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            there = modules.get(node.module or "", {})
            yield from ((alias.asname or alias.name, there[alias.name]) for alias in node.names if alias.name in there)
    yield from constants(tree)


def area(path: Path) -> str:
    where = path.relative_to(ROOT).as_posix()
    return next(name for name, parts in AREAS.items() if where.startswith(parts))


def constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def told(tree: ast.Module, named: Mapping[str, ast.expr]) -> Iterator[tuple[str, str]]:
    """What is said by errors and problems, with its remedy; both as they stand, or as a name that is given nearby."""
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        inside = list(ast.walk(function))
        calls = [n for n in inside if isinstance(n, ast.Call) and _speaks(n)]
        if not calls:
            continue
        assigned = [n for n in inside if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)]
        local = {n.targets[0].id: n.value for n in assigned}
        parameters = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
        here = {name: value for name, value in {**named, **local}.items() if name not in parameters}
        for call in calls:
            yield from said(call, here)


def _speaks(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and (call.func.id == "Problem" or call.func.id.endswith("Error"))


def said(call: ast.Call, named: Mapping[str, ast.expr]) -> Iterator[tuple[str, str]]:
    names = ("where", "what", "remedy") if call.func.id == "Problem" else ("what", "remedy")
    given = dict(zip(names, call.args, strict=False)) | {k.arg: k.value for k in call.keywords}
    if "what" in given and "remedy" in given:
        for what in texts(given["what"], named):
            for remedy in texts(given["remedy"], named):
                yield what, remedy


def texts(node: ast.expr, named: Mapping[str, ast.expr], deep: int = 3) -> list[str]:
    """What an expression may come to."""
    found = ["…"]
    match node:
        case ast.Constant(value=str(text)):
            found = [text]
        case ast.JoinedStr(values=parts):
            found = ["".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in parts)]
        case ast.IfExp(body=one, orelse=two):
            found = [*texts(one, named, deep), *texts(two, named, deep)]
        case ast.BoolOp(values=parts):
            found = [text for part in parts for text in texts(part, named, deep)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            found = [a + b for a in texts(left, named, deep) for b in texts(right, named, deep)]
        case ast.Name(id=name) if name in named and deep:
            found = texts(named[name], named, deep - 1)
    return found


def page() -> str:
    found = messages()
    parts = [HEAD]
    for name in AREAS:
        rows = [m for m in found if m.area == name]
        parts.append(f"\n## {name}\n\n| it says | do |\n| --- | --- |\n")
        parts += [f"| {cell(m.what)} | {cell(m.remedy)} |\n" for m in rows]
    return "".join(parts)


def cell(text: str) -> str:
    """A text in a table of Markdown, word for word."""
    text = " ".join(text.split())
    return "".join(f"\\{c}" if c in "|<*[_" else c for c in text)


if __name__ == "__main__":
    PAGE.write_text(page())
