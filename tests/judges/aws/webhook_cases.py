"""Webhooks from end to end, with the second AWS under all four functions."""

import hashlib
import json
import time
import uuid
from typing import Any

from second_aws import TABLE
from world import World

from harness.service import until

OPEN = ("received", "validated", "processing")
NOT_STARTED = {"operation": "lambda:Invoke", "count": 1000, "effect": {"status": 500, "code": "ServiceException"}}


def completes(world: World) -> None:
    body = json.dumps({"script": {}, "a": 1}).encode()
    answer = world.deliver(body, str(uuid.uuid4()))
    assert answer.status == 202, f"expected 202, got {answer.status}: {answer.body[:300]!r}"
    token = answer.json()["executionToken"]
    status = world.ended(token, "completed")
    steps = {step["name"]: step["status"] for step in status["steps"]}
    assert set(steps.values()) == {"completed"}, f"the steps are {steps}"
    items = {item["item"]["S"]: item for item in world.items(token)}
    payload = f"payload#{hashlib.sha256(body).hexdigest()}"
    assert set(items) == {"state", payload}, f"the items are {set(items)}"
    assert items[payload]["body"]["B"] == body, "the payload is not what was sent"
    assert "openShard" not in items["state"], "a webhook that has ended is in the index of open ones"


def duplicate(world: World) -> None:
    delivery = str(uuid.uuid4())
    token = world.accepted(delivery=delivery)
    world.ended(token, "completed")
    before = world.state(token)
    again = world.send(delivery=delivery).json()
    assert (again["executionToken"], again.get("duplicate")) == (token, True), f"the second one is answered {again}"
    assert world.state(token) == before, "the second one has changed the state"


def duplicate_of_another_type(world: World) -> None:
    """No signature covers the headers, so a stranger can send a captured body again with others."""
    body, delivery = json.dumps({"script": {}, "b": 1}).encode(), str(uuid.uuid4())
    token = world.deliver(body, delivery).json()["executionToken"]
    world.ended(token, "completed")
    before = world.items(token)
    again = world.deliver(body, delivery, **{"Content-Type": "text/plain"})
    assert (again.status, again.json().get("duplicate")) == (202, True), f"the second one is answered {again.status}"
    after = world.items(token)
    both = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    changed = [{name: (old[name], new[name]) for name in new if old[name] != new[name]} for old, new in both]
    assert not changed, f"the second one has changed {changed}"


def another_body(world: World) -> None:
    delivery = str(uuid.uuid4())
    token = world.accepted(delivery=delivery)
    world.ended(token, "completed")
    before = world.state(token)
    answer = world.send({"failures": 0}, delivery=delivery)
    assert (answer.status, answer.json().get("conflict")) == (202, True), f"answered {answer.status}"
    own = answer.json()["executionToken"]
    assert own != token, "the other body has displaced the first"
    world.ended(own, "completed")
    after = world.state(token)
    assert after.pop("conflicts", None) == {"N": "1"}, f"the first one counts {after.get('conflicts')}"
    assert after == before, "the other body has changed the state"


def largest_body(world: World) -> None:
    """Of the default limit, and one byte more."""
    body = json.dumps({"script": {}, "filler": ""}).encode()
    body = body.replace(b'""', b'"' + b"x" * (358_400 - len(body)) + b'"')
    answer = world.deliver(body, str(uuid.uuid4()))
    assert answer.status == 202, f"{len(body)} bytes are answered {answer.status}"
    token = answer.json()["executionToken"]
    world.ended(token, "completed")
    stored = [item["body"]["B"] for item in world.items(token) if "body" in item]
    assert stored == [body], "the payload is not what was sent"
    more = world.deliver(body + b" ", str(uuid.uuid4()))
    assert (more.status, more.json()["code"]) == (413, "payload_too_large"), f"one byte more is answered {more.status}"


def unknown_token(world: World) -> None:
    token = uuid.uuid4().hex
    answer = world.service.get(f"/status/{token}")
    assert (answer.status, answer.json()["code"]) == (404, "token_unknown"), f"answered {answer.status}"
    outcome = world.redrive(token)["outcome"]
    assert outcome == "token_unknown", f"the redrive says {outcome}"


def transient_failure(world: World) -> None:
    status = world.ended(world.accepted({"failures": 1}), "completed")
    tries = {step["name"]: step["tries"] for step in status["steps"]}
    assert tries["process"] == 2, f"the tries are {tries}"


