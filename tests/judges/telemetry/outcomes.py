"""Webhooks that end in every way, and requests that are refused in every way, played on three services at once.

One service has no faults, one has a planned fault for each webhook, and in one every execution
times out.
"""

import hashlib
import hmac
import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from harness.service import TERMINAL, Answer, Service, binary, request, until

# What must never be told, by kind. Each is planted where its name says.
PLANTED = {
    "secret": "planted-secret-51d0c7a9e2",
    "token key": "planted-token-key-77aa0914bc",
    "body": "planted-body-4b1de2207f",
    "number in a body": "918273645546372819",
    "header": "planted-header-c90fa1735e",
    "query": "planted-query-08e61bd4a2",
}

PRODUCER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"

CHECKPOINT = "lambda:CheckpointDurableExecution"
PROCESSOR = "tracehook-processor"

# A value that breaks the pattern is in the text of the library that checks schemas.
SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "kind": {"type": "string", "pattern": "^[a-z]+$"}},
}

# The name in the path of a request for a source that nobody has configured.
STRANGER = "nobody"


@dataclass
class Webhook:
    """An accepted webhook: the group of outcomes that it belongs to, its name there, and what it must have come to."""

    group: str
    name: str
    token: str
    ends: str
    attempts: int = 1
    tries: int = 0


@dataclass
class Played:
    """Everything that was played."""

    began_ns: int = field(default_factory=time.time_ns)
    webhooks: list[Webhook] = field(default_factory=list)
    answers: list[tuple[str, Answer]] = field(default_factory=list)
    signatures: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def planted(self) -> dict[str, set[str]]:
        """All texts that must never be told, by kind."""
        return {kind: {text} for kind, text in PLANTED.items()} | {"signature": self.signatures}


