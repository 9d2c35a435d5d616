"""The real processor, whose handler follows the script in the webhook, in the emulator and in our engine."""

import json
import os
import threading
from collections.abc import Callable
from typing import Any

from emulator import Emulator, Function, descendants
from engines import Engine, Ours
from harness.service import TERMINAL, Service, binary, until
from harness.verdicts import Case
from history import compare, complete, same_invocations
from relay import Message, Send

# The retries of a step in both engines, so that the histories have the same delays.
RETRIES = {"STEP_INITIAL_DELAY_SECONDS": "1", "STEP_MAX_DELAY_SECONDS": "1", "STEP_MAX_TRIES": "3"}

TIMEOUT_SECONDS = 60


def processor_service() -> Service:
    config = f"""
        [sources.default]
        preset = "none"
        allow_unsigned = true
        [triggers]
        sweep_seconds = 0
        [durable]
        failure_delay_ms = 200
        execution_timeout_seconds = {TIMEOUT_SECONDS}
        [functions.processor]
        binary = "{binary('scripted-processor')}"
        [functions.processor.environment]
        EFFECTS_FILE = "DIRECTORY/effects"
        OTEL_EXPORTER_OTLP_ENDPOINT = ""
        """
    config += "\n".join(f'{name} = "{value}"' for name, value in RETRIES.items())
    return Service(config)


class ProcessorCases:
    """The webhooks of the cases in `service`, the processor in the emulators."""

    def __init__(self, service: Service, emulator: Emulator, paging: Emulator) -> None:
        self.service, self.emulator, self.paging = service, emulator, paging
        self.ours = Ours(service)
        self.tokens: dict[str, str] = {}
        self.refusals: dict[str, str] = {}
        self.alone = threading.Lock()

    def post(self, case: Case, which: str) -> str:
        """Sends the case's webhook, and returns its token."""
        body = json.dumps({"script": case["script"]}).encode()
        answer = self.service.post("/webhook", body, {"X-Webhook-Id": f"{which}-{case['name']}"})
        assert answer.status == 202, f"the webhook is answered {answer.status}: {answer.body[:300]!r}"
        return str(answer.json()["executionToken"])

    def receive(self, cases: list[Case]) -> None:
        """Stores the webhooks that the emulator will start: our engine refuses their start for the time being."""
        unavailable = {"status": 500, "code": "ServiceException"}
        self.service.faults({"operation": "lambda:Invoke", "ratio": 1.0, "effect": unavailable})
        for case in cases:
            try:
                self.tokens[case["name"]] = self.post(case, "emulator")
            except AssertionError as error:
                # The case fails with it, and the others go on.
                self.refusals[case["name"]] = str(error)
        self.service.faults()

    def judge(self, case: Case) -> None:
        """Runs the webhook in the emulator and in our engine, and compares."""
        name = case["name"]
        assert name not in self.refusals, f"the webhook is not accepted: {self.refusals[name]}"
        token = self.tokens[name]
        theirs, invocations = self.in_emulator(case, token)
        if not case.get("history", True):
            return
        # One at a time: the case may kill the processes of all.
        with self.alone:
            other = self.post(case, "ours")
            self.act(case, self.ours, lambda: self.ours.named(self.name_of(other)), other, self.kill_ours)
            status = self.service.ended(other)
        assert status["status"] == case["status"], f"in our engine the webhook is {status['status']}, not {case['status']}"
        arn = self.ours.named(self.name_of(other))
        execution, wanted = self.ours.ended(arn)["Status"], case["execution_status"]
        assert execution == wanted, f"our engine ends the execution {execution}, not {wanted}"
        ours = self.ours.history(arn)
        complete(ours, self.ours.event_shape())
        same_invocations(case, invocations, ours)
        compare(case, theirs, ours, [{self.name_of(token): "NAME", token: "TOKEN"}, {self.name_of(other): "NAME", other: "TOKEN"}], self.ours.event_shape())

    def name_of(self, token: str) -> str:
        """The name of the execution of a webhook."""
        return str(self.service.status(token)["attempts"][-1]["executionName"])

    def in_emulator(self, case: Case, token: str) -> tuple[list[dict[str, Any]], int]:
        """Runs the webhook in the emulator, checks how it ends, and returns the history and the number of invocations."""
        emulator = self.paging if case.get("pages") else self.emulator
        treatment = Treatment(case.get("checkpoint"))
        environment = RETRIES | self.service.aws_environment() | {
            "TABLE_NAME": "tracehook",
            "AWS_ENDPOINT_URL_DYNAMODB": self.service.aws_url,
            "EFFECTS_FILE": str(self.service.directory / "effects"),
        }
        with Function([str(binary("scripted-processor"))], emulator, environment, treatment) as function:
            name = case.get("execution", self.name_of(token)).replace("TOKEN", token)
            payload = json.dumps({"executionToken": token}, separators=(",", ":"))
            timeout = case.get("timeout_seconds", TIMEOUT_SECONDS)
            arn = emulator.start(name, payload, function.url, timeout)
            self.act(case, emulator, lambda: arn, token, function.kill)
            execution = emulator.ended(arn)
            assert execution["Status"] == case["execution_status"], (
                f"the emulator ends the execution {execution['Status']} with {execution.get('Error')}, "
                f"not {case['execution_status']}: {function.program.output()[-300:]}"
            )
            treatment.check()
            # What the function did after the end of its execution counts, too.
            with function.lock:
                pass
            webhook = self.webhook(token, case)
        tries = [int(line.split()[1]) for line in self.effects(token)]
        assert tries == case["tries"], f"the handler was called at the tries {tries}, not {case['tries']}"
        assert len(set(self.effects(token, key=True))) <= 1, "the handler's calls have several idempotency keys"
        if code := case.get("code"):
            told = (webhook["error"]["code"], execution["Error"]["ErrorType"])
            assert told == (code, code), f"record and execution say {told}, not {code}"
        return emulator.history(arn), function.invocations

    def webhook(self, token: str, case: Case) -> Any:
        """The webhook's status answer, which says what the case says."""
        wanted = case.get("status_in_emulator", case["status"])
        status = self.service.status(token)
        if wanted in TERMINAL:
            status = self.service.ended(token)
        assert status["status"] == wanted, f"the webhook is {status['status']} ({status.get('error')}), not {wanted}"
        return status

    def act(self, case: Case, engine: Engine, arn: Callable[[], str], token: str, kill: Callable[[], Any]) -> None:
        """Does what the case does to a running execution, while its handler runs for the first time."""
        if not (case.get("kill") or case.get("stop")):
            return
        until(lambda: self.effects(token), f"the handler of {case['name']} is called in {engine.name}")
        if case.get("kill"):
            assert kill(), f"no process of the function runs in {engine.name}"
        if case.get("stop"):
            engine.stop(arn(), ErrorType="Judge", ErrorMessage="stopped by the judge")

    def effects(self, token: str, key: bool = False) -> list[str]:
        """The handler's calls for a webhook, or their idempotency keys."""
        path = self.service.directory / "effects"
        lines = path.read_text().splitlines() if path.exists() else []
        own = [line for line in lines if line.startswith(token)]
        return [line.split()[2] for line in own] if key else own

    def kill_ours(self) -> bool:
        """Kills the processor's processes in our host."""
        assert self.service.child
        killed = False
        for child in descendants(self.service.child.pid):
            if os.path.basename(os.readlink(f"/proc/{child}/exe")) == "scripted-processor":
                os.kill(child, 9)
                killed = True
        return killed


