"""The manual pages unbusy(1) and unbusy.toml(5), from what `--help` and the schema of the config say (man(7)).

With them the text of `unbusy --help`, which is kept beside this file for terminals of the usual widths.

`make man` writes them, by a command that no help names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from daemon.cli import WIDTHS, usage_file

EXITS = (
    ("0", "done"), ("1", "failed"), ("2", "bad usage or config"), ("3", "not logged in, or refused"),
    ("4", "temporary, try again"), ("5", "stopped by a limit, or by your no"),
)  # fmt: skip
FILES = (
    ("~/.config/unbusy/config.toml", "the config, see unbusy.toml(5); else /etc/unbusy/config.toml"),
    ("~/.local/state/unbusy", "the ledger, and the journal as one Markdown file for each day"),
)
VARIABLES = (
    ("UNBUSY_CONFIG", "the config file, where --config names none"),
    ("CREDENTIALS_DIRECTORY", "where systemd puts secrets: files named unbusy.ACCOUNT"),
    ("STATE_DIRECTORY, XDG_STATE_HOME, XDG_CONFIG_HOME", "where state and config are"),
    ("NO_COLOR", "no colours"),
)


def unbusy_1(cli: click.Group) -> str:
    """The page of the command."""
    ctx = click.Context(cli, info_name="unbusy")
    lines = [*_head("UNBUSY", 1, "protects time for deep thinking, on your own calendar")]
    lines += [".SH SYNOPSIS", ".B unbusy", "[OPTIONS] COMMAND [ARGS]", ".SH DESCRIPTION", *_text(cli.help or "")]
    lines += [".SH OPTIONS", *_options(cli, ctx), ".SH COMMANDS"]
    for words, command in _commands(cli, ctx):
        within = click.Context(command, info_name=words[-1], parent=ctx)
        usage = " ".join(command.collect_usage_pieces(within))
        lines += [f".SS {_plain(' '.join([*words, usage]))}", *_text(command.help or ""), *_options(command, within)]
    lines += [".SH EXIT STATUS", *_terms(EXITS), ".SH FILES", *_terms(FILES), ".SH ENVIRONMENT", *_terms(VARIABLES)]
    lines += [".SH SEE ALSO", ".BR unbusy.toml (5),", ".BR systemd (1);", "`unbusy docs` has the pages of the docs."]
    return "\n".join(lines) + "\n"


def unbusy_toml_5(_: click.Group) -> str:
    """The page of the config."""
    from daemon.config.json_schema import schema

    whole = schema()["properties"]
    top = {name: one for name, one in whole.items() if name not in ("accounts", "policies")}
    lines = [*_head("UNBUSY.TOML", 5, "the config of unbusy"), ".SH DESCRIPTION"]
    lines += _text(
        "A file in TOML. Every option has a default but where your calendars are. Unknown keys and bad values are"
        " errors, all of them named at once. `unbusy config example` prints a file with every option, `unbusy config"
        " show` what is in force."
    )
    lines += [".SH AT THE TOP", *_table(top)]
    for store in whole["accounts"]["additionalProperties"]["oneOf"]:
        name = store["properties"]["type"]["const"]
        lines += [f".SH ACCOUNTS OF TYPE {name.upper()}", f'In a table [accounts.NAME] with type = "{name}".']
        lines += _table({key: one for key, one in store["properties"].items() if key != "type"})
    for name, policy in whole["policies"]["properties"].items():
        lines += [f".SH POLICY {name.upper()}", f"In the table [policies.{name}].", *_table(policy["properties"])]
    lines += [".SH SEE ALSO", ".BR unbusy (1)"]
    return "\n".join(lines) + "\n"


def usage(cli: click.Group, columns: int) -> str:
    """What `unbusy --help` shows on a terminal of these columns."""
    context = click.Context(cli, info_name="unbusy", terminal_width=columns - 2, **cli.context_settings)
    return f"{cli.get_help(context)}\n"


PAGES = {"unbusy.1": unbusy_1, "unbusy.toml.5": unbusy_toml_5}


def _head(name: str, section: int, what: str) -> Iterator[str]:
    yield r".\" Made by `make man`."
    yield f'.TH {name} {section} "" "unbusy" ""'
    yield ".SH NAME"
    yield f"{name.lower()} \\- {_plain(what)}"


Words = tuple[str, ...]


def _commands(group: click.Group, ctx: click.Context, above: Words = ()) -> Iterator[tuple[Words, click.Command]]:
    """Every command with its words, in order."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is None or command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from _commands(command, ctx, (*above, name))
        else:
            yield (*above, name), command


def _options(command: click.Command, ctx: click.Context) -> Iterator[str]:
    for param in command.params:
        record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
        if record:
            yield from (".TP", f".B {_plain(record[0])}", _plain(record[1]))


def _table(options: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Each option with what would be valid, its default and its meaning; tables within written out."""
    from daemon.config.json_schema import valid

    for name, one in options.items():
        within = next((o for o in (one, *one.get("anyOf", ())) if o.get("properties")), None)
        default = f" (default: {_shown(one['default'])})" if "default" in one and not within else ""
        kind = valid({"type": "object", **one})
        meaning = f"{one.get('description', '')} {kind[0].upper()}{kind[1:]}{default}."
        yield from (".TP", f".B {_plain(above + name)}", _plain(meaning.strip()))
        if within:
            yield from _table(within["properties"], f"{above}{name}.")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_shown(one)}' for key, one in value.items())} }}"
    if isinstance(value, list):
        some = ", ".join(map(_shown, value[:4]))
        return f"[{some}{', …' if len(value) > 4 else ''}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _terms(pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for term, text in pairs:
        yield from (".TP", f".B {_plain(term)}", _plain(text))


def _text(text: str) -> Iterator[str]:
    """Paragraphs."""
    for n, part in enumerate(text.strip().split("\n\n")):
        yield from ([".PP"] if n else [])
        yield _plain(" ".join(part.split()))


def _plain(text: str) -> str:
    """Text that is none of roff's requests."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


@click.command(hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_context
def man(ctx: click.Context, folder: Path) -> None:
    """Write the manual pages, and the help that is kept as text."""
    root = ctx.find_root().command
    if isinstance(root, click.Group):
        for page, make in PAGES.items():
            (folder / page).write_text(make(root))
        for columns in WIDTHS:
            Path(usage_file(columns)).write_text(usage(root, columns))
