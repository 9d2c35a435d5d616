"""Requests by httpx, which is not ours. Every answer is kept, so that all of them can be judged at the end."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

# A text in every body that is sent. No answer and no log line may hold it.
PRIVATE = "private-value-8c1f"

# The sources' signature headers, as the README's table has them.
SIGNATURES = {
    "github": "X-Hub-Signature-256",
    "default": "X-Webhook-Signature",
    "unready": "X-Webhook-Signature",
    "form": "X-Hub-Signature-256",
    "claims": "X-Webhook-Signature",
}

SECRETS = {source: f"{source}-secret-of-the-judge" for source in ("github", "default", "form", "claims", "stripe")}

TOKEN_KEY = "token-key-of-the-judge-0123456789"


def source_of(path: str) -> str:
    """The source of a webhook's path."""
    parts = unquote(urlsplit(path).path).strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[1] else "default"


@dataclass
class Seen:
    """All answers, and all signatures that were sent."""

    answers: list[httpx.Response] = field(default_factory=list)
    signatures: set[str] = field(default_factory=set)

    def sign(self, source: str, body: bytes, secret: str | None = None) -> str:
        """The signature of a body, without a prefix."""
        key = secret or SECRETS.get(source, "no-secret-is-configured")
        made = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        self.signatures.add(made)
        return made


class Client:
    """A client of one service."""

    def __init__(self, url: str, seen: Seen) -> None:
        self.url = url
        self.seen = seen
        self.http = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str | bytes] | None = None) -> httpx.Response:
        """Sends a request as it is."""
        answer = self.http.request(method, path, content=body, headers=list((headers or {}).items()))
        self.seen.answers.append(answer)
        return answer

    def send(
        self,
        body: bytes | str | Any = None,
        path: str = "/webhook/github",
        headers: dict[str, str | bytes] | None = None,
    ) -> httpx.Response:
        """Sends a rightly signed webhook. A body that is neither bytes nor text is sent as JSON."""
        if body is None:
            body = {"private": PRIVATE}
        if not isinstance(body, bytes):
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        source = source_of(path)
        sent: dict[str, str | bytes] = {"Content-Type": "application/json"}
        if source in SIGNATURES:
            sent[SIGNATURES[source]] = "sha256=" + self.seen.sign(source, body)
        return self.ask("POST", path, body, sent | (headers or {}))

    def status(self, token: str) -> httpx.Response:
        """Asks for a webhook's status."""
        return self.ask("GET", f"/status/{token}")
