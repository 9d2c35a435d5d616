"""What cases of more than one request share."""

import json
from collections.abc import Callable
from typing import Any

from harness.service import TERMINAL, until

import answers
from client import PRIVATE
from table import Bench

CHECKS: dict[str, Callable[[Bench], None]] = {}


def check(name: str) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
    """Makes the function the check of that case."""

    def keep(function: Callable[[Bench], None]) -> Callable[[Bench], None]:
        CHECKS[name] = function
        return function

    return keep


def status_when(bench: Bench, token: str, holds: Callable[[Any], bool], what: str) -> Any:
    """The status answer's body as soon as it holds; every answer on the way has the form of the contract."""
    last: list[Any] = [None]

    def asked() -> Any:
        last[0] = answers.shown(bench.client.status(token))
        return last[0] if holds(last[0]) else None

    try:
        return until(asked, what)
    except AssertionError as error:
        raise AssertionError(f"{error}; last: {json.dumps(last[0])[:300]}") from error


def ended(bench: Bench, token: str) -> Any:
    """The status of a webhook that has ended."""
    return status_when(bench, token, lambda body: body["status"] in TERMINAL, f"{token} ends")


def scripted(**script: Any) -> dict[str, Any]:
    """The body of a webhook whose handler follows the script."""
    return {"private": PRIVATE, "script": script}


def is_status(body: Any, status: str) -> None:
    assert body["status"] == status, f"expected {status}, got {json.dumps(body)[:400]}"


def executions(bench: Bench, token: str) -> list[Any]:
    """The durable executions of a webhook."""
    return bench.service.get(f"/local/executions?token={token}").json()


def delivery(name: str) -> dict[str, str | bytes]:
    """The header of GitHub's delivery id."""
    return {"X-GitHub-Delivery": name}
