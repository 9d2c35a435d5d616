"""Vendors' own libraries sign deliveries, right and wrong ones, and the service must tell them apart.

The vendor's own verifying code gives its verdict of each delivery first. A refusal counts only when the producer's genuine
delivery is accepted.
"""

import json
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from harness import sources
from harness.delivery import Delivery, accepted, refused
from harness.service import Answer, Service
from harness.verdicts import Case, Report

from vendors import Keys, Vendors

# Older than any tolerance of the producers here: the largest is five minutes.
OLD_SECONDS = 3600

# The names of the cases that every producer has, beside those that name a wrong delivery.
VENDOR = "the vendor's verdicts"
GENUINE = "genuine"

CHANGES = {
    "first bit": {"bit": "first"},
    "middle bit": {"bit": "middle"},
    "last bit": {"bit": "last"},
    "newline": {"append": "\n"},
}


@dataclass
class Judge:
    """The judgement of all producers in `plan`."""

    plan: dict[str, Any]
    vendors: Vendors
    service: Service
    keys: dict[str, Keys]

    def judge(self, report: Report) -> None:
        """Judges each producer: the vendor's code first, then the service with the genuine delivery and the wrong ones."""
        for producer in self.plan["producers"]:
            name, now = producer["name"], int(time.time())
            genuine = self.vendors.sign(name, self.keys[name].signs, now, "genuine")
            wrong = {kind: self.made_wrong(name, kind, genuine, now) for kind in wrong_kinds(self.plan, producer)}
            report.run(f"{name}: {VENDOR}", partial(self.vendor, producer, genuine, wrong))
            answer = genuine.send(self.service, name)
            report.run(f"{name}: {GENUINE}", partial(self.genuine, answer))
            for kind, delivery in wrong.items():
                report.run(f"{name}: {kind}", partial(self.refused, name, kind, delivery, answer))

    def vendor(self, producer: Case, genuine: Delivery, wrong: dict[str, Delivery]) -> None:
        """The vendor's code accepts the genuine delivery and refuses the wrong ones, but for those that it cannot see."""
        name, blind = producer["name"], producer.get("vendor_accepts", [])
        for kind, delivery in {GENUINE: genuine, **wrong}.items():
            accepts, why = self.vendors.accepts(name, self.keys[name].secret, delivery)
            wanted = kind == GENUINE or kind in blind
            assert accepts == wanted, f"{kind}: the vendor's code {'accepts' if accepts else 'refuses'} it: {why}"

    def genuine(self, answer: Answer) -> None:
        """The service accepts what the vendor's code accepts."""
        assert accepted(answer), f"genuine, but answered {answer}"

    def refused(self, name: str, kind: str, delivery: Delivery, answer: Answer) -> None:
        """The service refuses a wrong delivery, whose genuine form it accepts."""
        assert accepted(answer), f"a refusal says nothing, since the genuine delivery was answered {answer}"
        found = delivery.send(self.service, name)
        assert refused(found, kind == "old time"), f"expected 401, as stale only for an old time, answered {found}"

    def made_wrong(self, name: str, kind: str, genuine: Delivery, now: int) -> Delivery:
        """A delivery that is wrong in one way."""
        match kind:
            case "other secret":
                return self.vendors.sign(name, self.vendors.keys(name).signs, now, "other-secret")
            case "old time":
                return self.vendors.sign(name, self.keys[name].signs, now - OLD_SECONDS, "old-time")
            case "other time":
                # The signature is right for the second that the delivery no longer names.
                headers = tuple((key, value.replace(str(now), str(now - 1))) for key, value in genuine.headers)
                assert headers != genuine.headers, f"no header has the time {now}: {genuine.headers}"
                return replace(genuine, headers=headers)
            case _:
                return genuine.changed(CHANGES[kind])


def wrong_kinds(plan: dict[str, Any], producer: Case) -> list[str]:
    """The ways in which deliveries of a producer are wrong."""
    return [*plan["wrong"], *producer.get("wrong", [])]


def cases(plan: dict[str, Any]) -> list[Case]:
    """All cases by their names."""
    return [
        {"name": f"{producer['name']}: {kind}"}
        for producer in plan["producers"]
        for kind in (VENDOR, GENUINE, *wrong_kinds(plan, producer))
    ]


def main() -> int:
    plan = json.loads((Path(__file__).resolve().parent / "cases.json").read_text())
    report = Report("signers", cases(plan))
    with Vendors() as vendors:
        keys = {producer["name"]: vendors.keys(producer["name"]) for producer in plan["producers"]}
        known = sources.known()
        wanted = {name: known[name] | {"secret": pair.secret} for name, pair in keys.items()}
        with Service(sources.configuration(wanted)) as service:
            Judge(plan, vendors, service, keys).judge(report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
