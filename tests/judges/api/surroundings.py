"""Cases of what stands around the functions: their dependencies, other origins, the stage, the gateway."""

import time
from typing import Any

import httpx

import answers
from shared import check, delivery, ended, is_status
from table import Bench

# Faults of what the service depends on.


@check("away/store-of-a-webhook")
def store_away(bench: Bench) -> None:
    """While nothing can be stored, a webhook is refused; nothing is left of it, and it is new when it comes again."""
    bench.service.faults({"operation": "dynamodb:PutItem", "ratio": 1, "effect": {"throttle": True}})
    answer = bench.client.send(headers=delivery("store-away"))
    bench.service.faults()
    answers.refused(answer, 503, "store_unavailable")
    answers.not_stored(answer)
    again = answers.accepted(bench.client.send(headers=delivery("store-away")))
    assert "duplicate" not in again, f"a refused delivery was stored: {again}"


@check("away/half-of-the-store")
def half_of_the_store(bench: Bench) -> None:
    """A webhook of which one half could be stored is refused, and 503 means that nothing was stored."""
    for skipped in (0, 1):
        name = delivery(f"half-{skipped}")
        found = half_stored(bench, name, skipped)
        assert "duplicate" not in found, f"503 said that nothing was stored, and the delivery came before: {found}"


def half_stored(bench: Bench, name: dict[str, str | bytes], skipped: int) -> Any:
    """Sends a webhook of whose two writes one fails for good, and sends it again."""
    rule = {"operation": "dynamodb:PutItem", "skip": skipped, "count": 1}
    bench.service.faults(rule | {"effect": {"status": 400, "code": "ItemCollectionSizeLimitExceededException"}})
    answer = bench.client.send(headers=name)
    bench.service.faults()
    answers.refused(answer, 503, "store_unavailable")
    return answers.accepted(bench.client.send(headers=name))


@check("away/store-of-a-status")
def status_away(bench: Bench) -> None:
    """While the store cannot be read, a status is refused with the time to try again."""
    token = answers.accepted(bench.client.send())["executionToken"]
    bench.service.faults({"operation": "dynamodb:GetItem", "ratio": 1, "effect": {"throttle": True}})
    answer = bench.client.status(token)
    bench.service.faults()
    answers.refused(answer, 503, "store_unavailable")
    answers.shown(bench.client.status(token))


@check("away/configuration")
def configuration_away(bench: Bench) -> None:
    """While the configuration was never read and cannot be, everything is refused."""
    bench.service.faults({"operation": "dynamodb:GetItem", "ratio": 1, "effect": {"throttle": True}})
    sent = [bench.client.send(path=path, headers=delivery("away")) for path in ("/webhook/github", "/webhook/nobody")]
    bench.service.faults()
    for answer in sent:
        answers.refused(answer, 503, "configuration_unavailable")


@check("away/secrets")
def secrets_away(bench: Bench) -> None:
    """While the secrets were never read and cannot be, nothing is stored and everything is refused."""
    bench.service.faults({"operation": "secretsmanager:*", "ratio": 1, "effect": {"status": 500, "code": "InternalServiceError"}})
    sent = [bench.client.send(path=path, headers=delivery("secrets-away")) for path in ("/webhook/github", "/webhook/open")]
    bench.service.faults()
    for answer in sent:
        answers.refused(answer, 503, "secrets_unavailable")
    # A failed read is remembered for less than the producer is asked to wait.
    time.sleep(int(sent[0].headers["retry-after"]))
    again = answers.accepted(bench.client.send(headers=delivery("secrets-away")))
    assert "duplicate" not in again, f"a refused delivery was stored: {again}"


@check("away/no-function")
def no_function(bench: Bench) -> None:
    """A function that takes no event is JSON in the error contract."""
    answers.refused(bench.client.status("0" * 32), 500, "internal_error")


@check("away/killed-validator")
def killed_validator(bench: Bench) -> None:
    """A validator that dies after it stored is JSON in the error contract, and the delivery is found when it comes again."""
    bench.service.faults({"operation": "lambda:Invoke", "function": "tracehook-validator", "effect": {"kill": True}})
    answer = bench.client.send(headers=delivery("killed"))
    bench.service.faults()
    answers.refused(answer, 502, "bad_gateway")
    again = answers.accepted(bench.client.send(headers=delivery("killed")))
    is_status(ended(bench, again["executionToken"]), "completed")


# Pages of other origins.

ORIGIN = "https://pages.example"