class Treatment:
    """What happens to the processor's checkpoints on their way to the emulator, once."""

    def __init__(self, kind: str | None) -> None:
        self.kind = kind
        self.left = {"unavailable": 3, "throttled": 3}.get(kind or "", 1)
        self.seen: list[int] = []
        self.pages = 0
        self.lock = threading.Lock()

    def __call__(self, method: str, sent: Message, send: Send) -> Message | None:
        if "/state" in sent.path:
            self.pages += 1
        with self.lock:
            due = self.kind not in (None, "paged") and sent.path.endswith("/checkpoint") and self.left > 0
            self.left -= due
        if not due:
            return send(sent)
        return getattr(self, str(self.kind))(sent, send)

    def stale(self, sent: Message, send: Send) -> Message:
        """Another call spends the token first, so that the emulator refuses this one."""
        spent = json.loads(sent.body) | {"Updates": [], "ClientToken": "another"}
        assert send(Message(sent.path, json.dumps(spent).encode(), sent.headers)).status == 200
        answer = send(sent)
        self.seen.append(answer.status)
        return answer

    def lost(self, sent: Message, send: Send) -> None:
        """The answer is lost; the client repeats the call."""
        self.seen.append(send(sent).status)

    def no_token(self, sent: Message, send: Send) -> Message:
        """The answer has no token, as the emulator's own answers have not while an execution is paused."""
        answer = send(sent)
        answer.body = json.dumps({"NewExecutionState": json.loads(answer.body)["NewExecutionState"]}).encode()
        self.seen.append(answer.status)
        return answer

    def unavailable(self, sent: Message, _: Send) -> Message:
        self.seen.append(500)
        return Message(sent.path, b'{"Message": "try again"}', {"x-amzn-ErrorType": "ServiceException"}, 500)

    def throttled(self, sent: Message, _: Send) -> Message:
        self.seen.append(429)
        return Message(sent.path, b'{"Message": "slower"}', {"x-amzn-ErrorType": "TooManyRequestsException"}, 429)

    def check(self) -> None:
        """Fails when what the case is about did not happen."""
        wanted = {"stale": [400], "lost": [200], "no_token": [200], "unavailable": [500] * 3, "throttled": [429] * 3}
        assert self.seen == wanted.get(self.kind or "", []), f"the checkpoints' answers were {self.seen}"
        if self.kind == "paged":
            assert self.pages, "the processor did not read the state"