def redelivered(world: World) -> None:
    """The producer sends a failed webhook again, an hour later."""
    delivery = str(uuid.uuid4())
    token = world.accepted({"then": "permanent"}, delivery=delivery)
    world.ended(token, "failed")
    world.table.update_item(
        TableName=TABLE,
        Key=world.key(token),
        UpdateExpression="SET createdAt = createdAt - :hour",
        ExpressionAttributeValues={":hour": {"N": "3600000"}},
    )
    again = world.send({"then": "permanent"}, delivery=delivery).json()
    assert (again["executionToken"], again.get("reopened")) == (token, True), f"the second one is answered {again}"
    world.ended(token, "failed", 2)


def redriven(world: World) -> None:
    """Beside the payload lies one that a refused delivery has left, and that comes before it in the query."""
    token = world.deliver(scripted(1), str(uuid.uuid4())).json()["executionToken"]
    error = world.ended(token, "failed")["error"]["code"]
    assert error == "scripted_end", f"the error is {error}"
    left = {"executionToken": {"S": token}, "item": {"S": "payload#" + "f" * 64}, "body": {"B": b"{}"}}
    world.table.put_item(TableName=TABLE, Item=left | {"ttl": {"N": str(int(time.time()) + 3600)}})
    outcome = world.redrive(token)
    assert outcome["outcome"] == "redriven", f"the redrive says {outcome}"
    attempts = world.ended(token, "failed", 2)["attempts"]
    ends = [(attempt["number"], attempt["status"]) for attempt in attempts]
    assert ends == [(1, "failed"), (2, "failed")], f"the attempts are {ends}"


def scripted(number: int) -> bytes:
    return json.dumps({"script": {"then": "permanent"}, "number": number}).encode()


def redriven_by_source(world: World) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
    tokens = {world.accepted({"then": "permanent"}) for _ in range(3)}
    for token in tokens:
        world.ended(token, "failed")
    command = {"action": "redrive", "source": "github", "since": since, "ratePerSecond": 100}
    found = world.reconcile(command | {"dryRun": True})
    assert tokens <= set(found["tokens"]), f"of {tokens} it finds {found['tokens']}"
    done = world.reconcile(command)
    assert done["complete"] and set(done["outcomes"]) == {"redriven"}, f"the redrive says {done}"
    for token in tokens:
        world.ended(token, "failed", 2)
    again = world.reconcile(command | {"until": done["until"]})
    assert again["matched"] == 0, f"the repeated command finds {again}"


def started_by_sweep(world: World) -> None:
    """Webhooks of two shards, found by two sweeps: the second goes on where the first one stopped."""
    world.service.faults(NOT_STARTED)
    tokens = [world.accepted()]
    while tokens[-1][0] == tokens[0][0]:
        tokens.append(world.accepted())
    world.service.faults()
    resumed = False
    for token in tokens:
        status = world.service.status(token)["status"]
        assert status == "received", f"{token} is {status} although its start failed"
    # All are old enough for the first sweep, so that the second one finds what it left.
    time.sleep(2)

    def all_started() -> bool:
        nonlocal resumed
        resumed |= world.reconcile({"action": "sweep"})["resumed"]
        return all(world.service.status(token)["status"] == "completed" for token in tokens)

    until(all_started, "sweeps start what was not started")
    assert resumed, "no sweep went on where another stopped"
    until(lambda: world.reconcile({"action": "sweep"})["complete"], "a sweep is complete")
    left = world.reader.get_item(TableName=TABLE, Key=world.key("sweep", "cursor")).get("Item")
    assert left is None, f"a complete sweep leaves {left}"


def running(world: World) -> str:
    """A webhook whose handler works."""
    token = world.accepted({"hang_ms": 2500})
    until(lambda: world.service.status(token)["status"] == "processing", f"{token} is processed")
    return token


def stopped(world: World) -> None:
    token = running(world)
    world.stop(token)
    error = world.ended(token, "stopped")["error"]["code"]
    assert error == "execution_stopped", f"the error is {error}"


def closed_by_sweep(world: World) -> None:
    token = running(world)
    world.service.faults({"operation": "event:StatusChange", "effect": {"drop": True}})
    world.stop(token)
    world.swept(token, "stopped")
    world.service.faults()


def closed_as_lost(world: World) -> None:
    """The record names an execution that the engine does not know."""
    other = world.accepted()
    world.ended(other, "completed")
    state = world.state(other)
    assert state, "a completed webhook has no state"
    arn = state["executionArn"]["S"].rsplit("/", 1)[0] + "/" + str(uuid.uuid4())
    world.service.faults(NOT_STARTED)
    token = world.accepted()
    world.service.faults()
    world.table.update_item(
        TableName=TABLE,
        Key=world.key(token),
        UpdateExpression="SET executionArn = :arn",
        ExpressionAttributeValues={":arn": {"S": arn}},
    )
    world.swept(token, "failed")


