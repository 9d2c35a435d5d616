"""Cases of the status in each outcome of a webhook."""

import json

import httpx
from harness.service import TERMINAL

import answers
from client import PRIVATE
from shared import check, delivery, ended, is_status, scripted, status_when
from table import Bench

# The status in each outcome.


@check("status/completed")
def completed(bench: Bench) -> None:
    """A webhook that ends well has all steps, each completed."""
    token = answers.accepted(bench.client.send())["executionToken"]
    body = ended(bench, token)
    is_status(body, "completed")
    steps = [(step["name"], step["status"]) for step in body["steps"]]
    assert steps == [(name, "completed") for name in ("validate", "process", "finalize")], f"the steps are {steps}"


@check("status/failed")
def failed(bench: Bench) -> None:
    """A webhook whose handler refuses it ends failed, with the handler's code."""
    token = answers.accepted(bench.client.send(scripted(then="permanent")))["executionToken"]
    body = ended(bench, token)
    is_status(body, "failed")
    assert body["error"]["code"] == "scripted_end", f"the error is {body['error']}"
    assert body["attempts"][-1]["error"] == body["error"], f"the attempt's error is another one: {body['attempts']}"


@check("status/processing-and-stopped")
def stopped(bench: Bench) -> None:
    """A webhook that runs is processing; one whose execution is stopped ends stopped."""
    token = answers.accepted(bench.client.send(scripted(failures=1000)))["executionToken"]
    running = status_when(bench, token, lambda body: body["status"] == "processing", "the webhook is processing")
    assert running["currentStep"] == "process", f"it is processing in the step {running['currentStep']}"
    answer = bench.client.ask("POST", "/local/stop", json.dumps({"token": token}).encode(), {"Content-Type": "application/json"})
    assert answer.status_code == 204, f"the stop is answered {answer.status_code}"
    is_status(ended(bench, token), "stopped")


@check("status/validated")
def validated(bench: Bench) -> None:
    """A webhook whose next step cannot be opened stays validated, and goes on when it can."""
    rule = {"operation": "dynamodb:UpdateItem", "function": "tracehook-processor", "skip": 1, "count": 6}
    bench.service.faults(rule | {"effect": {"throttle": True}})
    token = answers.accepted(bench.client.send())["executionToken"]
    status_when(bench, token, lambda body: body["status"] == "validated", "the webhook is validated")
    bench.service.faults()
    is_status(ended(bench, token), "completed")


@check("status/received")
def received(bench: Bench) -> None:
    """A webhook that cannot be started is accepted and stays received until it is."""
    rule = {"operation": "lambda:Invoke", "function": "tracehook-validator", "ratio": 1}
    bench.service.faults(rule | {"effect": {"throttle": True}})
    sent = bench.client.send(headers=delivery("later"))
    bench.service.faults()
    token = answers.accepted(sent)["executionToken"]
    is_status(answers.shown(bench.client.status(token)), "received")
    answers.accepted(bench.client.send(headers=delivery("later")))
    is_status(ended(bench, token), "completed")


@check("status/redriven")
def redriven(bench: Bench) -> None:
    """A redrive opens the second attempt under the same token and the same trace."""
    token = answers.accepted(bench.client.send(scripted(then="permanent")))["executionToken"]
    first = ended(bench, token)
    command = json.dumps({"action": "redrive", "token": token}).encode()
    answer = bench.client.ask("POST", "/local/reconcile", command, {"Content-Type": "application/json"})
    assert answer.status_code == 200, f"the redrive is answered {answer.status_code}: {answer.text[:200]}"
    second = status_when(bench, token, lambda body: body["attempt"] == 2 and body["status"] in TERMINAL, "attempt 2 ends")
    assert second["attempts"][0] == first["attempts"][0], f"the first attempt changed: {second['attempts'][0]}"
    assert (second["trace"], second["createdAt"]) == (first["trace"], first["createdAt"]), "the trace or the birth changed"


@check("status/timed-out")
def timed_out(bench: Bench) -> None:
    """A webhook whose execution takes too long ends timed out."""
    token = answers.accepted(bench.client.send(scripted(failures=1000)))["executionToken"]
    is_status(ended(bench, token), "timed_out")


def heads(bench: Bench, token: str) -> tuple[httpx.Response, httpx.Response]:
    return bench.client.status(token), bench.client.ask("HEAD", f"/status/{token}")


@check("status/head-as-get")
def head_as_get(bench: Bench) -> None:
    """HEAD has the status and the headers of GET, and no body."""
    token = answers.accepted(bench.client.send())["executionToken"]
    ended(bench, token)
    for asked in (token, "0" * 32, "no-token"):
        get, head = heads(bench, asked)
        assert head.status_code == get.status_code, f"GET is answered {get.status_code}, HEAD {head.status_code}"
        assert head.content == b"", f"HEAD has a body: {head.content[:80]!r}"
        for name in ("content-type", "cache-control", "retry-after"):
            assert head.headers.get(name) == get.headers.get(name), f"{name} differs: {head.headers.get(name)}"


@check("status/slash")
def slash_after_status(bench: Bench) -> None:
    """A slash at the end of a status URL leads to the same status, as API Gateway routes it."""
    token = answers.accepted(bench.client.send())["executionToken"]
    answers.shown(bench.client.ask("GET", f"/status/{token}/"))


@check("status/no-payload")
def no_payload(bench: Bench) -> None:
    """The status never shows the payload's values."""
    body = {"private": PRIVATE, "list": [PRIVATE], "in": {"private": PRIVATE}}
    token = answers.accepted(bench.client.send(body))["executionToken"]
    ended(bench, token)
    text = bench.client.status(token).text
    assert PRIVATE not in text, f"the status shows a value of the payload: {text[:300]}"
