"""Cases of accepted webhooks, and of deliveries that come again."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import answers
from client import PRIVATE
from shared import check, delivery, ended, executions, is_status
from table import Bench

# Accepted webhooks.


@check("accept/members")
def members(bench: Bench) -> None:
    """Request ids differ, the status URL works as it is, and a first delivery is no duplicate."""
    first, second = (answers.accepted(bench.client.send()) for _ in range(2))
    assert first["requestId"] != second["requestId"], f"two requests have the id {first['requestId']}"
    assert first["executionToken"] != second["executionToken"], "two webhooks without a delivery id have one token"
    assert "duplicate" not in first, f"a first delivery is called a duplicate: {first}"
    body = answers.shown(bench.client.ask("GET", first["statusUrl"]))
    assert body["executionToken"] == first["executionToken"], f"the status URL leads to {body['executionToken']}"
    assert body["trace"]["traceId"] == first["traceId"], f"the trace is another one: {body['trace']}"


@check("accept/every-json-value")
def every_json_value(bench: Bench) -> None:
    """The body is JSON of any form."""
    bodies = ["null", "true", "0", "-1.5e300", '"text"', "[]", "{}", " \r\n[1, 2]\n", '{"a":1,"a":2}', '{"ü":"\\ud83d\\ude00"}']
    bodies.append('{"deep":' + "[" * 2000 + "]" * 2000 + "}")
    bodies.append('{"big":' + "9" * 400 + "}")
    for body in bodies:
        answer = bench.client.send(body)
        assert answer.status_code == 202, f"{body[:40]} is answered {answer.status_code}: {answer.text[:200]}"


@check("accept/summary")
def summary(bench: Bench) -> None:
    """Type, source and keys are told as the README's table of schemes says."""
    body = {"ref": "r", "repository": {"full_name": "octocat/hello-world"}}
    token = answers.accepted(bench.client.send(body, headers={"X-GitHub-Event": "push"}))["executionToken"]
    got = answers.shown(bench.client.status(token))["webhookSummary"]
    expected = {"type": "push", "source": "octocat/hello-world", "keys": ["ref", "repository"]}
    assert got == expected, f"expected {expected}, got {got}"
    cases = [({"type": "a", "event": "b"}, "a"), ({"event_type": "c"}, "c"), ({"event": "d"}, "d")]
    for body, kind in cases:
        token = answers.accepted(bench.client.send(body, "/webhook"))["executionToken"]
        got = answers.shown(bench.client.status(token))["webhookSummary"]["type"]
        assert got == kind, f"the type of {body} is {got}, not {kind}"
    token = answers.accepted(bench.client.send({"type": "a"}, "/webhook", {"X-Webhook-Event": "h"}))["executionToken"]
    got = answers.shown(bench.client.status(token))["webhookSummary"]["type"]
    assert got == "a", f"the signed body's type is a, the answer's {got}: no signature covers the header"


# What is signed as its source asks, and is not what it sends.


@check("refuse/signed-and-no-form")
def no_form(bench: Bench) -> None:
    """A source of forms refuses what is signed and no form, and a form without its field."""
    for body in ('{"a": 1}', "other=%7B%7D"):
        answers.refused(bench.client.send(body, "/webhook/form"), 400, "body_not_form")


@check("refuse/signed-and-no-token")
def no_token(bench: Bench) -> None:
    """A source whose bodies are signed tokens refuses what is none."""
    answers.refused(bench.client.send({"private": PRIVATE}, "/webhook/claims"), 400, "body_not_jwt")


@check("refuse/signed-at-another-time")
def another_time(bench: Bench) -> None:
    """A signature that is right and covers a time of another day is refused; one of this minute is accepted."""
    body = json.dumps({"id": "evt_1", "private": PRIVATE}).encode()
    for second, day in ((int(time.time()), "today"), (int(time.time()) - 86400, "yesterday"), (int(time.time()) + 86400, "tomorrow")):
        made = bench.client.seen.sign("stripe", f"{second}.".encode() + body)
        answer = bench.client.ask("POST", "/webhook/stripe", body, {"Stripe-Signature": f"t={second},v1={made}"})
        if day == "today":
            answers.accepted(answer)
        else:
            answers.refused(answer, 401, "signature_stale")


