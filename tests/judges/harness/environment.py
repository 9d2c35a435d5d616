"""A judge's packages, installed once per content of its lock files.

They are kept under `${XDG_CACHE_HOME:-$HOME/.cache}/tracehook-judges`, so a fresh clone finds them. What is installed is
what the lock file names, by hash.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.manifest import Manifest

# How a tool says its version. A tool is there when this succeeds: a shim may exist and fail.
VERSION = {
    "go": ["go", "version"],
    "node": ["node", "--version"],
    "npm": ["npm", "--version"],
    "terraform": ["terraform", "version"],
    "chromium": ["chromium", "--version"],
}


class Missing(Exception):
    """A tool or package that is not there. The text names it."""


def cache() -> Path:
    """The directory of everything that judges install."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "tracehook-judges"


def has(tool: str) -> bool:
    """Whether the tool prints its version."""
    try:
        command = VERSION.get(tool, [tool, "--version"])
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock `path` against other runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(manifest: Manifest) -> Path:
    """The directory of the judge's packages: `venv`, `node_modules`, `bin`. Installs them unless they are there.

    Raises `Missing` when a tool is not there, and `subprocess.CalledProcessError` when an installation fails.
    """
    for tool in manifest.tools:
        if not has(tool):
            raise Missing(f"{tool} is not there")
    for module, _ in manifest.go.values():
        new_enough(module / "go.mod")
    digest = hashlib.sha256(f"python {sys.version_info.major}.{sys.version_info.minor}\n".encode())
    for path in manifest.inputs:
        digest.update(str(path.relative_to(manifest.directory)).encode() + b"\0" + path.read_bytes())
    home = cache() / f"{manifest.name}-{digest.hexdigest()[:16]}"
    with locked(home.with_suffix(".lock")):
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
            install(manifest, home)
            (home / "complete").touch()
    return home


def new_enough(module: Path) -> None:
    """Raises `Missing` when Go is older than the `go.mod` asks for."""
    wanted = re.search(r"^go (\S+)$", module.read_text(), re.MULTILINE)
    local = os.environ | {"GOTOOLCHAIN": "local"}
    said = subprocess.run(["go", "env", "GOVERSION"], cwd="/", env=local, capture_output=True, text=True, check=True)
    there = re.match(r"go([0-9.]+)", said.stdout)
    if wanted and there and numbers(there[1]) < numbers(wanted[1]):
        raise Missing(f"go {wanted[1]} is not there, only {there[1]}")


def numbers(version: str) -> list[int]:
    """A version's numbers, for comparison."""
    return [int(part) for part in version.strip(".").split(".")]


def install(manifest: Manifest, home: Path) -> None:
    """Installs what the judge's lock files name."""
    for name in sorted({lock.name for lock in manifest.locks}):
        {"requirements.txt": python, "package-lock.json": node, "go.sum": go}[name](manifest, home)


def python(manifest: Manifest, home: Path) -> None:
    """Installs `requirements.txt` into a virtual environment; every file by its hash."""
    run([sys.executable, "-m", "venv", str(home / "venv")])
    pip = [str(home / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(manifest.directory / "requirements.txt")])


def node(manifest: Manifest, home: Path) -> None:
    """Installs `package-lock.json`; no package runs a script."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(manifest.directory / name, home / name)
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=home)


def go(manifest: Manifest, home: Path) -> None:
    """Builds the Go packages that the manifest names, at the versions of `go.mod`."""
    for binary, (module, package) in manifest.go.items():
        command = ["go", "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", str(home / "bin" / binary), package]
        run(command, cwd=module, env=os.environ | {"GOFLAGS": "", "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"})


def run(command: list[str], **options: object) -> None:
    """Runs a command quietly; its output is shown when it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode != 0:
        sys.stderr.buffer.write(done.stdout)
        raise subprocess.CalledProcessError(done.returncode, command)
