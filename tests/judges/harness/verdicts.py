"""The verdicts of a judge.

A case is a JSON object with a `name`. A case that fails today has `expected`: `{"topic": …, "why": …}`, the topic of the work
that will make it pass. An expected failure that passes is an error, so the list stays true.
"""

import json
import os
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Case = dict[str, Any]


class Report:
    """Prints a line for each case, and a closing count."""

    def __init__(self, judge: str, cases: Iterable[Case]) -> None:
        self.judge = judge
        self.cases: dict[str, Case] = {}
        for case in cases:
            if case["name"] in self.cases:
                raise ValueError(f"two cases are named {case['name']}")
            self.cases[case["name"]] = case
        self.verdicts: dict[str, str] = {}

    @classmethod
    def of(cls, judge_file: str) -> "Report":
        """The report of the judge whose `judge.py` this is, over the `cases.json` beside it."""
        directory = Path(judge_file).resolve().parent
        return cls(directory.name, json.loads((directory / "cases.json").read_text()))

    def verdict(self, name: str, problem: str | None) -> None:
        """Tells whether the case holds; `problem` says why it does not."""
        case = self.cases.get(name)
        if case is None:
            raise ValueError(f"no case is named {name}")
        if name in self.verdicts:
            raise ValueError(f"{name} has two verdicts")
        expected = case.get("expected")
        if expected and problem is None:
            self.say("FAIL", name, f"passes, but is expected to fail ({expected['topic']}): take `expected` out of the case")
        elif expected:
            self.say("EXPECTED", name, f"({expected['topic']}: {expected['why']}) {problem}")
        elif problem is None:
            self.say("PASS", name, None)
        else:
            self.say("FAIL", name, problem)

    def run(self, name: str, check: Callable[[], None]) -> None:
        """Runs a check, which holds unless it raises."""
        try:
            check()
        except AssertionError as error:
            self.verdict(name, str(error) or where(error))
        except Exception as error:  # noqa: BLE001 A judge goes on with its next case.
            self.verdict(name, f"{type(error).__name__}: {error} {where(error)}")
        else:
            self.verdict(name, None)

    def say(self, verdict: str, name: str, reason: str | None) -> None:
        self.verdicts[name] = verdict
        text = " ".join(reason.split())[:600] if reason else ""
        print(f"{verdict} {self.judge}/{name}" + (f": {text}" if text else ""), flush=True)

    def close(self) -> int:
        """Prints the count and returns the exit status. A case without a verdict has failed."""
        for name in self.cases:
            if name not in self.verdicts:
                self.say("FAIL", name, "the judge came to no verdict")
        count = {verdict: list(self.verdicts.values()).count(verdict) for verdict in ("PASS", "EXPECTED", "FAIL")}
        if path := os.environ.get("JUDGE_RESULT"):
            Path(path).write_text(json.dumps(self.verdicts))
        print(
            f"{self.judge}: {len(self.verdicts)} cases, {count['PASS']} passed, "
            f"{count['EXPECTED']} failed as expected, {count['FAIL']} failed",
            flush=True,
        )
        return 1 if count["FAIL"] else 0


def where(error: BaseException) -> str:
    """The place that raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"({Path(frames[-1].filename).name}:{frames[-1].lineno}: {frames[-1].line})" if frames else ""