def dropped_start(world: World) -> None:
    """Lambda gives up the start of both attempts that there may be."""
    world.service.faults(NOT_STARTED)
    token = world.accepted()
    for attempt, status in ((2, "received"), (2, "failed")):
        answer = world.reconcile({"Records": [dead_letter(token)]})
        assert answer == {"batchItemFailures": []}, f"the dead letter is answered {answer}"
        got = world.service.status(token)
        assert (got["attempt"], got["status"]) == (attempt, status), f"expected {attempt} {status}, got {got}"
    world.service.faults()
    late = world.reconcile({"Records": [dead_letter(token)]})
    assert late == {"batchItemFailures": []}, f"the late letter is answered {late}"


def dead_letter(token: str) -> dict[str, Any]:
    """The message of Lambda's dead-letter queue about a start."""
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 1)) + ".000Z"
    body = {
        "version": "1.0",
        "timestamp": at,
        "requestContext": {"requestId": str(uuid.uuid4()), "condition": "EventAgeExceeded", "approximateInvokeCount": 1},
        "requestPayload": {"executionToken": token},
    }
    return {"messageId": str(uuid.uuid4()), "body": json.dumps(body), "eventSource": "aws:sqs", "awsRegion": "us-east-1"}


def kept_for_a_redrive(world: World) -> None:
    """A redrive of a record whose time is nearly over keeps its payload for as long as a new one."""
    token = world.accepted({"then": "permanent"})
    world.ended(token, "failed")
    soon = int(time.time()) + 3600
    world.expire_soon(token, soon)
    assert world.redrive(token)["outcome"] == "redriven", "it is not redriven"
    world.ended(token, "failed", 2)
    ends = {item["item"]["S"].partition("#")[0]: int(item["ttl"]["N"]) for item in world.items(token)}
    assert ends["state"] > ends["payload"] > soon + 6 * 86_400, f"record and payload end at {ends}, before at {soon}"


def payload_gone(world: World) -> None:
    token = world.accepted({"then": "permanent"})
    world.ended(token, "failed")
    world.expire_soon(token, int(time.time()) + 3600)
    (payload,) = [item["item"]["S"] for item in world.items(token) if item["item"]["S"] != "state"]
    world.table.delete_item(TableName=TABLE, Key=world.key(token, payload))
    before = world.items(token)
    outcome = world.redrive(token)["outcome"]
    assert outcome == "payload_expired", f"the redrive says {outcome}"
    assert world.items(token) == before, "the redrive has changed the items"


def only_open_ones_in_the_index(world: World) -> None:
    """The sparse index holds what is open, and nothing else."""
    world.service.faults(NOT_STARTED)
    waiting = world.accepted()
    world.service.faults()
    open_ones = {item["executionToken"]["S"] for item in world.items() if item.get("status", {}).get("S") in OPEN}
    entries = {item["executionToken"]["S"] for item in world.reader.scan(TableName=TABLE, IndexName="open")["Items"]}
    assert waiting in open_ones and entries == open_ones, f"open are {open_ones}, in the index are {entries}"


# In this order: the last one looks at all webhooks before it.
CASES = {
    "a-webhook-completes": completes,
    "a-duplicate-changes-nothing": duplicate,
    "a-duplicate-changes-no-payload": duplicate_of_another_type,
    "another-body-is-a-conflict": another_body,
    "the-largest-body": largest_body,
    "an-unknown-token": unknown_token,
    "a-failed-try-is-repeated": transient_failure,
    "a-failed-webhook-is-redriven": redriven,
    "a-redelivery-opens-the-next-attempt": redelivered,
    "failed-webhooks-of-a-source-are-redriven": redriven_by_source,
    "sweeps-start-what-was-not-started": started_by_sweep,
    "a-stopped-execution-closes-its-record": stopped,
    "a-sweep-closes-what-no-event-told": closed_by_sweep,
    "a-sweep-closes-what-the-engine-does-not-know": closed_as_lost,
    "a-dropped-start-is-repeated-then-given-up": dropped_start,
    "a-redrive-keeps-a-payload-that-expires": kept_for_a_redrive,
    "a-redrive-without-its-payload": payload_gone,
    "only-open-webhooks-are-in-the-index": only_open_ones_in_the_index,
}
