"""The JSON Schema of the config, for editors; and from it the words in which an error says what would be valid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from daemon.config import registry
from daemon.config.schema import NAME, Config
from daemon.config.toml import plain

_TYPES = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
    "array": "a list",
    "object": "a table",
}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "over {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "under {}",
    "minLength": "of at least {} characters",
    "maxLength": "of at most {} characters",
    "minItems": "of at least {}",
    "maxItems": "of at most {}",
}


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a whole config, with the accounts and policies that are installed."""
    whole = _of(Config)
    stores = {name: _of(registry.connector(name).options) for name in registry.connectors()}
    for name, store in stores.items():
        store["properties"]["type"] = {"const": name}
        store["required"] = ["type", *store["required"]]
    whole["properties"]["accounts"] |= {
        "type": "object",
        "propertyNames": {"pattern": f"^{NAME.pattern}$"},
        "additionalProperties": {"oneOf": list(stores.values())},
    }
    whole["properties"]["policies"] |= {
        "type": "object",
        "properties": {name: _of(registry.policy(name).options) for name in registry.policies()},
        "additionalProperties": False,
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "unbusy", **whole}


def words(kind: Any) -> str:  # noqa: ANN401 a type, or what typing makes of types
    """What would be valid: 'a whole number, at least 1, at most 100'."""
    return valid(_of(kind))


def valid(schema: Mapping[str, Any]) -> str:
    """The same of what a schema says."""
    if "enum" in schema:
        return f"one of {', '.join(map(repr, schema['enum']))}"
    if isinstance(schema.get("type"), list):
        return " or ".join(_TYPES.get(one, "a value") for one in schema["type"])
    if "anyOf" in schema:
        return " or ".join(valid(one) for one in schema["anyOf"] if one != {"type": "null"})
    many = schema.get("items")
    what = "a date" if schema.get("format") == "date" else _TYPES.get(schema["type"], "a value")
    bounds = [text.format(schema[key]) for key, text in _BOUNDS.items() if key in schema]
    examples = [f"such as {schema['examples'][0]!r}"] if "examples" in schema else []
    return ", ".join([f"{what} of: {valid(many)}" if many else what, *bounds, *examples])


def _of(kind: Any) -> dict[str, Any]:  # noqa: ANN401 likewise
    """The schema of one type, with the structs in it written out in place."""
    bare, *metas = (kind.__origin__, *kind.__metadata__) if get_origin(kind) is Annotated else (kind,)
    told = {"description": metas[0].description} if metas else {}
    if _is_struct(bare):
        return _table(bare) | told
    if get_origin(bare) is tuple and any(map(_is_struct, (one := get_args(bare)[0], *get_args(one)))):
        return {"type": "array", "items": _of(one)} | told
    if any(map(_is_struct, get_args(bare))):
        return {"anyOf": [_of(one) for one in get_args(bare)]} | told
    plainly = msgspec.json.schema(kind, schema_hook=_hook)
    return dict(_inlined(plainly, plainly.get("$defs", {})))


def _hook(kind: type[Any]) -> dict[str, Any]:
    return dict(kind.schema)


def _is_struct(kind: Any) -> bool:  # noqa: ANN401 likewise
    return isinstance(kind, type) and issubclass(kind, Struct)


def _inlined(schema: Any, defs: dict[str, Any]) -> Any:  # noqa: ANN401 whatever JSON holds
    """A schema with what it refers to written out in place."""
    if isinstance(schema, list):
        return [_inlined(one, defs) for one in schema]
    if not isinstance(schema, dict):
        return schema
    target = defs[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
    own = {key: value for key, value in schema.items() if key not in {"$ref", "$defs"}}
    return {key: _inlined(value, defs) for key, value in (target | own).items()}


def _table(kind: type[Struct]) -> dict[str, Any]:
    known = fields(kind)
    return {
        "type": "object",
        "properties": {field.encode_name: _of(field.type) | _default(field) for field in known},
        "required": [field.encode_name for field in known if field.required],
        "additionalProperties": False,
    }


def _default(field: FieldInfo) -> dict[str, Any]:
    return {} if field.default in {NODEFAULT, None} else {"default": plain(field.default)}
