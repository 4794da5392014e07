"""What the service says when it does not do as it was asked: one error form, and the documented reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):  # noqa: N818  it is an answer
    """An answer that is no success: status, reason and message as the guide on errors has them."""

    def __init__(
        self, status: int, reason: str, message: str, *, domain: str = "global", where: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(f"{status} {reason}: {message}")
        self.status, self.reason, self.message, self.domain = status, reason, message, domain
        self.where = where
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        one = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.where:
            kind, _, name = self.where.partition(" ")
            one |= {"locationType": kind, "location": name}
        return {"error": {"errors": [one], "code": self.status, "message": self.message}}


def bad(message: str, reason: str = "invalid", where: str = "") -> Refusal:
    return Refusal(400, reason, message, where=where)


def missing(what: str, name: str) -> Refusal:
    return Refusal(400, "required", what, where=f"parameter {name}")


def unauthorized() -> Refusal:
    return Refusal(
        401, "authError", "Invalid Credentials", where="header Authorization",
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
    )  # fmt: skip


def forbidden(message: str = "Forbidden", reason: str = "forbidden") -> Refusal:
    return Refusal(403, reason, message)


def unscoped() -> Refusal:
    return Refusal(403, "insufficientPermissions", "Request had insufficient authentication scopes.")


def not_organizer() -> Refusal:
    return Refusal(
        403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer of the event.",
        domain="calendar",
    )  # fmt: skip


def not_found() -> Refusal:
    return Refusal(404, "notFound", "Not Found")


def duplicate() -> Refusal:
    return Refusal(409, "duplicate", "The requested identifier already exists.")


def deleted() -> Refusal:
    return Refusal(410, "deleted", "Resource has been deleted")


def full_sync() -> Refusal:
    return Refusal(
        410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.", domain="calendar",
        where="parameter syncToken",
    )  # fmt: skip


def changed() -> Refusal:
    return Refusal(412, "conditionNotMet", "Precondition Failed", where="header If-Match")
