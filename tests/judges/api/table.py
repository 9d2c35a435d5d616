"""Cases as data: a request, by httpx or byte by byte, and the answer that the README promises."""

from dataclasses import dataclass
from typing import Any

import httpx
from harness.service import Service
from harness.verdicts import Case

import answers
import wire
from client import PRIVATE, SIGNATURES, Client, source_of

# What a source's secret is not.
OTHER_SECRET = "secret-of-somebody-else"


@dataclass
class Bench:
    """A service under judgement, with a client of it."""

    service: Service
    client: Client


def asked(bench: Bench, case: Case) -> None:
    """Sends the case's request, and compares the answer with the case's."""
    ask, wanted = case["ask"], case["answer"]
    path = ask.get("path", "/webhook/github")
    method = ask.get("method", "POST")
    body = body_of(ask)
    headers: dict[str, str | bytes] = {"Content-Type": "application/json"} if method == "POST" else {}
    source = source_of(path)
    if method == "POST" and source in SIGNATURES and (form := ask.get("signature", "sha256={right}")) is not None:
        headers[SIGNATURES[source]] = signature(bench, form, source, body)
    headers |= {name: value.encode("latin-1") for name, value in ask.get("headers", {}).items()}
    answer = bench.client.ask(method, path, body, {name: value for name, value in headers.items() if value != b""})
    if wanted["status"] == 202:
        answers.accepted(answer)
    elif "code" in wanted:
        answers.refused(answer, wanted["status"], wanted["code"])
    else:
        assert answer.status_code == wanted["status"], f"expected {wanted['status']}, got {answer.status_code}"
    for name, value in wanted.get("headers", {}).items():
        got = answer.headers.get(name)
        assert got == value, f"{name} is {got}, not {value} ({answer.status_code})"


def body_of(ask: dict[str, Any]) -> bytes:
    """The bytes that the case sends."""
    if "hex" in ask:
        return bytes.fromhex(ask["hex"])
    if "bytes" in ask:
        frame = f'{{"private":"{PRIVATE}","fill":""}}'
        return frame.replace('""}', f'"{"x" * (ask["bytes"] - len(frame))}"}}').encode()
    if ask.get("method", "POST") != "POST":
        return b""
    return ask.get("body", f'{{"private":"{PRIVATE}"}}').encode()


def signature(bench: Bench, form: str, source: str, body: bytes) -> str:
    """The signature header of that form."""
    right = bench.client.seen.sign(source, body)
    other = bench.client.seen.sign(source, body, OTHER_SECRET)
    halves = {"first": zero_at(right, 0, 1), "last": zero_at(right, 63, 64), "half": zero_at(right, 32, 64)}
    return form.format(right=right, RIGHT=right.upper(), other=other, short=right[:-2], **halves)


def zero_at(digits: str, start: int, end: int) -> str:
    """The hex digits with each one from `start` to `end` changed to another."""
    return digits[:start] + "".join("1" if digit == "0" else "0" for digit in digits[start:end]) + digits[end:]


def on_the_wire(bench: Bench, case: Case) -> None:
    """Sends the case's bytes, and compares the statuses of all answers with the case's."""
    request, methods = b"", []
    for part in case["wire"]:
        body = part.get("body", f'{{"private":"{PRIVATE}"}}').encode()
        words = {
            "host": bench.client.url.removeprefix("http://"),
            "signature": bench.client.seen.sign("github", part.get("signed", body.decode()).encode()),
            "other": bench.client.seen.sign("github", body, OTHER_SECRET),
            "length": str(len(body)),
        }
        lines = [line.format(**words) for line in part["lines"]]
        request += "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        methods.append(lines[0].split(" ")[0])
    got = wire.exchange(bench.client.url, request, methods)
    bench.client.seen.answers += [httpx.Response(part.status, headers=part.headers, content=part.body) for part in got]
    statuses = [answer.status for answer in got]
    if case.get("refused"):
        assert statuses and not any(status < 400 for status in statuses), f"expected a refusal and nothing else, got {statuses}"
        assert len(statuses) == 1, f"one request got {len(statuses)} answers: {statuses}"
    else:
        shown = [answer.body[:120] for answer in got]
        assert statuses == case["answers"], f"expected {case['answers']}, got {statuses}: {shown}"