def readable(answer: httpx.Response, what: str) -> None:
    allowed = answer.headers.get("access-control-allow-origin")
    assert allowed == ORIGIN, f"{what}: Access-Control-Allow-Origin is {allowed}, not {ORIGIN}"


@check("cors/answers")
def cors_answers(bench: Bench) -> None:
    """Every answer is readable by the configured origin, refusals too."""
    accepted = bench.client.send()
    readable(accepted, "202")
    exposed = {name.strip().lower() for name in accepted.headers.get("access-control-expose-headers", "").split(",")}
    assert {"location", "retry-after"} <= exposed, f"a page can read only {exposed}"
    readable(bench.client.status(answers.accepted(accepted)["executionToken"]), "200")
    readable(bench.client.send("not JSON"), "400")
    readable(bench.client.send(path="/webhook/nobody"), "404 of a source")
    readable(bench.client.ask("GET", "/status/0"), "400 of a token")
    readable(bench.client.ask("DELETE", "/webhook"), "405")
    readable(bench.client.ask("GET", "/nothing/here"), "404 of a path")


@check("cors/preflight")
def preflight(bench: Bench) -> None:
    """A browser's question is answered with the path's methods."""
    for path, method in (("/webhook", "POST"), ("/webhook/github", "POST"), ("/status/" + "0" * 32, "GET")):
        asked: dict[str, str | bytes] = {"Origin": ORIGIN, "Access-Control-Request-Method": method}
        answer = bench.client.ask("OPTIONS", path, headers=asked)
        assert answer.status_code in (200, 204), f"{path} is answered {answer.status_code}"
        readable(answer, path)
        methods = {name.strip() for name in answer.headers.get("access-control-allow-methods", "").split(",")}
        assert method in methods, f"{path} allows {methods}"


# The stage's throttle. The burst of the service is 4, of which `away/no-function` takes one, and none is added within a run.


@check("throttle/code")
def throttled(bench: Bench) -> None:
    """What comes above the burst is refused; every other request is answered as ever."""
    sent = [bench.client.send() for _ in range(3)]
    for answer in sent:
        answers.accepted(answer)
    answers.refused(bench.client.send(), 429, "throttled")
    answers.refused(bench.client.status("0" * 32), 429, "throttled")


@check("throttle/headers")
def throttled_headers(bench: Bench) -> None:
    """A throttled request is told when to try again, and no cache keeps the answer, as in the deployment."""
    answer = bench.client.send()
    answers.refused(answer, 429, "throttled")
    later = answer.headers.get("retry-after")
    assert later and later.isdigit(), f"Retry-After is {later}"
    answers.not_stored(answer)


# Codes that no request over HTTP reaches, because the gateway makes the event. Lambda's Invoke reaches them.


@check("codes/by-invoke")
def by_invoke(bench: Bench) -> None:
    """An event that is no request, or whose base64 is broken, is answered and not a failed invocation."""
    broken = {"httpMethod": "POST", "resource": "/webhook/open", "body": "%", "isBase64Encoded": True}
    for event, code in (({"not": "an event"}, "event_malformed"), (broken, "body_encoding")):
        url = f"{bench.service.aws_url}/2015-03-31/functions/tracehook-validator/invocations"
        answer = httpx.post(url, json=event, headers=bench.service.aws_headers("lambda"), timeout=60, trust_env=False)
        assert answer.status_code == 200, f"the invocation is answered {answer.status_code}: {answer.text[:200]}"
        made = answer.json()
        proxied = httpx.Response(made["statusCode"], headers=made["headers"], content=made["body"].encode())
        answers.refused(proxied, 400, code)
        bench.client.seen.answers.append(proxied)


@check("wire/another-host")
def another_host(bench: Bench) -> None:
    """The links of an answer lead to the service, whatever host a proxy names; a request to another host is misdirected."""
    named: dict[str, str | bytes] = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    answer = bench.client.send(headers=named)
    answers.accepted(answer)
    assert "evil.example" not in f"{answer.headers} {answer.text}", f"a link leads to another host: {answer.text[:300]}"
    # No answer of the API: the local service says it before its gateway is asked.
    url = f"{bench.client.url}/status/{'0' * 32}"
    for host, status in (("evil.example", 421), (url.split("/")[2], 404)):
        got = httpx.get(url, headers={"Host": host}, timeout=60, trust_env=False).status_code
        assert got == status, f"a request to {host} is answered {got}, not {status}"
