"""Every request is held against the discovery document that lies in the installed client: path, parameters, body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import googleapiclient

from gcal.answers import Refusal, bad, missing

BASE = "/calendar/v3/"
OUTPUT_ONLY = frozenset({"kind", "etag", "sequence", "iCalUID", "id"})
"""Of an event: not said to be read-only, and yet the service's; a client may send back what it was given."""


@dataclass(frozen=True)
class Method:
    """A method of the document: its id, as in 'calendar.events.list', and all that it accepts."""

    id: str
    http: str
    path: re.Pattern[str]
    parameters: Mapping[str, Any]
    request: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Call:
    """A request that the document allows; `given` holds parameters of path and query, typed."""

    method: Method
    given: Mapping[str, Any]
    body: dict[str, Any]


@cache
def document() -> dict[str, Any]:
    where = Path(googleapiclient.__file__).parent / "discovery_cache/documents/calendar.v3.json"
    found: dict[str, Any] = json.loads(where.read_text())
    return found


@cache
def methods() -> tuple[Method, ...]:
    return tuple(
        Method(
            one["id"], one["httpMethod"], re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(one["path"]))),
            one.get("parameters", {}), one.get("request", {}).get("$ref", ""), frozenset(one.get("scopes", ())),
        )
        for resource in document()["resources"].values()
        for one in resource["methods"].values()
    )  # fmt: skip


def read(http: str, path: str, query: str, content: bytes, content_type: str) -> Call:
    """The call that a request makes, or a refusal."""
    under = path.removeprefix(BASE) if path.startswith(BASE) else ""
    found = [(m, match) for m in methods() if (match := m.path.fullmatch(under))]
    if not found:
        raise Refusal(404, "notFound", "Not Found")
    for method, match in found:
        if method.http == http:
            places = {name: unquote(value) for name, value in match.groupdict().items()}
            given = _query(method, query) | places
            return Call(method, given, _body(method, content, content_type))
    raise Refusal(405, "httpMethodNotAllowed", "Method Not Allowed")


def _query(method: Method, query: str) -> dict[str, Any]:
    known = {k: v for k, v in method.parameters.items() if v["location"] == "query"} | document()["parameters"]
    given: dict[str, Any] = {}
    for name, text in parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)):
        if name not in known:
            raise bad(
                f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                f"Field '{name}' could not be found in request message.", "badRequest", f"parameter {name}",
            )  # fmt: skip
        value = _parameter(name, text, known[name])
        if known[name].get("repeated"):
            given.setdefault(name, []).append(value)
        elif name in given:
            raise bad(f"Invalid value for: {name} is given twice.", "invalidParameter", f"parameter {name}")
        else:
            given[name] = value
    if "fields" in given:
        raise Refusal(501, "notImplemented", "These tests need no partial responses yet.")
    for name, rule in known.items():
        if rule.get("required") and name not in given:
            raise missing(f"Required parameter: {name}", name)
    return given


def _parameter(name: str, text: str, rule: Mapping[str, Any]) -> Any:
    where = f"parameter {name}"
    if rule["type"] == "boolean":
        if text not in {"true", "false"}:
            raise bad(f"Invalid value '{text}'. Values must match the following regular expression: "
                      "'(true|false)'", "invalidParameter", where)  # fmt: skip
        return text == "true"
    if rule["type"] == "integer":
        low, high = int(rule.get("minimum", -(2**31))), int(rule.get("maximum", 2**31 - 1))
        if not re.fullmatch(r"-?\d{1,10}", text) or not low <= int(text) <= high:
            raise bad(f"Invalid value '{text}'. Values must be within the range: [{low}, {high}]",
                      "invalidParameter", where)  # fmt: skip
        return int(text)
    if text not in rule.get("enum", (text,)):
        allowed = ", ".join(rule["enum"])
        raise bad(f"Invalid value '{text}'. Allowed values are: [{allowed}]", "invalidParameter", where)
    if rule.get("format") == "date-time" and not _is_moment(text, offset=True):
        raise bad("Bad Request", "badRequest", where)
    return text


