"""Deliberate faults: each patch in `NAME/faults` makes the service wrong, and the judge must say so.

A patch begins with lines `Case: NAME`, the cases that must turn from PASS to FAIL. It is applied to a copy of the checkout,
which is built in a target directory of its own under the cache (`JUDGE_FAULTS_TARGET` names another).
"""

import os
import shutil
import subprocess
from pathlib import Path

from harness import ROOT, environment
from harness.manifest import Manifest


def judge_all(judges: list[Manifest]) -> int:
    """Judges every fault of these judges; the exit status."""
    home = environment.cache() / "faults"
    with environment.locked(home / "lock"):
        return max([judge_faults(judge, home) for judge in judges], default=0)


def judge_faults(judge: Manifest, home: Path) -> int:
    """Judges the faults of one judge."""
    # Not at the top: the runner imports this module.
    from harness.__main__ import build, run

    target = Path(os.environ.get("JUDGE_FAULTS_TARGET") or home / "target")
    try:
        packages = environment.prepare(judge)
    except environment.Missing as missing:
        print(f"LEFT OUT {judge.name}: {missing}", flush=True)
        return 0
    status = 0
    for patch in sorted((judge.directory / "faults").glob("*.patch")):
        cases = [line.removeprefix("Case: ") for line in patch.read_text().splitlines() if line.startswith("Case: ")]
        tree = copy(home / "tree")
        # The copy is no repository, and may lie in one.
        alone = os.environ | {"GIT_CEILING_DIRECTORIES": str(tree.parent)}
        subprocess.run(["git", "apply", str(patch)], cwd=tree, env=alone, check=True)
        binaries = build(tree, target) if judge.service else tree
        _, verdicts = run(judge, packages, binaries, tree)
        blind = [case for case in cases if verdicts.get(case) != "FAIL"]
        if blind or not cases:
            status = 1
            print(f"NOT FOUND {judge.name}: {patch.name}: {', '.join(blind) or 'the patch names no case'}", flush=True)
        else:
            print(f"FOUND {judge.name}: {patch.name}: {', '.join(cases)}", flush=True)
    return status


def stale(judge: Manifest) -> list[str]:
    """The patches of a judge that do not apply to the checkout, or name no case."""
    patches = sorted((judge.directory / "faults").glob("*.patch"))
    return [patch.name for patch in patches if not (applies(patch) and "\nCase: " in "\n" + patch.read_text())]


def applies(patch: Path) -> bool:
    return subprocess.run(["git", "apply", "--check", str(patch)], cwd=ROOT, check=False, capture_output=True).returncode == 0


def copy(tree: Path) -> Path:
    """A copy of the checkout's files, tracked and new, with the times of those that did not change."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    )
    names = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()}
    for path in [path for path in tree.rglob("*") if path.is_file()]:
        if str(path.relative_to(tree)) not in names:
            path.unlink()
    for name in names:
        wanted, there = ROOT / name, tree / name
        if not there.exists() or there.read_bytes() != wanted.read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(wanted, there)
            shutil.copymode(wanted, there)
    return tree
