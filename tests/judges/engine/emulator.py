"""AWS's emulator of durable executions, and functions behind AWS's Runtime Interface Emulator (RIE)."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from engines import Engine
from harness.service import request, until
from relay import Message, Relay, Send

HERE = Path(__file__).resolve().parent
RIE = Path(os.environ["JUDGE_HOME"]) / "bin/aws-lambda-rie"

# RIE serves one function, which has this name.
FUNCTION = "function"

# What every function's process gets. None of it is a secret: everything listens on this machine only.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "judge",
    "AWS_SECRET_ACCESS_KEY": "judge",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
    "NO_PROXY": "127.0.0.1",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Program:
    """A child process that listens, and whose output is kept for the message of a failure."""

    def __init__(self, command: list[str], environment: dict[str, str], port: int) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="tracehook-judge-"))
        variables = {"PATH": os.environ["PATH"], "HOME": str(self.directory)} | ENVIRONMENT | environment
        with (self.directory / "output.log").open("wb") as log:
            self.child = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.directory, env=variables, start_new_session=True
            )
        self.port = port

    def __enter__(self) -> "Program":
        try:
            until(lambda: listens(self.port) or self.child.poll() is not None, f"{self.child.args} listens")
            assert self.child.poll() is None, f"{self.child.args} ended: {self.output()[-1000:]}"
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        # The functions are children of RIE, which a signal to RIE alone would leave behind.
        for process in [self.child.pid, *descendants(self.child.pid)]:
            try:
                os.kill(process, 9)
            except ProcessLookupError:
                pass
        self.child.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def output(self) -> str:
        return (self.directory / "output.log").read_text(errors="replace")


def descendants(pid: int) -> list[int]:
    """The process's children, and theirs."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in path.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


class Emulator(Engine):
    """AWS's emulator."""

    name = "the emulator"

    def __init__(self, page_bytes: int = 0) -> None:
        port = free_port()
        super().__init__(f"http://127.0.0.1:{port}")
        command = [sys.executable, str(HERE / "start_emulator.py"), str(port), str(page_bytes)]
        self.program = Program(command, {}, port)

    def __enter__(self) -> "Emulator":
        self.program.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.program.__exit__()

    def start(self, name: str, payload: str, function: str, timeout_seconds: int = 60) -> str:
        """Starts an execution of the function at the endpoint `function`, and returns its ARN."""
        start = {
            "AccountId": "000000000000",
            "FunctionName": FUNCTION,
            "FunctionQualifier": "$LATEST",
            "ExecutionName": name,
            "ExecutionTimeoutSeconds": timeout_seconds,
            "ExecutionRetentionPeriodDays": 1,
            "Input": payload,
            "LambdaEndpoint": function,
        }
        answer = request("POST", f"{self.url}/start-durable-execution", json.dumps(start).encode())
        assert answer.status in (200, 201), f"the emulator answers a start {answer.status}: {answer.body[:300]!r}"
        return str(answer.json()["ExecutionArn"])


class Function:
    """A function behind RIE. Its calls of Lambda pass `treat`, when it is given.

    Two headers that Lambda has are added: RIE does not say that an answer is a function's error, and the emulator says the
    code of its errors in the body only, where no client of AWS looks for it.
    """

    def __init__(
        self, command: list[str], engine: Engine, environment: dict[str, str],
        treat: Callable[[str, Message, Send], Message | None] | None = None,
    ) -> None:
        port = free_port()
        self.treat = treat
        self.calls = Relay(engine.url.removeprefix("http://"), self.call)
        self.front = Relay(f"127.0.0.1:{port}", self.invoke)
        variables = {"AWS_ENDPOINT_URL_LAMBDA": self.calls.url} | environment
        addresses = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        addresses += ["--runtime-api-address", f"127.0.0.1:{free_port()}"]
        self.program = Program([str(RIE), *addresses, *command], variables, port)
        self.url = self.front.url
        self.lock = threading.Lock()
        self.invocations = 0

    def __enter__(self) -> "Function":
        self.calls.__enter__()
        self.front.__enter__()
        self.program.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.program.__exit__()
        self.front.__exit__()
        self.calls.__exit__()

    def call(self, method: str, sent: Message, send: Send) -> Message | None:
        def coded(request: Message) -> Message:
            answer = send(request)
            if answer.status >= 400 and (code := json.loads(answer.body or b"{}").get("Type")):
                answer.headers["x-amzn-ErrorType"] = code
            return answer

        return self.treat(method, sent, coded) if self.treat else coded(sent)

    def invoke(self, _: str, sent: Message, send: Send) -> Message:
        with self.lock:
            self.invocations += 1
            answer = send(sent)
        try:
            failed = "errorType" in json.loads(answer.body)
        except (ValueError, TypeError):
            failed = False
        if failed:
            answer.headers["X-Amz-Function-Error"] = "Unhandled"
        return answer

    def kill(self) -> bool:
        """Kills the function's process, as `kill -9` does, and tells whether there was one."""
        children = descendants(self.program.child.pid)
        for child in children:
            os.kill(child, 9)
        return bool(children)
