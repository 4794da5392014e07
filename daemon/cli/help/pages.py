"""`unbusy docs`: the pages that come with the program."""

from __future__ import annotations

import click

from daemon.cli.help import completing
from daemon.model.errors import ConfigError


@click.command()
@click.argument("page", metavar="[PAGE]", required=False, shell_complete=completing.pages)
def docs(page: str | None) -> None:
    """Show a page of the docs; without PAGE, which pages there are."""
    from daemon.system.shared import pages

    have = pages()
    if page is None:
        for name, path in have.items():
            click.echo(f"{name:<{max(map(len, have)) + 2}}{_title(path.read_text())}")
        return
    name = page.removesuffix(".md")
    if name not in have:
        raise ConfigError(f"there is no page {page!r} in the docs", f"there are: {', '.join(have)}")
    click.echo_via_pager(have[name].read_text())


def _title(text: str) -> str:
    """The heading of a page."""
    return next((line.lstrip("# ") for line in text.splitlines() if line.startswith("# ")), "")