class Stage:
    """One service, and what is sent to it."""

    def __init__(self, service: Service, played: Played) -> None:
        self.service = service
        self.played = played

    def body(self, **more: Any) -> bytes:
        planted = {"value": PLANTED["body"], "amount": int(PLANTED["number in a body"])}
        return json.dumps(planted | more).encode()

    def send(
        self, group: str, body: bytes, source: str = "github", delivery: str | None = None, path: str | None = None,
        change: dict[str, str | None] | None = None, signed: bytes | None = None,
    ) -> Answer:
        """Sends a delivery. `change` replaces headers, and takes out those that are None; `signed` are other bytes to sign."""
        digest = hmac.new(PLANTED["secret"].encode(), body if signed is None else signed, hashlib.sha256).hexdigest()
        delivery = delivery or str(uuid.uuid4())
        headers = {
            "github": {"X-Hub-Signature-256": f"sha256={digest}", "X-GitHub-Delivery": delivery, "X-GitHub-Event": "push"},
        }.get(source, {"X-Webhook-Signature": digest, "X-Webhook-Id": delivery, "X-Webhook-Event": "order.created"})
        headers |= {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {PLANTED['header']}",
            "Cookie": f"session={PLANTED['header']}",
            "X-Api-Key": PLANTED["header"],
        }
        for name, value in (change or {}).items():
            headers.pop(name, None) if value is None else headers.update({name: value})
        path = path or f"/webhook/{source}"
        answer = request("POST", f"{self.service.url}{path}?key={PLANTED['query']}", body, headers)
        with self.played.lock:
            self.played.signatures.add(digest)
            self.played.answers.append((group, answer))
        return answer

    def accept(self, group: str, name: str, ends: str = "completed", script: dict[str, Any] | None = None, **how: Any) -> Webhook:
        """Sends a delivery that must be accepted."""
        body = how.pop("body", None) or self.body(**({"script": script} if script else {}))
        return self.accepted(group, name, ends, self.send(group, body, **how))

    def accepted(self, group: str, name: str, ends: str, answer: Answer) -> Webhook:
        assert answer.status == 202, f"{name} is answered {answer.status} {answer.body[:200]!r}"
        webhook = Webhook(group, name, answer.json()["executionToken"], ends)
        with self.played.lock:
            self.played.webhooks.append(webhook)
        return webhook

    def end(self, *webhooks: Webhook) -> None:
        """Waits until the webhooks have ended, and their executions too."""
        for webhook in webhooks:
            until(lambda: self.has_ended(webhook), f"the end of {webhook.name}")

    def has_ended(self, webhook: Webhook) -> bool:
        if any(execution["status"] == "RUNNING" for execution in self.executions(webhook)):
            return False
        status = self.service.status(webhook.token)
        if status["status"] not in TERMINAL or status["attempt"] < webhook.attempts:
            return False
        assert status["status"] == webhook.ends, f"{webhook.name} must end {webhook.ends}: {status}"
        return True

    def executions(self, webhook: Webhook) -> Any:
        return self.service.get(f"/local/executions?token={webhook.token}").json()

    def command(self, path: str, **event: Any) -> Answer:
        return request("POST", self.service.url + path, json.dumps(event).encode(), {"Content-Type": "application/json"})

    def sweep_to_the_end(self, webhook: Webhook) -> None:
        """Sweeps by hand until the webhook has ended."""

        def ended() -> bool:
            self.command("/local/reconcile", action="sweep")
            return self.has_ended(webhook)

        until(ended, f"the end of {webhook.name} by a sweep")

    def refuse(self, name: str, status: int, body: bytes, **how: Any) -> None:
        answer = self.send("refused", body, **how)
        assert answer.status == status, f"{name} is answered {answer.status} {answer.body[:200]!r}"

    def ask(self, group: str, path: str, status: int) -> None:
        answer = self.service.get(path)
        with self.played.lock:
            self.played.answers.append((group, answer))
        assert answer.status == status, f"GET {path} is answered {answer.status}"

    def calls(self, webhook: Webhook) -> int:
        """How often the handler was called for the webhook."""
        path = self.service.directory / "effects"
        return path.read_text().count(webhook.token + " ") if path.exists() else 0

    def stop(self, webhook: Webhook) -> None:
        """Stops the webhook's execution while its handler works."""
        until(lambda: self.calls(webhook), "the handler works")
        answer = self.command("/local/stop", token=webhook.token)
        assert answer.status == 204, f"the stop of {webhook.name} is answered {answer.status}"

    def kill(self, function: str) -> None:
        """Kills the function's processes as `kill -9` does."""
        pids = self.pids(function)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not pids & self.pids(function), f"{function} is killed")

    def pids(self, function: str) -> set[int]:
        sandboxes = self.service.get("/local/stats").json()["sandboxes"]
        return {sandbox["pid"] for sandbox in sandboxes if sandbox["function"] == function and sandbox["pid"]}

    def close(self) -> None:
        """Keeps what the functions have printed, and counts the handler's calls."""
        lines = self.service.get("/local/logs").body.decode().splitlines()
        with self.played.lock:
            self.played.lines.extend(lines)
            for webhook in self.played.webhooks:
                webhook.tries += self.calls(webhook)


def configuration(endpoint: str, processor: str = "", more: str = "", tries: int = 3) -> str:
    """The configuration of a service whose functions export to `endpoint`; `processor` and `more` are added to it."""
    export = f'OTEL_EXPORTER_OTLP_ENDPOINT = "{endpoint}"\nOTEL_EXPORTER_OTLP_TIMEOUT = "10000"\nLOG_LEVEL = "debug"'
    return f"""
        task_root = "DIRECTORY"
        secrets_file = "DIRECTORY/secrets.json"
        {more}
        [sources.github]
        preset = "github"
        [sources.shop]
        preset = "hmac-sha256"
        [sources.orders]
        preset = "hmac-sha256"
        [sources.unready]
        preset = "hmac-sha256"
        [functions.validator.environment]
        {export}
        [functions.status.environment]
        {export}
        [functions.reconciler.environment]
        {export}
        RECEIVED_AGE_SECONDS = "1"
        STARTED_AGE_SECONDS = "1"
        ENGINE_CALLS_PER_SECOND = "30"
        [functions.processor]
        binary = "{binary("scripted-processor")}"
        {processor}
        [functions.processor.environment]
        {export}
        EFFECTS_FILE = "DIRECTORY/effects"
        STEP_INITIAL_DELAY_SECONDS = "1"
        STEP_MAX_DELAY_SECONDS = "1"
        STEP_MAX_TRIES = "{tries}"
        [triggers]
        sweep_seconds = 0
    """


