"""The service whose functions have the second AWS, and a producer."""

import hashlib
import hmac
import json
import os
import signal
import uuid
from typing import Any

from recorder import FUNCTIONS, JUDGE, Recorder
from second_aws import TABLE, SecondAws, client

from harness.service import Answer, Service, binary, request, until

TOKEN_KEY = "0123456789abcdef0123456789abcdef"
CURRENT = "the-current-secret"

# The functions' configuration: what the service makes of the sources below. Its hash is made anew here.
DOCUMENT = '{"sources":{"github":{"preset":"github"}}}'


def configuration(recorder: Recorder) -> str:
    """A service whose functions find DynamoDB and Secrets Manager at the recorder, and Lambda at the service."""
    variables: dict[str, dict[str, str]] = {function: {} for function in FUNCTIONS}
    for function in FUNCTIONS:
        for service in ("DYNAMODB", "SECRETS_MANAGER"):
            variables[function][f"AWS_ENDPOINT_URL_{service}"] = recorder.urls[function]
    # This judge has no S3: the table keeps every payload.
    for function in ("validator", "processor", "reconciler"):
        variables[function]["PAYLOAD_BUCKET"] = ""
    variables["processor"] |= {"EFFECTS_FILE": "DIRECTORY/effects", "STEP_MAX_TRIES": "3"}
    variables["processor"] |= {"STEP_INITIAL_DELAY_SECONDS": "1", "STEP_MAX_DELAY_SECONDS": "1"}
    # A sweep that reads one page and goes on with the next shard another time.
    variables["reconciler"] |= {"RECEIVED_AGE_SECONDS": "1", "STARTED_AGE_SECONDS": "1", "SWEEP_MAX_RECORDS": "1"}
    variables["reconciler"] |= {"MAX_ATTEMPTS": "2"}
    lines = ['[sources.github]\npreset = "github"', "[durable]\nfailure_delay_ms = 50", "[triggers]\nsweep_seconds = 0"]
    lines.append(f"[functions.processor]\nbinary = {json.dumps(str(binary('scripted-processor')))}")
    for function, values in variables.items():
        lines.append(f"[functions.{function}.environment]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


class World:
    """What a case needs."""

    def __init__(self, aws: SecondAws, recorder: Recorder, service: Service) -> None:
        self.recorder, self.service = recorder, service
        # The judge changes the table through the recorder, so that a replay has these changes too.
        self.table = client("dynamodb", recorder.urls[JUDGE])
        self.reader = client("dynamodb", aws.url)
        self.secrets = client("secretsmanager", aws.url)
        deployed = f"deployed#{hashlib.sha256(DOCUMENT.encode()).hexdigest()}"
        self.table.put_item(TableName=TABLE, Item=self.key("configuration", deployed) | {"document": {"S": DOCUMENT}})

    # The producer.

    def send(self, script: dict[str, Any] | None = None, *, secret: str = CURRENT, delivery: str | None = None) -> Answer:
        """A signed delivery of GitHub, whose body tells the handler what to do."""
        body = json.dumps({"script": script or {}, "number": str(uuid.uuid4()) if delivery is None else delivery}).encode()
        return self.deliver(body, delivery or str(uuid.uuid4()), secret)

    def deliver(self, body: bytes, delivery: str, secret: str = CURRENT, **headers: str) -> Answer:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        signed = {"X-GitHub-Event": "push", "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": f"sha256={signature}"}
        return self.service.post("/webhook/github", body, signed | headers)

    def accepted(self, script: dict[str, Any] | None = None, **options: Any) -> str:
        """The token of a webhook that is accepted."""
        answer = self.send(script, **options)
        assert answer.status == 202, f"expected 202, got {answer.status}: {answer.body[:300]!r}"
        return answer.json()["executionToken"]

    def ended(self, token: str, status: str, attempt: int = 1) -> Any:
        """The status answer of a webhook that must end so in this attempt."""
        last: dict[str, Any] = {}

        def there() -> bool:
            last.update(self.service.status(token))
            return last["attempt"] >= attempt and last["status"] not in ("received", "validated", "processing")

        until(there, f"attempt {attempt} of {token} ends; it is {last}")
        got = (last["status"], last["attempt"])
        assert got == (status, attempt), f"expected {(status, attempt)}, got {got} with error {last.get('error')}"
        return last

    # The operator.

    def reconcile(self, event: dict[str, Any]) -> Any:
        body, headers = json.dumps(event).encode(), {"Content-Type": "application/json"}
        answer = request("POST", f"{self.service.url}/local/reconcile", body, headers)
        assert answer.status == 200, f"the reconciler answers {answer.status}: {answer.body[:300]!r}"
        return answer.json()

    def redrive(self, token: str) -> Any:
        return self.reconcile({"action": "redrive", "token": token})

    def stop(self, token: str) -> None:
        answer = self.service.stop(token)
        assert answer.status == 204, f"the stop of {token} is answered {answer.status}"

    def swept(self, token: str, status: str) -> Any:
        """Sweeps until the webhook has ended."""

        def there() -> bool:
            self.reconcile({"action": "sweep"})
            return self.service.status(token)["status"] == status

        until(there, f"sweeps bring {token} to {status}")

    def restart(self, function: str) -> None:
        """Kills the function's processes, so that the next one reads everything anew."""
        name = f"tracehook-{function}"

        def pids() -> set[int]:
            sandboxes = self.service.get("/local/stats").json()["sandboxes"]
            return {sandbox["pid"] for sandbox in sandboxes if sandbox["function"] == name}

        killed = pids()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not killed & pids(), f"the killed processes of {name} are gone")

    # The table.

    def key(self, token: str, item: str = "state") -> dict[str, Any]:
        return {"executionToken": {"S": token}, "item": {"S": item}}

    def state(self, token: str) -> dict[str, Any] | None:
        """The state item as moto has it."""
        return self.reader.get_item(TableName=TABLE, Key=self.key(token), ConsistentRead=True).get("Item")

    def items(self, token: str | None = None) -> list[dict[str, Any]]:
        """All items, or those of a webhook."""
        pages = self.reader.get_paginator("scan").paginate(TableName=TABLE)
        found = [item for page in pages for item in page["Items"]]
        return [item for item in found if token in (None, item["executionToken"]["S"])]

    def keys(self) -> set[tuple[str, str]]:
        keys = {(item["executionToken"]["S"], item["item"]["S"]) for item in self.items()}
        return {(token, item) for token, item in keys if token != "configuration"}

    def expire_soon(self, token: str, at: int) -> None:
        """Lets the record and its payload end soon."""
        for item in self.items(token):
            self.table.update_item(
                TableName=TABLE,
                Key=self.key(token, item["item"]["S"]),
                UpdateExpression="SET #ttl = :ttl",
                ExpressionAttributeNames={"#ttl": "ttl"},
                ExpressionAttributeValues={":ttl": {"N": str(at)}},
            )
