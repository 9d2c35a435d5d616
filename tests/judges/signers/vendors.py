"""The vendors' own libraries: what they sign, and what they say of a delivery.

Those on npm run in one process (vendors.mjs); Slack's is on PyPI.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from harness.delivery import Delivery


@dataclass(frozen=True)
class Keys:
    """What the service is given, and what the producer signs with; the same text but for public keys."""

    secret: str
    signs: str


class Vendors:
    """All libraries, used as `with Vendors() as vendors`."""

    def __enter__(self) -> "Vendors":
        # Node looks for packages beside the script; the working directory is this run's own.
        script = shutil.copy(Path(__file__).resolve().parent / "vendors.mjs", "vendors.mjs")
        Path("node_modules").symlink_to(Path(os.environ["JUDGE_HOME"]) / "node_modules")
        self.node = subprocess.Popen(["node", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_: object) -> None:
        self.node.stdin.close()
        try:
            self.node.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.node.kill()
            self.node.wait()

    def ask(self, producer: str, do: str, **question: Any) -> Any:
        """Asks a library on npm."""
        self.node.stdin.write(json.dumps({"producer": producer, "do": do} | question).encode() + b"\n")
        self.node.stdin.flush()
        if not (line := self.node.stdout.readline()):
            raise RuntimeError(f"Node ended at {producer}: {do}")
        return json.loads(line)

    def keys(self, producer: str) -> Keys:
        """New keys in the producer's form."""
        if producer == "slack":
            secret = os.urandom(16).hex()
            return Keys(secret, secret)
        return Keys(**self.ask(producer, "secret"))

    def sign(self, producer: str, signs: str, second: int, note: str) -> Delivery:
        """A delivery that is signed at this second; the note makes it one of its own."""
        if producer == "slack":
            return slack(signs, second, note)
        signed = self.ask(producer, "sign", signs=signs, second=second, note=note)
        headers = {"Content-Type": "application/json"} | signed["headers"]
        return Delivery("POST", tuple(headers.items()), signed["body"].encode(), signed.get("query", ""))

    def accepts(self, producer: str, secret: str, delivery: Delivery) -> tuple[bool, str]:
        """Whether the vendor's verifying function accepts the delivery, and what it says."""
        if producer == "slack":
            valid = SignatureVerifier(secret).is_valid_request(delivery.body, dict(delivery.headers))
            return valid, "genuine" if valid else "not genuine"
        question = {"headers": dict(delivery.headers), "body": delivery.body.decode(), "query": delivery.query}
        found = self.ask(producer, "judge", secret=secret, **question)
        return found["accepts"], found["why"]


def slack(secret: str, second: int, note: str) -> Delivery:
    """A slash command, signed by Slack's library."""
    body = urlencode({"token": note, "command": "/deploy", "text": "a b+c*'~雪"}).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": str(second),
        "X-Slack-Signature": SignatureVerifier(secret).generate_signature(timestamp=str(second), body=body),
    }
    return Delivery("POST", tuple(headers.items()), body)
