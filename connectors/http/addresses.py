"""Addresses of web servers: which may be used, what of them may be told, and what stands in a request."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from daemon.model.errors import ConfigError, UnbusyError


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port.  ConfigError for what is no address of a web server that may be used."""
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise ConfigError(
            f"{redacted(url)} is not an address", "write it like https://cloud.example.com/dav/"
        ) from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ConfigError(f"{redacted(url)} is not an address", "write it like https://cloud.example.com/dav/")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ConfigError(f"{redacted(url)} is not encrypted", "write https://; plain http is for this machine only")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)


def target(url: str) -> str:
    """What stands in the request line: path and query (RFC 9112, 3.2.1)."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


def redacted(url: str) -> str:
    """The server of an address: user information and, with private addresses, the path are secrets."""
    scheme, there, rest = url.partition("://")
    host = re.split("[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return repr(f"{scheme}://{host}" if there else scheme)[:200]


def joined(base: str, url: str) -> str:
    """An address from a server, made whole; UnbusyError for what is not an address."""
    try:
        return urljoin(base, url)
    except ValueError:
        raise UnbusyError(
            f"{redacted(base)} gives something that is not an address", "correct the address of this account"
        ) from None


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