def _body(method: Method, content: bytes, content_type: str) -> dict[str, Any]:
    if not method.request:
        if content:
            raise bad(f"{method.id} takes no body.", "badRequest")
        return {}
    if content_type.partition(";")[0].strip() != "application/json":
        raise bad("This API does not support parsing form-encoded input.", "parseError")
    try:
        body = json.loads(content)
    except ValueError:
        raise bad("Parse Error", "parseError") from None
    if not isinstance(body, dict):
        raise bad("Parse Error", "parseError")
    _check(body, document()["schemas"][method.request], "")
    if method.http != "PATCH":
        _required(method, body)
    return body


def _required(method: Method, body: Mapping[str, Any]) -> None:
    for name, rule in document()["schemas"][method.request]["properties"].items():
        if method.id in rule.get("annotations", {}).get("required", ()) and body.get(name) is None:
            raise missing(f"Missing {name} time." if name in {"start", "end"} else f"Required: {name}", name)


def _check(value: Any, rule: Mapping[str, Any], place: str) -> None:
    """The types of the schema; null stands for 'not there'."""
    rule = document()["schemas"][rule["$ref"]] if "$ref" in rule else rule
    if value is None or rule["type"] == "any":
        return
    match rule["type"]:
        case "object":
            _expect(isinstance(value, dict), place, value)
            for name, inner in value.items():
                known = rule.get("properties", {}).get(name) or rule.get("additionalProperties")
                if known is None:
                    at = f" at '{place}'" if place else ""
                    raise bad(f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.',
                              "badRequest")  # fmt: skip
                _check(inner, known, f"{place}.{name}" if place else name)
        case "array":
            _expect(isinstance(value, list), place, value)
            for number, inner in enumerate(value):
                _expect(inner is not None, place, inner)
                _check(inner, rule["items"], f"{place}[{number}]")
        case "boolean":
            _expect(isinstance(value, bool), place, value)
        case "integer":
            whole = isinstance(value, int) and not isinstance(value, bool)
            _expect(whole and -(2**31) <= value < 2**31, place, value)
        case "string":
            _expect(isinstance(value, str), place, value)
            _expect(value in rule.get("enum", (value,)), place, value)
            _expect(_has_format(value, rule.get("format", "")), place, value)
        case other:
            raise AssertionError(other)


def _expect(holds: bool, place: str, value: Any) -> None:
    if not holds:
        shown = json.dumps(value)[:60]
        raise bad(f"Invalid value at '{place}': {shown}", "badRequest")


def _has_format(text: str, form: str) -> bool:
    if form == "date":
        try:
            return len(text) == 10 and bool(date.fromisoformat(text))
        except ValueError:
            return False
    return _is_moment(text, offset=False) if form == "date-time" else True


def _is_moment(text: str, *, offset: bool) -> bool:
    """Whether it is a date and time of RFC 3339; `offset`: it must have one."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", text):
        return False
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return False
    return at.tzinfo is not None or not offset


# -- what the service alone may write -------------------------------------------------------------------------------


def check_read_only(body: Mapping[str, Any], current: Mapping[str, Any] | None) -> None:
    """Refuse an event's read-only and immutable fields, unless they say what the service has said."""
    _check_own(body, current or {}, document()["schemas"]["Event"], "", new=current is None)


def _check_own(body: Mapping[str, Any], current: Mapping[str, Any], rule: Mapping[str, Any], place: str, *,
               new: bool) -> None:  # fmt: skip
    for name, value in body.items():
        known = rule["properties"].get(name)
        if known is None or value is None:
            continue
        at = f"{place}.{name}" if place else name
        told = known.get("description", "")
        own = "Read-only" in told or "Read-Only" in told or (not place and name in OUTPUT_ONLY and not new)
        own = own or (not new and "Immutable" in told) or (new and name in {"recurringEventId", "originalStartTime"})
        own = own or (new and name in {"etag", "sequence"})
        if own and value != current.get(name):
            raise bad(f"Field '{at}' is read-only or cannot be changed.", "badRequest")
        inner = document()["schemas"][known["$ref"]] if "$ref" in known else known
        if inner.get("type") == "object" and isinstance(value, dict) and "properties" in inner and not own:
            _check_own(value, current.get(name) or {}, inner, at, new=new)
        elif name == "attendees":
            there = {a.get("email"): a for a in current.get("attendees", ())}
            for one in value:
                _check_own(one, there.get(one.get("email"), {}), document()["schemas"]["EventAttendee"], at, new=new)
