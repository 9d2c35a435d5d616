"""Judges the local pages by axe in Chromium: every page at two widths, light and dark, and by keyboard."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness.service import Service
from harness.verdicts import Case, Report

import webhooks

HERE = Path(__file__).resolve().parent
BROWSE_SECONDS = 900

Facts = dict[str, Any]


def key(case: Case, width: int, scheme: str) -> str:
    return f"{case['page']} {width} {scheme}"


def visits_of(cases: list[Case], names: dict[str, str]) -> list[dict[str, Any]]:
    """The visits that these cases need, each once."""
    visits: dict[str, dict[str, Any]] = {}
    for case in cases:
        width, scheme = case.get("width", 1280), case.get("scheme", "light")
        path, unfold = case["path"].format(**names), case.get("unfold", False)
        visit = {"key": key(case, width, scheme), "path": path, "width": width, "scheme": scheme, "unfold": unfold}
        known = visits.setdefault(visit["key"], visit | {"keyboard": False})
        known["keyboard"] |= case["check"] == "keyboard"
    return list(visits.values())


def browse(plan: dict[str, Any]) -> Facts:
    """What Chromium sees of the plan."""
    command = ["node", str(HERE / "browse.mjs")]
    plan |= {"chromium": shutil.which("chromium")}
    done = subprocess.run(command, input=json.dumps(plan), text=True, capture_output=True, timeout=BROWSE_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the pages could not be looked at: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def shown(violation: dict[str, Any]) -> str:
    return f"{violation['id']} ({violation['impact']}, {violation['places']} places, {violation['first']}): {violation['help']}"


def accessible(facts: Facts, known: set[str]) -> None:
    """axe finds nothing but what has a case of its own. A page without a rule that holds was not examined."""
    assert facts["rules"] >= 5, f"axe found only {facts['rules']} rules that apply to {facts['title']!r}"
    found = [shown(violation) for violation in facts["violations"] if violation["id"] not in known]
    assert not found, f"{len(found)} violations: {'; '.join(found)}"


def keeps(pages: list[Facts], rule: str) -> None:
    """The page keeps one of axe's rules, however it is looked at."""
    found = [shown(violation) for facts in pages for violation in facts["violations"] if violation["id"] == rule]
    assert not found, f"{len(found)} of {len(pages)} looks: {found[0]}"


def fits(facts: Facts) -> None:
    """The page is no wider than the window."""
    page, window = facts["scroll"]
    assert page <= window, f"the page is {page} px wide in a window of {window} px"


def by_keyboard(facts: Facts) -> None:
    """Tab reaches every interactive element, and each shows that it has the focus."""
    keys = facts["keys"]
    assert keys["wanted"] >= 5, f"the page has only {keys['wanted']} interactive elements"
    assert not keys["missed"], f"Tab does not reach {len(keys['missed'])} of {keys['wanted']}: {keys['missed'][:5]}"
    assert not keys["faint"], f"{len(keys['faint'])} of {keys['wanted']} do not show the focus: {keys['faint'][:5]}"


def quiet(all_facts: list[Facts], url: str) -> None:
    """The page complains of nothing and asks no other host."""
    assert len(all_facts) == 4, f"the page was looked at {len(all_facts)} times"
    for facts in all_facts:
        assert not facts["complaints"], f"the console has: {facts['complaints'][:3]}"
        others = [host for host in facts["hosts"] if host != url.removeprefix("http://")]
        assert not others, f"the page asks {others}"


def judge(report: Report, cases: list[Case], facts: Facts, url: str) -> None:
    """Compares the facts with the cases."""
    for case in cases:
        report.run(case["name"], lambda: holds(case, cases, facts, url))  # noqa: B023 It runs at once.


def holds(case: Case, cases: list[Case], facts: Facts, url: str) -> None:
    """Raises when the case does not hold."""
    if case["check"] == "act":
        problem = facts["acts"][case["act"]]
        assert problem is None, problem
        return
    pages = [seen for visit, seen in facts["visits"].items() if visit.split(" ")[0] == case["page"]]
    if case["check"] == "quiet":
        return quiet(pages, url)
    if case["check"] == "rule":
        return keeps(pages, case["rule"])
    seen = facts["visits"][key(case, case.get("width", 1280), case.get("scheme", "light"))]
    if case["check"] == "axe":
        known = {other["rule"] for other in cases if other["check"] == "rule" and other["page"] == case["page"]}
        return accessible(seen, known)
    return {"scroll": fits, "keyboard": by_keyboard}[case["check"]](seen)


def main() -> int:
    report = Report.of(__file__)
    stages: dict[str, list[Case]] = {"empty": [], "full": []}
    for case in report.cases.values():
        stages[case.get("stage", "full")].append(case)
    with Service(webhooks.configuration()) as service:
        for stage, cases in stages.items():
            names = webhooks.in_every_state(service) if stage == "full" else {}
            pages = [case for case in cases if "page" in case]
            acts = [case["act"] for case in cases if case["check"] == "act"]
            plan = {"url": service.url, "visits": visits_of(pages, names), "acts": acts}
            plan |= {which: f"/traces/{names[name]}" for which, name in (("finished", "completed"), ("running", "running")) if names}
            judge(report, cases, browse(plan), service.url)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