# Deliveries that come again.


@check("duplicate/same-body")
def same_body(bench: Bench) -> None:
    """The same delivery id gives the same token however often it is sent, and is processed once."""
    first = answers.accepted(bench.client.send(headers=delivery("again")))
    for _ in range(3):
        again = answers.accepted(bench.client.send(headers=delivery("again")))
        assert again.get("duplicate") is True, f"a delivery that came before is not called a duplicate: {again}"
        for part in ("executionToken", "statusUrl", "traceId", "traceUrl"):
            assert again[part] == first[part], f"{part} was {first[part]} and is {again[part]}"
    body = ended(bench, first["executionToken"])
    answers.accepted(bench.client.send(headers=delivery("again")))
    found = executions(bench, first["executionToken"])
    assert len(found) == 1 and body["attempt"] == 1, f"one delivery had {len(found)} executions"


@check("duplicate/twenty-at-once")
def twenty_at_once(bench: Bench) -> None:
    """Twenty deliveries of one id at the same time give one token and one execution."""
    with ThreadPoolExecutor(20) as pool:
        sent = list(pool.map(lambda _: bench.client.send(headers=delivery("at-once")), range(20)))
    bodies = [answers.accepted(answer) for answer in sent]
    tokens = {body["executionToken"] for body in bodies}
    assert len(tokens) == 1, f"one delivery id has {len(tokens)} tokens"
    new = [body for body in bodies if "duplicate" not in body]
    assert len(new) == 1, f"{len(new)} of 20 answers say that the delivery is new"
    is_status(ended(bench, bodies[0]["executionToken"]), "completed")
    found = executions(bench, bodies[0]["executionToken"])
    assert len(found) == 1, f"one delivery had {len(found)} executions"


@check("duplicate/of-the-source-alone")
def of_the_source_alone(bench: Bench) -> None:
    """A delivery id belongs to its source, and `default` is one source by both of its paths."""
    name: dict[str, str | bytes] = {"X-GitHub-Delivery": "shared", "X-Webhook-Id": "shared"}
    paths = ["/webhook/github", "/webhook", "/webhook/default", "/webhook/open"]
    github, default, by_name, unsigned = (
        answers.accepted(bench.client.send(path=path, headers=name))["executionToken"] for path in paths
    )
    assert default == by_name, "the default source has two tokens for one delivery"
    assert len({github, default, unsigned}) == 3, "sources share a token"


@check("duplicate/an-empty-id-is-none")
def an_empty_id_is_none(bench: Bench) -> None:
    """Without a delivery id, or with an empty one, every delivery is a webhook of its own."""
    sent = [bench.client.send(headers=headers) for headers in ({}, {}, delivery(""), delivery(""))]
    tokens = {answers.accepted(answer)["executionToken"] for answer in sent}
    assert len(tokens) == 4, f"four deliveries without an id have {len(tokens)} tokens"


@check("duplicate/conflict")
def conflict(bench: Bench) -> None:
    """The same id with another body is a webhook of its own, and the first one stays as it was."""
    first = answers.accepted(bench.client.send({"private": PRIVATE, "n": 1}, headers=delivery("conflict")))
    before = ended(bench, first["executionToken"])
    answer = bench.client.send({"private": PRIVATE, "n": 2}, headers=delivery("conflict"))
    own = answers.accepted(answer)
    assert own["executionToken"] != first["executionToken"], "the other body has displaced the first webhook"
    assert own["conflict"] is True, f"the answer says nothing of the conflict: {own}"
    ended(bench, own["executionToken"])
    after = answers.shown(bench.client.status(first["executionToken"]))
    assert after.pop("conflicts", None) == 1, "the first webhook does not count the conflict"
    assert after == before, f"a conflict changed the first webhook from {before} to {after}"
