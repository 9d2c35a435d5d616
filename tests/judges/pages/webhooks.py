"""Real webhooks in every state that the pages show."""

import hashlib
import hmac
import json
from typing import Any

from harness.service import Service, binary, until

SECRET = "secret-of-the-judge"

# A try that fails is not repeated within a run, so what waits goes on waiting. Nothing is swept.
CONFIGURATION = """
[sources.github]
preset = "github"
secret = "{secret}"
[functions.processor]
binary = "{binary}"
[functions.processor.environment]
EFFECTS_FILE = "DIRECTORY/effects"
STEP_INITIAL_DELAY_SECONDS = "3600"
STEP_MAX_DELAY_SECONDS = "3600"
[triggers]
sweep_seconds = 0
"""


def configuration() -> str:
    return CONFIGURATION.format(secret=SECRET, binary=binary("scripted-processor"))


def send(service: Service, event: str, script: dict[str, Any]) -> tuple[str, str]:
    """Sends a webhook: its token and its trace id."""
    repository = {"full_name": "an-organization-with-a-long-name/and-a-repository-with-a-longer-one"}
    body = json.dumps({"script": script, "repository": repository}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    answer = service.post("/webhook/github", body, {"X-Hub-Signature-256": signature, "X-GitHub-Event": event})
    assert answer.status == 202, f"a webhook is answered {answer.status}: {answer.body[:200]!r}"
    return answer.json()["executionToken"], answer.json()["traceId"]


def reaches(service: Service, token: str, status: str) -> None:
    until(lambda: service.status(token)["status"] == status, f"{token} is {status}")


def in_every_state(service: Service) -> dict[str, str]:
    """Sends webhooks until there is one in each state. Tokens and trace ids by the names in the cases' paths."""
    completed, completed_trace = send(service, "push", {})
    failed, failed_trace = send(service, "pull_request_review_comment_with_a_type_that_is_quite_long", {"then": "permanent"})
    panicked, _ = send(service, "release", {"then": "panic"})
    waiting, waiting_trace = send(service, "issues", {"failures": 1000})
    stopped, _ = send(service, "deployment", {"failures": 1000})
    redriven, redriven_trace = send(service, "create", {"then": "permanent"})
    for token in (failed, panicked, redriven):
        reaches(service, token, "failed")
    reaches(service, completed, "completed")
    for token in (waiting, stopped):
        reaches(service, token, "processing")
    service.stop(stopped)
    reaches(service, stopped, "stopped")
    service.post("/local/reconcile", json.dumps({"action": "redrive", "token": redriven}).encode())
    until(lambda: attempt(service, redriven) == (2, "failed"), f"the second attempt of {redriven} fails")
    service.faults({"operation": "lambda:Invoke", "function": "tracehook-validator", "ratio": 1, "effect": {"throttle": True}})
    send(service, "ping", {})
    service.faults()
    # Its spans are those of a refused request.
    service.post("/webhook/github", b"{}")
    names = {"completed": completed_trace, "failed": failed_trace, "running": waiting_trace, "redriven": redriven_trace}
    for name in ("completed", "failed", "redriven"):
        until(lambda: b"http-equiv=\"refresh\"" not in service.get(f"/traces/{names[name]}").body, f"the trace of {name} is whole")  # noqa: B023
    until(lambda: service.get(f"/traces/{names['running']}").status == 200, "the running trace has spans")
    return names | {"token": completed}


def attempt(service: Service, token: str) -> tuple[int, str]:
    status = service.status(token)
    return status["attempt"], status["status"]
