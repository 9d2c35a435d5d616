"""Endpoints between the functions and the second AWS, which keep every call.

Calls are handed on one at a time, so the order in which they are kept is the order of their effects. A call can be refused
or held back, and its answer lost, as `Plan` says.
"""

import http.client
import json
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from harness.service import PATIENCE_SECONDS, Answer

FUNCTIONS = ("validator", "processor", "status", "reconciler")
# Whoever is no function: the judge's own changes of the table.
JUDGE = "judge"
DYNAMODB = "DynamoDB_20120810"
WRITES = ("PutItem", "UpdateItem", "DeleteItem")

Item = dict[str, Any] | None


@dataclass(frozen=True)
class Call:
    """A call as it was sent, its answer, and after a write the item as it is then."""

    function: str
    service: str
    operation: str
    headers: dict[str, str]
    body: bytes
    answer: Answer
    item: Item

    @property
    def is_write(self) -> bool:
        return self.service == DYNAMODB and self.operation in WRITES

    @property
    def request(self) -> dict[str, Any]:
        return json.loads(self.body)


def key_of(request: dict[str, Any]) -> dict[str, Any]:
    """The key of the item that a request is about."""
    key = request.get("Key") or request["Item"]
    return {name: key[name] for name in ("executionToken", "item")}


@dataclass
class Plan:
    """What happens to the next call of `function` whose operation is `operation` and whose body contains `containing`."""

    function: str
    operation: str
    containing: str
    effect: str
    happened: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def is_about(self, function: str, operation: str, body: bytes) -> bool:
        over = self.released if self.effect == "refuse" else self.happened
        is_same = (self.function, self.operation) == (function, operation)
        return is_same and not over.is_set() and self.containing.encode() in body


class Recorder:
    """The endpoints, used as `with Recorder(url) as recorder`; `recorder.urls` has one for each function."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.calls: list[Call] = []
        self.plans: list[Plan] = []
        self.planned = threading.Lock()
        self.turn = threading.Lock()
        self.servers = {name: self.endpoint(name) for name in (*FUNCTIONS, JUDGE)}
        self.urls = {name: f"http://127.0.0.1:{server.server_address[1]}" for name, server in self.servers.items()}

    def __enter__(self) -> "Recorder":
        for server in self.servers.values():
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        for server in self.servers.values():
            server.shutdown()
            server.server_close()

    def plan(self, effect: str, function: str, operation: str, containing: str) -> Plan:
        """Plans that such a call is `lose`: done, and its answer lost; `hold`: handed on when it is `released`; `refuse`:
        answered with 500, as all others until it is `released`."""
        plan = Plan(function, operation, containing, effect)
        with self.planned:
            self.plans.append(plan)
        return plan

    def release(self) -> None:
        """Ends every plan."""
        with self.planned:
            for plan in self.plans:
                plan.happened.set()
                plan.released.set()
            self.plans.clear()

    def take(self, function: str, operation: str, body: bytes) -> Plan | None:
        with self.planned:
            plan = next((plan for plan in self.plans if plan.is_about(function, operation, body)), None)
            if plan:
                plan.happened.set()
            return plan

    def answer(self, function: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """The answer of the second AWS; none when it is lost."""
        service, _, operation = headers.get("x-amz-target", "unknown.unknown").partition(".")
        effect = ""
        if plan := self.take(function, operation, body):
            effect = plan.effect
        if effect == "refuse":
            return Answer(500, {}, b'{"__type": "InternalServerError"}')
        if effect == "hold" and plan:
            plan.released.wait(PATIENCE_SECONDS)
        with self.turn:
            call = Call(function, service, operation, headers, body, send(self.upstream, headers, body), None)
            if call.is_write:
                call = replace(call, item=item_after(self.upstream, call))
            self.calls.append(call)
        return None if effect == "lose" else call.answer

    def endpoint(self, function: str) -> ThreadingHTTPServer:
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:  # noqa: N802 The name is the library's.
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = recorder.answer(function, headers, body)
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers.get("content-type", "application/x-amz-json-1.0"))
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                """Nothing is printed."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        return server


def item_after(netloc: str, call: Call) -> Item:
    """The item that a write was about, as it is after it."""
    request = {"TableName": call.request["TableName"], "Key": key_of(call.request), "ConsistentRead": True}
    headers = call.headers | {"x-amz-target": f"{DYNAMODB}.GetItem"}
    return send(netloc, headers, json.dumps(request).encode()).json().get("Item")


# The headers of a call that say what it is; the others belong to one connection.
OF_THE_CALL = ("content-type", "x-amz-target", "x-amz-date", "x-amz-security-token", "authorization")


def send(netloc: str, headers: dict[str, str], body: bytes) -> Answer:
    """Sends a call, and returns its answer of any status."""
    connection = http.client.HTTPConnection(netloc, timeout=PATIENCE_SECONDS)
    try:
        kept = {name: value for name, value in headers.items() if name in OF_THE_CALL}
        connection.request("POST", "/", body, kept)
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
    finally:
        connection.close()
