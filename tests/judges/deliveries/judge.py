"""Genuine deliveries over HTTP: those of seven real producers, and those that vendors' own libraries signed."""

import json
import sys
from pathlib import Path

from harness.verdicts import Report

from captures import Captures
from vectors import Vectors


def main() -> int:
    plan = json.loads((Path(__file__).resolve().parent / "cases.json").read_text())
    captures, vectors = Captures(plan), Vectors(plan)
    report = Report("deliveries", [*captures.cases(), *vectors.cases()])
    captures.judge(report)
    vectors.judge(report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
