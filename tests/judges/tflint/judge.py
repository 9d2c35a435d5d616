"""Judges the Terraform modules by tflint and its bundled rules: it finds nothing in any directory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness.verdicts import Report

HERE = Path(__file__).resolve().parent
TERRAFORM = Path(os.environ["JUDGE_ROOT"]) / "terraform"


def linted(directory: Path) -> list[dict[str, Any]]:
    """The issues that tflint finds in a directory."""
    tflint = Path(os.environ["JUDGE_HOME"]) / "bin/tflint"
    command = [str(tflint), f"--chdir={directory}", f"--config={HERE / 'tflint.hcl'}", "--format=json"]
    done = subprocess.run(command, capture_output=True, check=False)
    report = json.loads(done.stdout)
    assert not report["errors"], f"tflint cannot judge: {report['errors']}"
    return report["issues"]


def holds(directory: str) -> None:
    """tflint finds nothing."""
    issues = [
        f"{issue['rule']['name']}: {issue['message']} ({issue['range']['filename']}:{issue['range']['start']['line']})"
        for issue in linted(TERRAFORM / directory)
    ]
    assert not issues, f"{len(issues)} issues: {'; '.join(issues)}"


def all_named(names: list[str]) -> None:
    """Every directory with Terraform files has its case."""
    found = {path.parent for path in TERRAFORM.rglob("*.tf") if not {"tests", ".terraform"} & set(path.parts)}
    directories = sorted(str(path.relative_to(TERRAFORM)) for path in found)
    assert directories == names, f"the directories are {directories}, the cases {names}"


def main() -> int:
    report = Report.of(__file__)
    cases = [case for case in report.cases.values() if "directory" in case]
    report.run("every-directory-has-a-case", lambda: all_named(sorted(case["directory"] for case in cases)))
    for case in cases:
        report.run(case["name"], lambda: holds(case["directory"]))  # noqa: B023 It runs at once.
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
