"""A function made with AWS's Python SDK, in the emulator and in our engine."""

import itertools
import json
import queue
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from emulator import Emulator, Function
from engines import Engine, Ours, result
from harness.service import Service, until
from harness.verdicts import Case
from history import compare, complete, same_invocations

HERE = Path(__file__).resolve().parent

# How many executions run side by side in each engine.
PROCESSES = 3

TIMEOUT_SECONDS = 60
SHORT_TIMEOUT_SECONDS = 5


class Twin:
    """Both engines with the same function."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.opened = ExitStack()
        self.idle: queue.Queue[Function] = queue.Queue()
        self.runs = itertools.count()
        # Executions with a short timeout do not share their few seconds.
        self.one_short = threading.Lock()

    def __enter__(self) -> "Twin":
        scratch = self.opened.enter_context(tempfile.TemporaryDirectory(prefix="tracehook-judge-"))
        self.scratch = Path(scratch)
        environment = {"SCRATCH": scratch, "PYTHONPATH": str(HERE / "function"), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "awslambdaric", "handlers.handler"]
        for _ in range(PROCESSES):
            self.idle.put(self.opened.enter_context(Function(command, self.emulator, environment)))
        program = self.scratch / "function"
        program.write_text(f"#!/bin/sh\nexec {' '.join(command)}\n")
        program.chmod(0o755)
        # The emulator gives an execution up at the fifth failure in a row; AWS's documentation knows no such number.
        self.ours = Ours(self.opened.enter_context(service(program, environment, TIMEOUT_SECONDS, "max_recoveries = 4")))
        self.short = Ours(
            self.opened.enter_context(service(program, environment, SHORT_TIMEOUT_SECONDS, "max_recoveries = 4"))
        )
        self.documented = Ours(self.opened.enter_context(service(program, environment, TIMEOUT_SECONDS)))
        return self

    def __exit__(self, *_: object) -> None:
        self.opened.close()

    @contextmanager
    def function(self) -> Iterator[Function]:
        """A function behind RIE that nobody else uses."""
        function = self.idle.get()
        try:
            yield function
        finally:
            self.idle.put(function)

    def judge(self, case: Case) -> None:
        """Runs the case in both engines, and compares how the execution ends and what its history says."""
        if case.get("only") == "ours":
            self.alone(case)
            return
        timeout = SHORT_TIMEOUT_SECONDS if case.get("short_timeout") else TIMEOUT_SECONDS
        name, payload = self.payload(case)
        with self.function() as function:
            if case.get("short_timeout"):
                self.warm(self.emulator, lambda name, payload: self.emulator.start(name, payload, function.url))
            before = function.invocations
            arn = self.emulator.start(name, payload, function.url, timeout)
            theirs = self.end(case, self.emulator, arn)
            invocations = function.invocations - before
            their_history = self.emulator.history(arn)
        own, payload = self.payload(case)
        engine = self.short if case.get("short_timeout") else self.ours
        with self.one_short if case.get("short_timeout") else nullcontext():
            if case.get("short_timeout"):
                self.warm(engine, self.short.start)
            arn = engine.start(own, payload)
            ours = self.end(case, engine, arn)
        if status := case.get("status"):
            assert theirs["Status"] == status, f"the emulator ends it {theirs['Status']}, not {status}: the case is void"
        if "calls" in case:
            answers(case, result(theirs), result(ours))
            return
        if case.get("stop_after"):
            assert ours["Error"]["ErrorType"] == "Judge", f"our engine was stopped with another error: {ours['Error']}"
        one, other = outcome(theirs), outcome(ours)
        assert one == other, f"the emulator ends with {one}, our engine with {other}"
        history = engine.history(arn)
        complete(history, engine.event_shape())
        same_invocations(case, invocations, history)
        compare(case, their_history, history, [{name: "RUN"}, {own: "RUN"}], engine.event_shape())
        if case.get("paged_history"):
            whole = engine.history(arn)
            for size in (1, 2, 1000):
                assert engine.history(arn, MaxItems=size) == whole, f"the history in pages of {size} is another one"
            back = engine.history(arn, ReverseOrder=True, MaxItems=2)
            assert back == whole[::-1], "the history in reverse order is another one"

    def warm(self, engine: Engine, start: Callable[[str, str], str]) -> None:
        """Sees to it that a process of the function has started, so that the next execution gets to its point in time."""
        for _ in range(10):
            if engine.ended(start(*self.payload({"function": {"case": "steps"}})))["Status"] == "SUCCEEDED":
                return
        raise AssertionError(f"the function does not start in {engine.name}")

    def alone(self, case: Case) -> None:
        """Runs the case in our engine, and checks what AWS's documentation promises."""
        name, payload = self.payload(case)
        execution = self.end(case, self.documented, self.documented.start(name, payload))
        assert execution["Status"] == case["status"], (
            f"the execution ends {execution['Status']} with {execution.get('Error')}, not {case['status']}"
        )

    def payload(self, case: Case) -> tuple[str, str]:
        """A new run's name and input."""
        run = f"run-{next(self.runs):04}"
        return run, json.dumps({"run": run} | ({"calls": case["calls"]} if "calls" in case else case["function"]))

    def end(self, case: Case, engine: Engine, arn: str) -> dict[str, Any]:
        if event := case.get("stop_after"):
            until(lambda: self.passed(engine, arn, event), f"the event {event} in {engine.name}")
            engine.stop(arn, ErrorType="Judge", ErrorMessage="stopped by the judge")
        return engine.ended(arn)

    def passed(self, engine: Engine, arn: str, kind: str) -> bool:
        return any(event["EventType"] == kind for event in engine.history(arn))


def answers(case: Case, theirs: Any, ours: Any) -> None:
    """Compares the answers to the calls one by one."""
    assert theirs is not None, "the emulator's function has no result: the case is void"
    for number, (one, other) in enumerate(itertools.zip_longest(theirs, ours or []), start=1):
        told = [json.dumps(side)[:250] for side in (one, other)]
        alike = same(one, other, bool(case.get("text")))
        assert alike, f"answer {number}: the emulator says {told[0]}, our engine {told[1]}"


def same(one: Any, other: Any, text: bool) -> bool:
    """Whether two answers say the same. The texts of errors may differ, unless SDKs go by their beginning."""
    if not (one and other and "code" in one and "code" in other):
        return bool(one == other)
    alike = (one["status"], one["code"]) == (other["status"], other["code"])
    return alike and (not text or bool(other["message"].startswith(one["message"])))


def outcome(execution: dict[str, Any]) -> dict[str, Any]:
    """How it ended. Why, say the histories: the emulator tells the error of some ends there only."""
    return {"status": execution["Status"], "result": result(execution)}


def service(program: Path, environment: dict[str, str], timeout_seconds: int, durable: str = "") -> Service:
    variables = "\n".join(f'{name} = "{value}"' for name, value in environment.items())
    return Service(f"""
        [sources.default]
        preset = "none"
        allow_unsigned = true
        [triggers]
        sweep_seconds = 0
        status_events = false
        [durable]
        failure_delay_ms = 200
        max_failure_delay_ms = 1000
        execution_timeout_seconds = {timeout_seconds}
        {durable}
        [functions.processor]
        binary = "{program}"
        concurrency = {PROCESSES}
        [functions.processor.environment]
        {variables}
        """)