def play(endpoint: str) -> Played:
    """Plays all outcomes; the functions export to `endpoint`."""
    played = Played()
    secrets = {"tokenKey": PLANTED["token key"], "sources": dict.fromkeys(("github", "shop", "orders"), PLANTED["secret"])}
    files = {"secrets.json": json.dumps({"AWSCURRENT": secrets}), "schemas/orders.json": json.dumps(SCHEMA)}
    scenes: list[tuple[str, Callable[[Stage], None]]] = [
        (configuration(endpoint, more="durable.failure_delay_ms = 50"), without_faults),
        (configuration(endpoint, more="durable.failure_delay_ms = 50\ndurable.max_recoveries = 4"), with_faults),
        (
            configuration(
                endpoint, "timeout_seconds = 2", "durable.failure_delay_ms = 50\ndurable.execution_timeout_seconds = 3", 99
            ),
            timing_out,
        ),
    ]

    def on_stage(scene: tuple[str, Callable[[Stage], None]]) -> None:
        with Service(scene[0], files) as service:
            stage = Stage(service, played)
            scene[1](stage)
            # What a function says after its answer is there when the function is free again.
            until(lambda: idle(service), "the functions are idle")
            stage.close()

    with ThreadPoolExecutor(len(scenes)) as pool:
        list(pool.map(on_stage, scenes))
    return played


def idle(service: Service) -> bool:
    """Whether no function works: what it exports after its answer has been sent."""
    return all(sandbox["state"] == "idle" for sandbox in service.get("/local/stats").json()["sandboxes"])


def without_faults(stage: Stage) -> None:
    """Ends that the webhook itself brings about."""
    stopped = stage.accept("closed", "stopped", "stopped", {"hang_ms": 4000})
    stage.stop(stopped)
    ends = [
        stage.accept("completed", "completed"),
        stage.accept("completed", "traced producer", change={"traceparent": PRODUCER, "tracestate": "a=b"}),
        stage.accept("completed", "hmac", source="shop"),
        stage.accept("completed", "valid order", source="orders", body=stage.body(id=1)),
        stage.accept("completed", "transient once", script={"failures": 1}),
        stage.accept("failed", "schema", "failed", source="orders", body=stage.body(id=PLANTED["body"])),
        stage.accept("failed", "pattern", "failed", source="orders", body=stage.body(id=1, kind=PLANTED["body"])),
        stage.accept("failed", "permanent", "failed", {"then": "permanent"}),
        stage.accept("failed", "always", "failed", {"failures": 99}),
        stage.accept("failed", "panic", "failed", {"then": "panic"}),
        stage.accept("failed", "not as the handler wants", "failed", body=stage.body(script=PLANTED["body"])),
        stage.accept("redriven", "redriven twice", "failed", {"then": "permanent"}),
    ]
    refusals(stage)
    first = ends[0]
    repeated(stage)
    stage.end(*ends, stopped)
    redriven = ends[-1]
    for _ in range(2):
        redriven.attempts += 1
        assert stage.command("/local/reconcile", action="redrive", token=redriven.token).status == 200
        stage.end(redriven)
    stage.ask("queried", f"/status/{first.token}", 200)
    stage.ask("queried", f"/status/{stopped.token}", 200)
    stage.ask("queried", f"/status/{'0' * 32}", 404)
    stage.ask("queried", "/status/no-token", 400)
    stage.ask("refused", "/webhook/github", 405)


def repeated(stage: Stage) -> None:
    """A delivery that comes twice, and another body under its id."""
    body, delivery = stage.body(), str(uuid.uuid4())
    webhook = stage.accept("completed", "sent twice", body=body, delivery=delivery)
    answer = stage.send("repeated", body, delivery=delivery)
    assert answer.json().get("duplicate") is True, f"the second delivery is answered {answer.status}"
    # No signature covers the id: the other body is a webhook of its own.
    other = stage.accept("completed", "another body under its id", body=stage.body(other=1), delivery=delivery)
    stage.end(webhook, other)


