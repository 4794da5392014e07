"""What a calendar daemon is usually built from, imported and started, without any work: then it rests.

The libraries are in an environment of their own; see `bench/constraints.txt`.
"""

from __future__ import annotations

import signal
import sys

import icalendar
import keyring
import recurring_ical_events
import typer
from apscheduler.schedulers.background import BackgroundScheduler
from caldav import DAVClient
from pydantic_settings import BaseSettings
from rich.console import Console


class Settings(BaseSettings):
    """What such a daemon is told."""

    url: str = "http://localhost/"
    every: int = 300


def main() -> None:
    """Set everything up, say so, rest."""
    settings = Settings()
    app, console, secrets = typer.Typer(), Console(), keyring.get_keyring()
    client = DAVClient(settings.url)
    calendar = icalendar.Calendar()
    occurrences = recurring_ical_events.of(calendar)
    scheduler = BackgroundScheduler()
    scheduler.add_job(lambda: (app, console, secrets, client, occurrences), "interval", seconds=settings.every)
    scheduler.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    main()
