"""Judges the API: routes, refusals, headers, duplicates, outcomes and oddities of HTTP, by httpx, h11 and jsonschema."""

import json
import re
import sys
from collections.abc import Callable

from harness import ROOT
from harness.service import Service, binary
from harness.verdicts import Case, Report

import answers
import deliveries  # noqa: F401 It registers its cases.
import outcomes  # noqa: F401
import surroundings  # noqa: F401
import table
from client import PRIVATE, SECRETS, TOKEN_KEY, Client, Seen
from shared import CHECKS

SECRETS_FILE = json.dumps({"AWSCURRENT": {"tokenKey": TOKEN_KEY, "sources": SECRETS}})

# `unready` needs a secret and has none.
SOURCES = """
[sources.github]
preset = "github"
[sources.default]
preset = "hmac-sha256"
[sources.open]
preset = "none"
allow_unsigned = true
[sources.unready]
preset = "hmac-sha256"
[sources.form]
preset = "github-form"
[sources.claims]
preset = "hmac-sha256"
body = "jwt"
[sources.stripe]
preset = "stripe"
"""

# Tries that fail are repeated after a second, or never within a run.
PROCESSOR = """
[functions.processor]
binary = "{binary}"
[functions.processor.environment]
EFFECTS_FILE = "DIRECTORY/effects"
STEP_INITIAL_DELAY_SECONDS = "{delay}"
STEP_MAX_DELAY_SECONDS = "{delay}"
STEP_MAX_TRIES = "100"
"""

# The services that cases ask, by the name in the case. The head of a configuration comes before its tables.
SERVICES = {
    "main": ("", "1", ""),
    "short": ("", "3600", "[durable]\nexecution_timeout_seconds = 1\n"),
    "throttled": ("", "1", "[limits]\nrequests_per_second = 0.000001\nburst = 4\n[functions.status]\nconcurrency = 0\n"),
    "cors": ('cors_allow_origin = "https://pages.example"\n', "1", ""),
}


def configuration(name: str) -> str:
    head, delay, tail = SERVICES[name]
    processor = PROCESSOR.format(binary=binary("scripted-processor"), delay=delay)
    return f'{head}secrets_file = "DIRECTORY/secrets.json"\n{SOURCES}{processor}{tail}'


def check_of(bench: table.Bench, case: Case) -> Callable[[], None]:
    """The check of a case: its request, its bytes, or the function of its name."""
    if "ask" in case:
        return lambda: table.asked(bench, case)
    if "wire" in case:
        return lambda: table.on_the_wire(bench, case)
    return lambda: CHECKS[case["name"]](bench)


def judge_service(report: Report, name: str, seen: Seen) -> str:
    """Runs the cases of one service, and returns what it logged."""
    cases = [case for case in report.cases.values() if case.get("service", "main") == name]
    with Service(configuration(name), {"secrets.json": SECRETS_FILE}) as service:
        bench = table.Bench(service, Client(service.url, seen))
        for case in cases:
            report.run(case["name"], check_of(bench, case))
        return service.output() + service.get("/local/logs?token=").body.decode(errors="replace")


def codes(seen: Seen, wanted: dict[str, set[int]], unreached: dict[str, str]) -> None:
    """The codes that were seen are those of the README, each with its status. Who cannot be reached is named in the case."""
    found: dict[str, set[int]] = {}
    for answer in seen.answers:
        if answer.status_code >= 400 and answer.content:
            found.setdefault(answer.json()["code"], set()).add(answer.status_code)
    missing = sorted(wanted.keys() - found.keys() - unreached.keys())
    assert not missing, f"the README has codes that no request reached: {', '.join(missing)}"
    unknown = sorted(found.keys() - wanted.keys())
    assert not unknown, f"the README does not have the codes {', '.join(unknown)}"
    untrue = sorted(unreached.keys() & found.keys() | unreached.keys() - wanted.keys())
    assert not untrue, f"codes are named as not reached that were, or that the README does not have: {', '.join(untrue)}"
    for code, statuses in found.items():
        assert statuses <= wanted[code], f"{code} was seen with {statuses}, the README has {wanted[code]}"


def no_secret(text: str, where: str, seen: Seen) -> None:
    """Neither secret, nor payload, nor signature is in the text."""
    private = {"a value of a payload": PRIVATE, "the token key": TOKEN_KEY}
    private |= {f"the secret of {source}": secret for source, secret in SECRETS.items()}
    for what, value in private.items():
        assert value not in text, f"{where} holds {what}: {around(text, value)}"
    held = seen.signatures & set(re.findall(r"[0-9a-f]{64}", text.lower()))
    assert not held, f"{where} holds a signature that was sent: {around(text, held.pop())}"


def around(text: str, value: str) -> str:
    at = max(text.find(value), 0)
    return text[max(at - 80, 0) : at + 80]


def answers_hold_nothing(seen: Seen) -> None:
    assert len(seen.answers) > 100 and len(seen.signatures) > 50, "too little was sent for this to say anything"
    for answer in seen.answers:
        no_secret(f"{answer.headers} {answer.text}", f"an answer {answer.status_code}", seen)


def logs_hold_nothing(logs: str, seen: Seen) -> None:
    assert logs.count("accepted") > 20, "the log says nothing of what was accepted"
    no_secret(logs, "the log", seen)


def main() -> int:
    report, seen = Report.of(__file__), Seen()
    logs = "".join(judge_service(report, name, seen) for name in SERVICES)
    table_of_codes = answers.codes_in(ROOT / "README.md")
    unreached = report.cases["codes/readme"]["unreached"]
    report.run("codes/readme", lambda: codes(seen, table_of_codes, unreached))
    report.run("private/answers", lambda: answers_hold_nothing(seen))
    report.run("private/log", lambda: logs_hold_nothing(logs, seen))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
