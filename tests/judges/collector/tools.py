"""The two backends as child processes on free loopback ports, and the replay of recorded requests to them."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.parse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.service import request, until
from telemetry.recorder import Export


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Backend:
    """A backend that takes OTLP/HTTP."""

    def __init__(self, otlp: str, directory: Path, child: subprocess.Popen[bytes]) -> None:
        self.otlp = otlp
        self.directory = directory
        self.child = child

    def takes(self) -> bool:
        """Whether it answers an empty request."""
        assert self.child.poll() is None, f"the backend ended: {self.output()[-2000:]}"
        try:
            headers = {"Content-Type": "application/x-protobuf"}
            return request("POST", f"{self.otlp}/v1/traces", b"", headers).status == 200
        except OSError:
            return False

    def replay(self, exports: Iterable[Export]) -> list[str]:
        """Sends requests as they were recorded. Returns what was not taken whole."""
        refused = []
        for export in exports:
            headers = {"Content-Type": export.headers["content-type"]}
            answer = request("POST", self.otlp + export.path, export.body, headers)
            # An answer with a body tells of rejected spans.
            if answer.status != 200 or answer.body not in (b"", b"\n\x00"):
                refused.append(f"{answer.status} {answer.body[:200]!r}")
        return refused

    def output(self) -> str:
        return (self.directory / "output.log").read_text(errors="replace")


@contextmanager
def started(name: str, otlp: str, arguments: list[str], files: dict[str, str]) -> Iterator[Backend]:
    """Runs the binary `name` until the block ends. `DIRECTORY` in arguments and files stands for its directory."""
    directory = Path(tempfile.mkdtemp(prefix="tracehook-judge-"))
    child = None
    try:
        for path, text in files.items():
            (directory / path).write_text(text.replace("DIRECTORY", str(directory)))
        command = [str(Path(os.environ["JUDGE_HOME"]) / "bin" / name), *arguments]
        command = [argument.replace("DIRECTORY", str(directory)) for argument in command]
        with (directory / "output.log").open("wb") as log:
            child = subprocess.Popen(command, stdout=log, stderr=log, cwd=directory)
        backend = Backend(otlp, directory, child)
        until(backend.takes, f"{name} takes requests")
        yield backend
    finally:
        if child:
            child.terminate()
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def collector() -> Iterator[Backend]:
    port = free_port()
    config = (Path(__file__).with_name("collector.yaml")).read_text().replace("PORT", str(port))
    with started("collector", f"http://127.0.0.1:{port}", ["--config", "file:DIRECTORY/config.yaml"], {"config.yaml": config}) as backend:
        yield backend


def written(backend: Backend, name: str) -> list[dict[str, Any]]:
    """The documents that the collector has written to a file so far; a line is being written while it has no end."""
    path = backend.directory / name
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def spans_in(backend: Backend, name: str) -> list[dict[str, Any]]:
    """The spans in a file of the collector."""
    return [
        span for document in written(backend, name) for part in document["resourceSpans"]
        for scope in part["scopeSpans"] for span in scope["spans"]
    ]


class Jaeger:
    """Jaeger's query API."""

    def __init__(self, backend: Backend, api: str) -> None:
        self.backend = backend
        self.api = api

    def get(self, path: str, **query: Any) -> Any:
        answer = request("GET", f"{self.api}{path}?{urllib.parse.urlencode(query)}")
        return answer.json().get("data") or [] if answer.status == 200 else []

    def trace(self, trace: str) -> dict[str, Any]:
        """A trace with its spans and warnings; empty when it is not there."""
        found = self.get(f"/api/traces/{trace}")
        return found[0] if found else {}

    def search(self, service: str, **tags: str) -> set[str]:
        """The ids of the traces that have a span of the service with these tags."""
        return {found["traceID"].zfill(32) for found in self.get("/api/traces", service=service, tags=json.dumps(tags), limit=1000)}

    def services(self) -> list[str]:
        return sorted(self.get("/api/services"))

    def edges(self, now_ms: int) -> dict[tuple[str, str], int]:
        """The service graph of the last hour: caller and called service, with the number of calls."""
        found = self.get("/api/dependencies", endTs=now_ms, lookback=3_600_000)
        return {(edge["parent"], edge["child"]): edge["callCount"] for edge in found}


@contextmanager
def jaeger() -> Iterator[Jaeger]:
    otlp, query = free_port(), free_port()
    arguments = [
        "--admin.http.host-port=127.0.0.1:0",
        "--collector.grpc-server.host-port=127.0.0.1:0",
        "--collector.http-server.host-port=127.0.0.1:0",
        "--collector.otlp.grpc.host-port=127.0.0.1:0",
        f"--collector.otlp.http.host-port=127.0.0.1:{otlp}",
        "--query.grpc-server.host-port=127.0.0.1:0",
        f"--query.http-server.host-port=127.0.0.1:{query}",
    ]
    with started("jaeger", f"http://127.0.0.1:{otlp}", arguments, {}) as backend:
        yield Jaeger(backend, f"http://127.0.0.1:{query}")
