"""Deliveries that vendors' own libraries signed: the right ones are accepted, the wrong ones refused.

`vectors-signed.json` has the vendors' verdicts. A vector was right or wrong at a certain second (`at`), so the clock of the
functions under judgement is set to it (clock.c); the vector would otherwise be refused as old. A refusal counts only where a
genuine delivery of the same source is accepted; where the file has none, a wrong vector is made right again (`undone`).
"""

import json
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from harness import sources
from harness.delivery import Delivery, accepted, refused
from harness.service import Answer, Service
from harness.verdicts import Case, Report

DIRECTORY = Path(__file__).resolve().parent

CLOCK_CASE = "the clock of a vector is the service's"
CLOCK_SECOND = 1_780_000_300


@dataclass
class Vectors:
    """The vectors, and the answers to those that must be accepted."""

    plan: dict[str, Any]
    files: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    clock: Path = Path()
    service: Service | None = None

    def __post_init__(self) -> None:
        text = json.loads((DIRECTORY / "vectors-signed.json").read_text())
        self.files = {vector["id"]: vector for vector in [*text["vectors"], *text["builtin"]]}
        for name, vector in self.files.items():
            named = [g for g in self.plan["vectors"] if name in (g["refused"] if "refuse" in vector else g["accepted"])]
            if len(named) != 1:
                raise ValueError(f"cases.json names {name} {len(named)} times")

    def cases(self) -> list[Case]:
        """The cases by their names."""
        cases: list[Case] = [{"name": CLOCK_CASE}]
        for group in self.plan["vectors"]:
            expected = {"expected": self.plan["reasons"][group["expected"]]} if "expected" in group else {}
            cases += [{"name": name} | expected for name in [*self.genuine(group), *group["refused"]]]
        return cases

    def genuine(self, group: Case) -> dict[str, Delivery]:
        """The deliveries of a group that must be accepted, by the names of their cases."""
        found = {name: self.delivery(name) for name in group["accepted"]}
        for name, change in group.get("undone", {}).items():
            found[f"{name} undone"] = self.delivery(name).changed(change)
        return found

    def judge(self, report: Report) -> None:
        """Starts the service and judges all cases."""
        with tempfile.TemporaryDirectory() as scratch:
            self.clock = Path(scratch) / "now"
            library = Path(scratch) / "clock.so"
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, DIRECTORY / "clock.c"], check=True)
            with Service(self.configuration(library)) as self.service:
                report.run(CLOCK_CASE, self.clock_is_set)
                for group in self.plan["vectors"]:
                    for name, delivery in self.genuine(group).items():
                        report.run(name, partial(self.is_accepted, name, delivery, group["source"]))
                    for name, genuine in group["refused"].items():
                        report.run(name, partial(self.is_refused, name, self.answers.get(genuine), group["source"]))

    def configuration(self, library: Path) -> str:
        """Each source with the secret of its vectors, and the functions that a producer and a reader meet with our clock."""
        known, wanted = sources.known(), {}
        for group in self.plan["vectors"]:
            vectors = [self.files[name] for name in [*group["accepted"], *group["refused"]]]
            settings = [self.settings(vector) for vector in vectors]
            if any(setting != settings[0] for setting in settings):
                raise ValueError(f"the vectors of {group['source']} need several sources")
            if fields := known.get(group["source"], known.get(vectors[0]["provider"])):
                wanted[group["source"]] = fields | settings[0]
        variables = {"LD_PRELOAD": str(library), "JUDGE_CLOCK": str(self.clock)}
        functions = [
            f"[functions.{name}.environment]\n" + "".join(f"{key} = {json.dumps(text)}\n" for key, text in variables.items())
            for name in ("validator", "status")
        ]
        return sources.configuration(wanted) + "".join(functions)

    def settings(self, vector: Case) -> dict[str, Any]:
        """What a source of this vector has of its own. The query of the URL is the request's."""
        settings = {"secret": vector["secret"]}
        if "url" in vector:
            settings["public_url"] = vector["url"].partition("?")[0]
        if "parameters" in vector:
            settings["parameters"] = vector["parameters"]
        return settings

    def delivery(self, name: str) -> Delivery:
        """A vector as it was sent. What it does not say is JSON."""
        vector = self.files[name]
        headers = dict(vector.get("headers", {}))
        if "content-type" not in map(str.lower, headers):
            headers["Content-Type"] = "application/json"
        query = vector.get("url", "").partition("?")[2]
        return Delivery(vector.get("method", "POST"), tuple(headers.items()), vector["body"].encode(), query, vector.get("at"))

    def send(self, delivery: Delivery, source: str) -> Answer:
        """Sends a delivery at its second."""
        self.set_clock(delivery.at)
        return delivery.send(self.service, source)

    def set_clock(self, second: int | None) -> None:
        """Sets the clock of the functions; None is the machine's."""
        new = self.clock.with_suffix(".new")
        new.write_text("" if second is None else str(second))
        new.replace(self.clock)

    def clock_is_set(self) -> None:
        """A delivery is received at the second that the clock says."""
        delivery = self.delivery("github-s1").changed({"at": CLOCK_SECOND})
        answer = self.send(delivery, "github")
        assert accepted(answer), f"answered {answer}"
        created = datetime.fromisoformat(self.service.status(answer.token)["createdAt"]).timestamp()
        assert created == CLOCK_SECOND, f"the clock is set to {CLOCK_SECOND}, but the webhook was created at {created}"

    def is_accepted(self, name: str, delivery: Delivery, source: str) -> None:
        answer = self.answers[name] = self.send(delivery, source)
        vector = self.files[name.removesuffix(" undone")]
        why = f"made right again: {vector['refuse']}" if "refuse" in vector else vector["checked"]
        assert accepted(answer), f"genuine ({why}), but answered {answer}"

    def is_refused(self, name: str, genuine: Answer | None, source: str) -> None:
        assert genuine and accepted(genuine), f"a refusal says nothing, since the genuine delivery was answered {genuine}"
        answer = self.send(self.delivery(name), source)
        vector = self.files[name]
        is_of_time = vector["refuse"].startswith(("stale", "token over"))
        assert refused(answer, is_of_time), f"{vector['refuse']} ({vector['checked']}), but answered {answer}"
