"""`judge.toml` of a judge: what it is, and what it needs."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness import JUDGES

LOCKS = ("requirements.txt", "package-lock.json", "go.sum")


@dataclass(frozen=True)
class Manifest:
    """One judge.

    `quick` judges run in `.ci/run`. `tools` are the commands beside Python without which the judge cannot run.
    `go` maps the name of a binary to the Go package that it is built from.
    """

    name: str
    directory: Path
    title: str
    quick: bool
    tools: tuple[str, ...]
    go: dict[str, str]

    @property
    def locks(self) -> list[Path]:
        """The lock files, which decide what is installed."""
        return [path for name in LOCKS if (path := self.directory / name).exists()]


def read(directory: Path) -> Manifest:
    """Reads the manifest of the judge in `directory`."""
    text = tomllib.loads((directory / "judge.toml").read_text())
    return Manifest(
        name=directory.name,
        directory=directory,
        title=text["title"],
        quick=text["quick"],
        tools=tuple(text.get("tools", [])),
        go=dict(text.get("go", {})),
    )


def all_judges() -> list[Manifest]:
    """All judges, by name."""
    return [read(path.parent) for path in sorted(JUDGES.glob("*/judge.toml"))]
