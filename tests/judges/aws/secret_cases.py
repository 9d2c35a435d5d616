"""Secrets Manager: what the validator makes of every state that a secret can have there."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from second_aws import SECRET
from world import CURRENT, TOKEN_KEY, World

from harness.service import Answer


def document(**sources: str) -> str:
    return json.dumps({"tokenKey": TOKEN_KEY, "sources": sources})


def expect(answer: Answer, status: int, code: str | None = None) -> None:
    got = answer.json().get("code")
    assert (answer.status, got) == (status, code), f"expected {status} {code}, got {answer.status} {got}"


def put(world: World, text: str) -> None:
    """A rotation, and a validator that has not seen the values before it."""
    world.secrets.put_secret_value(SecretId=SECRET, SecretString=text)
    world.restart("validator")


@contextmanager
def nothing_stored(world: World) -> Iterator[None]:
    before = world.keys()
    yield
    more = world.keys() - before
    assert not more, f"new in the table is {more}"


def no_secret(world: World) -> None:
    with nothing_stored(world):
        expect(world.send(), 503, "secrets_unavailable")


def no_value(world: World) -> None:
    """Terraform makes the secret; its value is put later."""
    world.secrets.create_secret(Name=SECRET)
    with nothing_stored(world):
        expect(world.send(), 503, "secrets_unavailable")


def not_of_this_source(world: World) -> None:
    put(world, document(other="another"))
    with nothing_stored(world):
        expect(world.send(), 503, "secret_missing")


def first_value(world: World) -> None:
    put(world, document(github="the-first-secret"))
    expect(world.send(secret="the-first-secret"), 202)


def rotated(world: World) -> None:
    """The previous value is good beside the current one."""
    put(world, document(github=CURRENT))
    for secret in ("the-first-secret", CURRENT):
        expect(world.send(secret=secret), 202)
    with nothing_stored(world):
        expect(world.send(secret="never-a-secret"), 401, "signature_mismatch")


def rotated_twice(world: World) -> None:
    """A value that is neither current nor previous is good no more, and the token key stays."""
    delivery = "a-delivery-over-a-rotation"
    before = world.send(delivery=delivery).json()["executionToken"]
    put(world, document(github=CURRENT))
    with nothing_stored(world):
        expect(world.send(secret="the-first-secret"), 401, "signature_mismatch")
    again = world.send(delivery=delivery)
    expect(again, 202)
    answer: dict[str, Any] = again.json()
    assert (answer["executionToken"], answer.get("duplicate")) == (before, True), f"{before} came back as {answer}"


def marked_for_deletion(world: World) -> None:
    world.secrets.delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    world.restart("validator")
    with nothing_stored(world):
        refused = world.send()
        expect(refused, 503, "secrets_unavailable")
    world.secrets.restore_secret(SecretId=SECRET)
    # A failed read is remembered for less than the producer is asked to wait.
    time.sleep(int(refused.headers["retry-after"]))
    expect(world.send(), 202)


# In this order: each goes on from the state that the one before it left.
CASES = {
    "no-secret": no_secret,
    "a-secret-without-a-value": no_value,
    "a-value-without-the-source": not_of_this_source,
    "the-first-value": first_value,
    "previous-and-current-value": rotated,
    "the-value-before-the-previous": rotated_twice,
    "a-secret-marked-for-deletion": marked_for_deletion,
}
