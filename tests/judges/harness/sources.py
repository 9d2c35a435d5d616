"""The configuration of the producers' sources, for every judge that delivers webhooks: `sources.toml`."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from harness import JUDGES


def known() -> dict[str, dict[str, Any]]:
    """What the service can be configured with, by the producer's name."""
    return tomllib.loads((JUDGES / "sources.toml").read_text())


def configuration(sources: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of these sources in the service's configuration file."""
    lines = []
    for name, fields in sources.items():
        lines.append(f"[sources.{name}]")
        lines += [f"{key} = {value(field)}" for key, field in fields.items()]
    return "\n".join(lines) + "\n"


def value(field: Any) -> str:
    """A value in TOML."""
    if isinstance(field, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {value(inner)}" for key, inner in field.items()) + "}"
    if isinstance(field, list):
        return "[" + ", ".join(value(inner) for inner in field) + "]"
    # What remains is written as in JSON.
    return json.dumps(field, ensure_ascii=False)
