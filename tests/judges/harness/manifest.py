"""`judge.toml` of a judge: what it is, and what it needs."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness import JUDGES

LOCKS = ("requirements.txt", "package-lock.json", "go.sum")


@dataclass(frozen=True)
class Manifest:
    """One judge.

    `quick` judges run in `.ci/run`. `service` is false for a judge that reads files and needs no binary. `tools` are the
    commands beside Python without which the judge cannot run.
    `go` maps the name of a binary to the Go package that it is built from, and to the module's directory in the judge's:
    `NAME = "PACKAGE"`, or `NAME = { module = "DIRECTORY", package = "PACKAGE" }` where versions do not go together.
    """

    name: str
    directory: Path
    title: str
    quick: bool
    service: bool
    tools: tuple[str, ...]
    go: dict[str, tuple[Path, str]]

    @property
    def locks(self) -> list[Path]:
        """The lock files."""
        beside = [path for name in LOCKS if (path := self.directory / name).exists()]
        modules = {directory / "go.sum" for directory, _ in self.go.values()} - set(beside)
        return beside + sorted(modules)

    @property
    def inputs(self) -> list[Path]:
        """The files that decide what is installed: the lock files, and what is built with them."""
        built = [path for lock in self.locks if lock.name == "go.sum" for path in sorted(lock.parent.glob("*.go"))]
        modules = [lock.with_name("go.mod") for lock in self.locks if lock.name == "go.sum"]
        return [*self.locks, *modules, *built, self.directory / "judge.toml"]


def read(directory: Path) -> Manifest:
    """Reads the manifest of the judge in `directory`."""
    text = tomllib.loads((directory / "judge.toml").read_text())
    return Manifest(
        name=directory.name,
        directory=directory,
        title=text["title"],
        quick=text["quick"],
        service=text.get("service", True),
        tools=tuple(text.get("tools", [])),
        go={name: package(directory, value) for name, value in text.get("go", {}).items()},
    )


def package(directory: Path, value: str | dict[str, str]) -> tuple[Path, str]:
    """The directory of a Go module, and the package in it."""
    return (directory, value) if isinstance(value, str) else (directory / value["module"], value["package"])


def all_judges() -> list[Manifest]:
    """All judges, by name."""
    return [read(path.parent) for path in sorted(JUDGES.glob("*/judge.toml"))]
