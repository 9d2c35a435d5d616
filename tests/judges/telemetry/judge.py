"""Plays every outcome on the real service, and judges what its functions tell of it.

A case is a rule over groups of outcomes; without groups it is over everything.
"""

import sys
import time
from collections.abc import Callable
from itertools import islice

from harness.service import until
from harness.verdicts import Case, Report
from telemetry import prints, rules
from telemetry.outcomes import Played, play
from telemetry.recorder import Recorder, recording
from telemetry.spans import Run


def recorded(recorder: Recorder) -> Run:
    """Plays everything, and waits until all spans have come."""
    played = play(recorder.url)
    counts = [0]

    def settled() -> bool:
        """Whether nothing came for a while. The functions have ended, so nothing is under way but what is being read."""
        time.sleep(0.3)
        counts.append(len(recorder.exports()))
        return counts[-1] == counts[-2]

    until(settled, "the exports come to an end")
    return Run(played, recorder.exports())


def judge(run: Run, case: Case) -> None:
    """Raises what the rule of a case finds."""
    rule: Callable[..., rules.Problems] = getattr(rules if hasattr(rules, case["rule"]) else prints, case["rule"])
    if hasattr(rules, case["rule"]):
        spans = run.in_groups(case.get("groups", []))
        for group in case.get("groups", []):
            assert run.groups.get(group), f"no span of the group {group} came"
        problems, judged = rule(run, spans), f"{len(spans)} spans"
    else:
        told = prints.metrics(run) if "metric" in case["name"] else prints.logs(run)
        problems, judged = rule(run), f"{len(told)} documents"
    assert not judged.startswith("0 "), "nothing was told that could be judged"
    first = list(islice(problems, 1000))
    assert not first, f"{len(first)} in {judged}: " + "; ".join(first[:3])


def main() -> int:
    report = Report.of(__file__)
    with recording() as recorder:
        run = recorded(recorder)
    print(f"{len(run.played.webhooks)} webhooks, {len(run.spans)} spans in {len(run.exports)} requests", flush=True)
    for name, case in report.cases.items():
        report.run(name, lambda case=case: judge(run, case))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
