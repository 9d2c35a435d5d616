"""Plays every outcome on the real service, and judges what its functions tell of it.

A case is a rule over groups of outcomes; without groups it is over everything.
"""

import sys
import time

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
    groups = case.get("groups", [])
    for group in groups:
        assert run.groups.get(group), f"no span of the group {group} came"
    spans = run.in_groups(groups)
    assert spans and prints.metrics(run) and prints.logs(run), "nothing was told that could be judged"
    if hasattr(rules, case["rule"]):
        problems: rules.Problems = getattr(rules, case["rule"])(run, spans)
    else:
        problems = getattr(prints, case["rule"])(run)
    found = list(problems)
    assert not found, f"{len(found)} problems: " + "; ".join(found[:3])


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
