"""The deliveries of real producers: taken, of the right type, recognised when they come again, refused when changed.

Each file of `captures/` is one request with what a correct receiver does (`expect`). All go to one service.
"""

import base64
import json
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from harness import sources
from harness.delivery import Delivery, accepted
from harness.service import Answer, Service
from harness.verdicts import Case, Report

DIRECTORY = Path(__file__).resolve().parent / "captures"

# The summary of a webhook has this many of the body's keys.
SUMMARY_KEYS = 10


@dataclass
class Captures:
    """The captures, and what the service has answered to each at each source."""

    plan: dict[str, Any]
    files: dict[str, Any] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    service: Service | None = None

    def __post_init__(self) -> None:
        self.files = {path.stem: json.loads(path.read_text()) for path in sorted(DIRECTORY.glob("*.json"))}
        cases = [*self.plan["captures"], *self.plan["refusals"]]
        if self.files.keys() != {case["capture"] for case in cases}:
            raise ValueError("cases.json does not name every capture")
        for group in self.plan["captures"]:
            if secret := group.get("basic"):
                self.files[group["capture"]] = with_basic(self.files[group["capture"]], secret)

    def cases(self) -> list[Case]:
        """The cases by their names."""
        cases = []
        for group in self.plan["captures"]:
            for ask in group["asks"]:
                cases.append(self.case(f"{group['capture']}: {ask}", group.get("expected", {}).get(ask)))
        for case in [*self.plan["pairs"], *self.plan["refusals"]]:
            cases.append(self.case(case["name"], case.get("expected")))
        return cases

    def case(self, name: str, reason: str | None) -> Case:
        return {"name": name} | ({"expected": self.plan["reasons"][reason]} if reason else {})

    def judge(self, report: Report) -> None:
        """Starts the service and judges all cases."""
        with Service(self.configuration()) as self.service:
            for group in self.plan["captures"]:
                self.answer(group["capture"], group["source"])
            checks = {"taken": self.taken, "type": self.type, "id": self.id}
            for group in self.plan["captures"]:
                for ask in group["asks"]:
                    report.run(f"{group['capture']}: {ask}", partial(checks[ask], group["capture"], group["source"]))
            for case in self.plan["pairs"]:
                report.run(case["name"], partial(self.pair, case))
            for case in self.plan["refusals"]:
                report.run(case["name"], partial(self.refused, case))

    def configuration(self) -> str:
        """Each source with the secret of its captures."""
        known, wanted = sources.known(), {}
        for case in [*self.plan["captures"], *self.plan["refusals"]]:
            name = case["source"]
            if name in known:
                secret = {} if known[name].get("preset") == "none" else {"secret": self.files[case["capture"]]["secret"]}
                wanted.setdefault(name, known[name] | secret)
        for case in self.plan["pairs"]:
            wanted.setdefault(case["source"], known[case["source"]] | {"secret": self.files[case["first"]]["secret"]})
        return sources.configuration(wanted)

    def delivery(self, name: str) -> Delivery:
        """A capture as it was sent."""
        file = self.files[name]
        query = file["path"].partition("?")[2]
        headers = tuple((name, value) for name, value in file["headers"])
        return Delivery(file["method"], headers, base64.b64decode(file["body_base64"]), query)

    def answer(self, name: str, source: str) -> Answer:
        """The answer to a capture at a source; it is sent once."""
        if (name, source) not in self.answers:
            self.answers[name, source] = self.delivery(name).send(self.service, source)
        return self.answers[name, source]

    def taken(self, name: str, source: str) -> None:
        """The answer is the expected one, the webhook completes, and its summary has the keys of the body."""
        expect, answer = self.files[name]["expect"], self.answer(name, source)
        wanted = expect.get("status", expect.get("status_class"))
        assert wanted in (answer.status, f"{answer.status // 100}xx"), f"expected {wanted}, answered {answer}"
        status = self.service.ended(answer.token)
        assert status["status"] == "completed", f"the webhook ended {status['status']}: {status.get('error')}"
        if expect.get("json"):
            keys = list(json.loads(self.delivery(name).body))[:SUMMARY_KEYS]
            summary = status["webhookSummary"]
            assert summary["keys"] == keys, f"the body has the keys {keys}, its summary {summary['keys']}"

    def type(self, name: str, source: str) -> None:
        """The type of the event is the producer's."""
        wanted, answer = self.files[name]["expect"]["event"], self.answer(name, source)
        assert accepted(answer), f"answered {answer}"
        found = self.service.ended(answer.token)["webhookSummary"].get("type")
        assert found == wanted, f"the event is {wanted!r}, its webhook's type {found!r}"

    def id(self, name: str, source: str) -> None:
        """The same delivery sent again is the same webhook."""
        self.same(self.answer(name, source), self.delivery(name).send(self.service, source), 1)

    def pair(self, case: Case) -> None:
        """Two captures are as many webhooks as the case says."""
        first, second = (self.answer(case[which], case["source"]) for which in ("first", "second"))
        self.same(first, second, case["webhooks"])

    def same(self, first: Answer, second: Answer, webhooks: int) -> None:
        assert accepted(first) and accepted(second), f"answered {first}, then {second}"
        found = len({first.token, second.token})
        assert found == webhooks, f"expected webhooks: {webhooks}, found: {found} ({first.token}, {second.token})"

    def refused(self, case: Case) -> None:
        """A wrong delivery is refused, where the genuine one is accepted."""
        genuine = self.answer(case["genuine"], case["source"])
        assert accepted(genuine), f"a refusal says nothing, since the genuine delivery was answered {genuine}"
        change = dict(case.get("change", {}))
        delivery = self.delivery(case["capture"])
        if other := change.pop("headers_of", None):
            delivery = replace(delivery, headers=self.delivery(other).headers)
        answer = delivery.changed(change).send(self.service, case["source"])
        code = case.get("code", "signature_mismatch")
        found = answer.json().get("code")
        assert (answer.status, found) == (401, code), f"expected 401 {code}, answered {answer}"


def with_basic(file: Case, secret: str) -> Case:
    """A capture with another user and password, where the service takes no secret as short as its own."""
    value = f"Basic {base64.b64encode(secret.encode()).decode()}"
    headers = [[name, value if name == "Authorization" else old] for name, old in file["headers"]]
    return file | {"secret": secret, "headers": headers}
