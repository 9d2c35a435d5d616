"""Judges the durable engine and the processor by AWS's emulator and AWS's Python SDK.

The real processor runs through the emulator, and the same webhooks run through our engine: the histories are compared. A
function made with AWS's SDK, and calls sent by hand, run in both engines: the answers and the histories are compared.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from emulator import Emulator
from functions import Twin
from harness.verdicts import Case, Report
from processor import ProcessorCases, processor_service

# How many cases run side by side; most of them wait for delays of the engines.
SIDE_BY_SIDE = 8


def main() -> int:
    report = Report.of(__file__)
    cases = list(report.cases.values())
    with ExitStack() as opened:
        emulator = opened.enter_context(Emulator())
        paging = opened.enter_context(Emulator(page_bytes=1))
        service = opened.enter_context(processor_service())
        judged = ProcessorCases(service, emulator, paging)
        judged.receive([case for case in cases if "script" in case])
        twin = opened.enter_context(Twin(emulator))
        pool = opened.enter_context(ThreadPoolExecutor(max_workers=SIDE_BY_SIDE))
        ends = {
            case["name"]: pool.submit(judged.judge if "script" in case else twin.judge, case)
            for case in sorted(cases, key=slow, reverse=True)
        }
        for case in cases:
            report.run(case["name"], ends[case["name"]].result)
    return report.close()


def slow(case: Case) -> bool:
    """Whether the case is one that lasts: the emulator waits five seconds after an invocation that failed."""
    return bool(case.get("crashes") or case.get("short_timeout") or case.get("checkpoint"))


if __name__ == "__main__":
    sys.exit(main())