def refusals(stage: Stage) -> None:
    """Every refusal that a request can bring about."""
    body = stage.body()
    sign = "X-Hub-Signature-256"
    stage.refuse("unsigned", 401, body, change={sign: None})
    stage.refuse("a malformed signature", 401, body, change={sign: "sha256=" + PLANTED["header"]})
    stage.refuse("a wrong signature", 401, body, signed=b"other bytes")
    stage.refuse("an empty body", 400, b"")
    stage.refuse("no JSON", 400, PLANTED["body"].encode())
    stage.refuse("no UTF-8", 400, b'{"a":"\xff' + PLANTED["body"].encode() + b'"}')
    stage.refuse("a bad delivery id", 400, body, delivery="x" * 2000)
    stage.refuse("an unknown source", 404, body, path=f"/webhook/{STRANGER}")
    stage.refuse("a source without a secret", 503, body, source="unready")
    stage.refuse("a large body", 413, stage.body(more="x" * 4_700_000))
    form = f"payload={PLANTED['body']}".encode()
    stage.refuse("a form", 415, form, change={"Content-Type": "application/x-www-form-urlencoded"})
    stage.refuse("an encoded body", 415, body, change={"Content-Encoding": "br"})


def with_faults(stage: Stage) -> None:
    """Calls of AWS that fail, and functions that are killed."""
    faults, start = stage.service.faults, "lambda:Invoke"
    for step in ("validate", "process", "finalize"):
        for phase in ("before", "after"):
            faults({"operation": CHECKPOINT, "function": PROCESSOR, "step": step, "phase": phase, "effect": {"kill": True}})
            stage.end(stage.accept("killed", f"killed {phase} the checkpoint of {step}"))
    faults({"operation": "dynamodb:UpdateItem", "function": PROCESSOR, "skip": 1, "phase": "after", "effect": {"kill": True}})
    stage.end(stage.accept("killed", "killed after a write"))
    faults()
    working = stage.accept("killed", "killed in its handler", script={"hang_ms": 2000})
    until(lambda: stage.calls(working), "the handler works")
    stage.kill(PROCESSOR)
    stage.end(working)

    faults({"operation": CHECKPOINT, "function": PROCESSOR, "count": 1000, "effect": {"kill": True}})
    stage.end(stage.accept("closed", "killed for ever", "failed"))

    for name, operation, count, effect in [
        ("throttled calls", "dynamodb:UpdateItem", 2, {"throttle": True}),
        ("a throttled step", "dynamodb:UpdateItem", 3, {"throttle": True}),
        ("throttled checkpoints", CHECKPOINT, 2, {"status": 429, "code": "TooManyRequestsException"}),
        ("a call without an answer", "dynamodb:UpdateItem", 1, {"hang": True}),
    ]:
        faults({"operation": operation, "function": PROCESSOR, "count": count, "effect": effect})
        stage.end(stage.accept("faulted", name))

    away = {"status": 500, "code": "InternalServerError"}
    for name, operation in [("store", "dynamodb:PutItem"), ("secrets", "secretsmanager:GetSecretValue")]:
        # What it told of the answers before is not to be lost with it.
        until(lambda: idle(stage.service), "the functions are idle")
        stage.kill("tracehook-validator")
        faults({"operation": operation, "function": "tracehook-validator", "count": 1000, "effect": away})
        stage.refuse(f"the {name} away", 503, stage.body())
        faults()
    # A failed read of the secrets is remembered for less than the producer is asked to wait.
    time.sleep(5)
    ended = stage.accept("faulted", "after the store was away")
    stage.end(ended)
    faults({"operation": "dynamodb:GetItem", "function": "tracehook-status", "count": 1000, "effect": away})
    stage.ask("queried", f"/status/{ended.token}", 503)

    faults({"operation": start, "function": "tracehook-validator", "count": 1000, "effect": away})
    deferred = stage.accept("faulted", "a deferred start")
    faults()
    stage.sweep_to_the_end(deferred)
    faults({"operation": "event:Invoke", "function": PROCESSOR, "effect": {"drop": True}})
    stage.sweep_to_the_end(stage.accept("faulted", "a lost start"))
    faults({"operation": "event:StatusChange", "count": 1000, "effect": {"drop": True}})
    unheard = stage.accept("closed", "stopped without an event", "stopped", {"hang_ms": 4000})
    stage.stop(unheard)
    stage.sweep_to_the_end(unheard)
    faults()


def timing_out(stage: Stage) -> None:
    """Executions that time out: in a handler that hangs, and among tries that all fail."""
    stage.end(
        stage.accept("closed", "a handler that hangs", "timed_out", {"hang_ms": 60_000}),
        stage.accept("closed", "tries without an end", "timed_out", {"failures": 999}),
    )
