"""The runner: `tests/judges/run [--quick] [--list] [--faults] [NAME…]`."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import JUDGES, ROOT, environment, faults
from harness.manifest import Manifest, all_judges


def main() -> int:
    arguments = argparse.ArgumentParser(prog="tests/judges/run", description="Runs the judges.")
    arguments.add_argument("names", nargs="*", metavar="NAME", help="judges; all of them when none is named")
    arguments.add_argument("--quick", action="store_true", help="the quick ones, which CI runs")
    arguments.add_argument("--list", action="store_true", help="show the judges")
    arguments.add_argument("--faults", action="store_true", help="show that each deliberate fault is found")
    options = arguments.parse_args()
    judges = all_judges()
    if unknown := set(options.names) - {judge.name for judge in judges}:
        arguments.error(f"no judge is named {', '.join(sorted(unknown))}; --list shows them")
    if options.names:
        judges = [judge for judge in judges if judge.name in options.names]
    if options.quick:
        judges = [judge for judge in judges if judge.quick]
    if options.list:
        for judge in judges:
            print(f"{judge.name:12} {judge.title}{'' if judge.quick else ' (not quick)'}")
        return 0
    if options.faults:
        return faults.judge_all(judges)
    # Binaries that were built elsewhere are judged as they are.
    given = os.environ.get("JUDGE_BINARIES")
    if given and not (Path(given) / "tracehook-local").exists():
        arguments.error(f"JUDGE_BINARIES: there is no {given}/tracehook-local")
    needed = any(judge.service for judge in judges)
    binaries = Path(given) if given else build(ROOT, None) if needed else ROOT
    return max([judge_one(judge, binaries) for judge in judges], default=0)


def build(root: Path, target: Path | None) -> Path:
    """Builds the binaries as the tests do, and returns their directory."""
    variables = os.environ | ({"CARGO_TARGET_DIR": str(target)} if target else {})
    subprocess.run(
        ["cargo", "build", "--quiet", "--locked", "--workspace", "--bins"], cwd=root, env=variables, check=True
    )
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version=1", "--no-deps", "--offline"],
        cwd=root, env=variables, check=True, capture_output=True,
    )
    return Path(json.loads(metadata.stdout)["target_directory"]) / "debug"


def judge_one(judge: Manifest, binaries: Path, root: Path = ROOT) -> int:
    """Runs a judge and returns its exit status. A judge whose tool is not there is named, and has passed nothing.

    Without a package index no package can be installed; in CI there is one.
    """
    began = time.monotonic()
    try:
        home = environment.prepare(judge)
    except environment.Missing as missing:
        print(f"LEFT OUT {judge.name}: {missing}", flush=True)
        return 0
    except subprocess.CalledProcessError as error:
        in_ci = os.environ.get("CI") == "true"
        verdict = "FAIL" if in_ci else "LEFT OUT"
        print(f"{verdict} {judge.name}: its packages cannot be installed: {error}", flush=True)
        return int(in_ci)
    installed = time.monotonic()
    status, verdicts = run(judge, home, binaries, root)
    if stale := faults.stale(judge):
        print(f"FAIL {judge.name}: deliberate faults that no longer apply: {', '.join(stale)}", flush=True)
        status = 1
    wanted = json.loads((JUDGES / "counts.json").read_text()).get(judge.name)
    if len(verdicts) != wanted:
        print(f"FAIL {judge.name}: {len(verdicts)} cases, but counts.json says {wanted}", flush=True)
        status = 1
    print(f"{judge.name}: {installed - began:.0f} s to prepare, {time.monotonic() - installed:.0f} s to judge", flush=True)
    return status


def run(judge: Manifest, home: Path, binaries: Path, root: Path) -> tuple[int, dict[str, str]]:
    """Runs `judge.py` in its environment: the exit status, and the verdict of each case."""
    python = home / "venv/bin/python"
    with tempfile.TemporaryDirectory() as scratch:
        result = Path(scratch) / "result.json"
        variables = os.environ | {
            "JUDGE_HOME": str(home),
            "JUDGE_BINARIES": str(binaries),
            "JUDGE_ROOT": str(root),
            "JUDGE_RESULT": str(result),
            "PYTHONPATH": str(JUDGES),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
        command = [str(python if python.exists() else sys.executable), str(judge.directory / "judge.py")]
        done = subprocess.run(command, env=variables, cwd=scratch, check=False)
        verdicts = json.loads(result.read_text()) if result.exists() else {}
    return done.returncode, verdicts


if __name__ == "__main__":
    sys.exit(main())
