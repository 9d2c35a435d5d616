"""What every answer must be, whatever was asked: the schemas, and the headers that the README names."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

HERE = Path(__file__).resolve().parent


def validator(name: str) -> Draft202012Validator:
    """The validator of one of this judge's schemas."""
    schema = json.loads((HERE / "schemas" / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


ACCEPTED, REFUSED, STATUS = validator("accepted"), validator("refused"), validator("status")


def conforms(answer: httpx.Response, schema: Draft202012Validator) -> Any:
    """The body of an answer that is JSON, is said to be JSON, and has the schema's form."""
    shown = answer.text[:300]
    kind = answer.headers.get("content-type")
    assert kind == "application/json", f"the content type is {kind}, not application/json: {answer.status_code} {shown}"
    body = answer.json()
    problems = [f"{problem.json_path}: {problem.message}" for problem in schema.iter_errors(body)]
    assert not problems, f"the body has not the form of the contract: {'; '.join(problems)}: {shown}"
    return body


def not_stored(answer: httpx.Response) -> None:
    """No cache may keep the answer, and no reader guess its type."""
    control = answer.headers.get("cache-control")
    assert control == "no-store", f"Cache-Control is {control}, not no-store"
    sniffed = answer.headers.get("x-content-type-options")
    assert sniffed == "nosniff", f"X-Content-Type-Options is {sniffed}, not nosniff"


def accepted(answer: httpx.Response) -> Any:
    """The body of a 202 that has the form and the headers of the contract."""
    assert answer.status_code == 202, f"expected 202, got {answer.status_code}: {answer.text[:300]}"
    body = conforms(answer, ACCEPTED)
    not_stored(answer)
    location = answer.headers.get("location")
    assert location == body["statusUrl"], f"Location is {location}, statusUrl is {body['statusUrl']}"
    for link, part in (("statusUrl", "executionToken"), ("traceUrl", "traceId")):
        assert body[part] in body[link], f"{link} does not lead to {part}: {body}"
    return body


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """A refusal with the status and the code that the README gives for it."""
    assert answer.status_code == status, f"expected {status} {code}, got {answer.status_code}: {answer.text[:300]}"
    body = conforms(answer, REFUSED)
    assert body["code"] == code, f"expected the code {code}, got {body['code']}"
    later = answer.headers.get("retry-after")
    if status == 503:
        assert later and later.isdigit() and int(later) > 0, f"503 says try again after {later}"


def shown(answer: httpx.Response) -> Any:
    """The body of a status answer that has the form and the headers of the contract."""
    assert answer.status_code == 200, f"expected 200, got {answer.status_code}: {answer.text[:300]}"
    body = conforms(answer, STATUS)
    not_stored(answer)
    last = body["attempts"][-1]
    assert (last["number"], last["status"]) == (body["attempt"], body["status"]), f"the last attempt is not the webhook's: {body}"
    assert body["createdAt"] <= body["lastUpdated"], f"lastUpdated is before createdAt: {body}"
    if body["steps"]:
        assert body["currentStep"] == body["steps"][-1]["name"], f"currentStep is not the last step: {body}"
    later = answer.headers.get("retry-after")
    if body["status"] in ("completed", "failed", "timed_out", "stopped"):
        assert later is None, f"a webhook that is {body['status']} says to ask again after {later}"
    else:
        assert later and later.isdigit() and int(later) > 0, f"Retry-After is {later} while {body['status']}"
    return body


def codes_in(readme: Path) -> dict[str, set[int]]:
    """The codes of the README's table, each with the statuses of its row."""
    section = readme.read_text().split("\n## API\n")[1].split("\n## ")[0]
    rows = [row.strip("|").split("|") for row in section.splitlines() if re.match(r"\| \d{3}", row)]
    table: dict[str, set[int]] = {}
    for statuses, codes in rows:
        for code in re.findall(r"`([a-z0-9_]+)`", codes.split(":")[0]):
            table.setdefault(code, set()).update(int(status) for status in re.findall(r"\d{3}", statuses))
    return table
