"""Judges the Terraform modules by checkov: nothing fails, and what is skipped says why."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness.verdicts import Report

TERRAFORM = Path(os.environ["JUDGE_ROOT"]) / "terraform"

# checkov's text where a skip gives none.
NO_REASON = "No comment provided"


def checked() -> dict[str, Any]:
    """checkov's report. The files are all there is to check: nothing is fetched, and nothing is sent."""
    checkov = Path(os.environ["JUDGE_HOME"]) / "venv/bin/checkov"
    command = [str(checkov), "--directory", str(TERRAFORM), "--framework", "terraform", "--output", "json", "--compact"]
    command += ["--download-external-modules", "false", "--skip-download", "--skip-path", "tests"]
    done = subprocess.run(command, capture_output=True, check=False)
    try:
        report = json.loads(done.stdout)
        # Without a file it understands, checkov prints a summary alone.
        return report["results"] | {"resources": report["summary"]["resource_count"]}
    except (ValueError, KeyError, TypeError) as error:
        raise RuntimeError(f"checkov gives no report: {done.stdout[-500:]!r} {done.stderr[-500:]!r}") from error


def directories() -> list[str]:
    """The directories with Terraform files, as the cases name them."""
    found = {path.parent for path in TERRAFORM.rglob("*.tf") if not {"tests", ".terraform"} & set(path.parts)}
    return sorted(str(path.relative_to(TERRAFORM)) for path in found)


def in_directory(checks: list[dict[str, Any]], directory: str) -> list[dict[str, Any]]:
    """The checks of the resources in that directory's own files."""
    return [check for check in checks if str(Path(check["file_path"].lstrip("/")).parent) == directory]


def shown(check: dict[str, Any]) -> str:
    return f"{check['check_id']} {check['check_name']}: {check['resource']} in {check['file_path']}"


def holds(report: dict[str, Any], directory: str) -> None:
    """No check of the directory fails, and each that is skipped has its reason."""
    failed = [shown(check) for check in in_directory(report["failed_checks"], directory)]
    assert not failed, f"{len(failed)} checks fail: {'; '.join(failed)}"
    for check in in_directory(report["skipped_checks"], directory):
        reason = (check["check_result"].get("suppress_comment") or "").strip()
        assert reason and reason != NO_REASON, f"a skip has no reason: {shown(check)}"


def all_read(report: dict[str, Any]) -> None:
    """checkov could read every file, and found the resources of the modules."""
    assert not report["parsing_errors"], f"files cannot be read: {report['parsing_errors']}"
    assert report["resources"] >= 50, f"checkov found {report['resources']} resources"
    assert len(report["passed_checks"]) >= 50, f"checkov passed {len(report['passed_checks'])} checks"


def all_named(names: list[str]) -> None:
    assert directories() == names, f"the directories are {directories()}, the cases {names}"


def main() -> int:
    report = Report.of(__file__)
    found = checked()
    cases = [case for case in report.cases.values() if "directory" in case]
    report.run("every-file-is-read", lambda: all_read(found))
    report.run("every-directory-has-a-case", lambda: all_named(sorted(case["directory"] for case in cases)))
    for case in cases:
        report.run(case["name"], lambda: holds(found, case["directory"]))  # noqa: B023 It runs at once.
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
