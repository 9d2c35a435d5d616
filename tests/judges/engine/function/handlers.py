"""A durable function made with AWS's Python SDK. The input's `case` names what it does.

`raw` speaks the wire by hand: it sends the calls of the input one after the other, and returns the answers.
"""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import boto3
from aws_durable_execution_sdk_python import DurableContext, ParallelBranch, durable_execution
from aws_durable_execution_sdk_python.config import (
    ChildConfig, CompletionConfig, Duration, JitterStrategy, MapConfig, ParallelConfig, StepConfig, StepSemantics,
)
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision
from botocore.config import Config
from botocore.exceptions import ClientError

SCRATCH = Path(os.environ["SCRATCH"])
LAMBDA = boto3.client(
    "lambda", region_name="us-east-1", config=Config(parameter_validation=False, retries={"max_attempts": 0})
)


def retries(attempts: int, rate: float = 1, most: int = 1) -> StepConfig:
    strategy = RetryStrategyConfig(
        max_attempts=attempts,
        initial_delay=Duration.from_seconds(1),
        max_delay=Duration.from_seconds(most),
        backoff_rate=rate,
        jitter_strategy=JitterStrategy.NONE,
    )
    return StepConfig(retry_strategy=create_retry_strategy(strategy))


NO_RETRY = retries(1)


def count(event: dict[str, Any], what: str) -> int:
    """How often this was reached in this execution, this time included."""
    path = SCRATCH / f"{event['run']}-{what}"
    with path.open("a") as file:
        file.write("x")
    return path.stat().st_size


def fail_until(event: dict[str, Any], good: int) -> Any:
    def body(_: Any) -> str:
        reached = count(event, "tries")
        if reached < good:
            raise ValueError(f"try {reached}")
        return f"try {reached}"

    return body


def killed_until(event: dict[str, Any], good: int) -> Any:
    def body(_: Any) -> str:
        reached = count(event, "tries")
        if reached < good:
            os.kill(os.getpid(), signal.SIGKILL)
        return f"try {reached}"

    return body


def steps(event: dict[str, Any], context: DurableContext) -> Any:
    first = context.step(lambda _: {"a": 1}, name="first", config=NO_RETRY)
    second = context.step(lambda _: None, name="second", config=NO_RETRY)
    return [first, second, context.step(lambda _: "ü", name="third", config=NO_RETRY)]


def retry(event: dict[str, Any], context: DurableContext) -> Any:
    return context.step(fail_until(event, 3), name="flaky", config=retries(5, rate=2, most=10))


def given_up(event: dict[str, Any], context: DurableContext) -> Any:
    return context.step(fail_until(event, 9), name="hopeless", config=retries(2))


def caught(event: dict[str, Any], context: DurableContext) -> Any:
    try:
        context.step(fail_until(event, 9), name="hopeless", config=NO_RETRY)
    except Exception as error:  # noqa: BLE001
        kind = type(error).__name__
        return context.step(lambda _: kind, name="instead", config=NO_RETRY)
    return "not reached"


def raises(event: dict[str, Any], context: DurableContext) -> Any:
    context.step(lambda _: 1, name="first", config=NO_RETRY)
    raise KeyError("the function's own")


def wait(event: dict[str, Any], context: DurableContext) -> Any:
    context.step(lambda _: count(event, "before"), name="before", config=NO_RETRY)
    context.wait(Duration.from_seconds(1), name="pause")
    return context.step(lambda _: count(event, "after"), name="after", config=NO_RETRY)


def killed(event: dict[str, Any], context: DurableContext) -> Any:
    before = context.step(lambda _: count(event, "before"), name="before", config=NO_RETRY)
    body = killed_until(event, event.get("good", 2))
    return [before, context.step(body, name="killed", config=NO_RETRY)]


def interrupted(event: dict[str, Any], context: DurableContext) -> Any:
    strategy = retries(3).retry_strategy
    config = StepConfig(retry_strategy=strategy, step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY)
    return context.step(killed_until(event, 2), name="killed", config=config)


def nested(event: dict[str, Any], context: DurableContext) -> Any:
    def inner(child: DurableContext) -> Any:
        child.wait(Duration.from_seconds(1), name="pause")
        return child.step(lambda _: "deep", name="deep", config=NO_RETRY)

    def outer(child: DurableContext) -> Any:
        child.step(lambda _: "shallow", name="shallow", config=NO_RETRY)
        return child.run_in_child_context(inner, name="inner")

    return context.run_in_child_context(outer, name="outer")


def child_fails(event: dict[str, Any], context: DurableContext) -> Any:
    def child(inside: DurableContext) -> Any:
        return inside.step(fail_until(event, 9), name="hopeless", config=NO_RETRY)

    return context.run_in_child_context(child, name="child")


def large(event: dict[str, Any], context: DurableContext) -> Any:
    """A result above what a checkpoint takes is computed again from its children."""

    def child(inside: DurableContext) -> Any:
        part = inside.step(lambda _: "x" * 150_000, name="part", config=NO_RETRY)
        more = inside.step(lambda _: "y" * 150_000, name="more", config=NO_RETRY)
        return part + more

    text = context.run_in_child_context(child, name="large", config=ChildConfig(summary_generator=lambda _: "summary"))
    context.wait(Duration.from_seconds(1), name="pause")
    return len(text)


def pages(event: dict[str, Any], context: DurableContext) -> Any:
    """More state than one page of an invocation holds."""
    parts = [
        context.step(lambda _: "x" * 200_000, name=f"part-{number}", config=NO_RETRY) for number in range(event["parts"])
    ]
    context.wait(Duration.from_seconds(1), name="pause")
    return sum(len(part) for part in parts)


def condition(event: dict[str, Any], context: DurableContext) -> Any:
    def decide(state: int, _: int) -> WaitForConditionDecision:
        if state >= 3:
            return WaitForConditionDecision.stop_polling()
        return WaitForConditionDecision.continue_waiting(Duration.from_seconds(1))

    config = WaitForConditionConfig(wait_strategy=decide, initial_state=0)
    return context.wait_for_condition(lambda state, _: state + 1, config, name="three")


def mapped(event: dict[str, Any], context: DurableContext) -> Any:
    def one(inside: DurableContext, item: int, *_: Any) -> int:
        return inside.step(lambda _: item * 2, name="double", config=NO_RETRY)

    config = MapConfig(max_concurrency=1)
    return context.map([1, 2], one, name="each", config=config).get_results()


def parallel(event: dict[str, Any], context: DurableContext) -> Any:
    def bad(inside: DurableContext) -> Any:
        return inside.step(fail_until(event, 9), name="hopeless", config=NO_RETRY)

    branches = [ParallelBranch(lambda inside: inside.step(lambda _: 1, name="good", config=NO_RETRY), name="good"),
                ParallelBranch(bad, name="bad")]
    config = ParallelConfig(max_concurrency=1, completion_config=CompletionConfig.all_completed())
    batch = context.parallel(branches, name="both", config=config)
    return [batch.success_count, batch.failure_count]


def long_wait(event: dict[str, Any], context: DurableContext) -> Any:
    context.step(lambda _: 1, name="before", config=NO_RETRY)
    context.wait(Duration.from_hours(1), name="pause")


def long_step(event: dict[str, Any], context: DurableContext) -> Any:
    def sleep(_: Any) -> str:
        count(event, "sleeping")
        time.sleep(event["seconds"])
        return "slept"

    return context.step(sleep, name="sleep", config=NO_RETRY)


CASES = {
    case.__name__: case
    for case in (
        steps, retry, given_up, caught, raises, wait, killed, interrupted, nested, child_fails, large, pages, condition,
        mapped, parallel, long_wait, long_step,
    )
}


@durable_execution
def durable(event: dict[str, Any], context: DurableContext) -> Any:
    return CASES[event["case"]](event, context)


def said(operation: dict[str, Any]) -> dict[str, Any]:
    """An operation without its times, and without what says nothing."""
    if isinstance(operation, dict):
        kept = {key: said(value) for key, value in operation.items() if not key.endswith("Timestamp")}
        return {key: value for key, value in kept.items() if value not in (None, {}, [], False)}
    return [said(entry) for entry in operation] if isinstance(operation, list) else operation


def raw(event: dict[str, Any]) -> dict[str, Any]:
    """Sends the calls. A call's `token` is `current`, or the number of an earlier token: 0 is the invocation's."""
    operations = event["InitialExecutionState"]["Operations"]
    execution, arn = operations[0], event["DurableExecutionArn"]
    tokens, marker, answers = [event["CheckpointToken"]], None, []
    for call in json.loads(execution["ExecutionDetails"]["InputPayload"])["calls"]:
        which = call.get("token", "current")
        arguments: dict[str, Any] = {"DurableExecutionArn": arn, "CheckpointToken": which}
        if which == "current":
            arguments["CheckpointToken"] = tokens[-1]
        elif isinstance(which, int):
            arguments["CheckpointToken"] = tokens[which]
        try:
            if "state" in call:
                arguments |= {"MaxItems": call["state"]} | ({"Marker": marker} if call.get("next") else {})
                answer = LAMBDA.get_durable_execution_state(**arguments)
                marker = answer.get("NextMarker") or None
                told = answer["Operations"]
            else:
                updates = json.loads(json.dumps(call["updates"]).replace("LONG", "x" * call.get("long", 0)))
                arguments |= {"Updates": updates} | ({"ClientToken": call["client"]} if "client" in call else {})
                answer = LAMBDA.checkpoint_durable_execution(**arguments)
                fresh = answer["CheckpointToken"] not in tokens
                tokens.append(answer["CheckpointToken"])
                answers.append({"fresh_token": fresh})
                told = answer["NewExecutionState"].get("Operations", [])
            own = [{"Id": "EXECUTION", "Type": "EXECUTION"} if entry["Type"] == "EXECUTION" else entry for entry in told]
            answers.append({"operations": [short(said(entry)) for entry in own], "more": bool(answer.get("NextMarker"))})
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            answers.append({"status": status, "code": error.response["Error"]["Code"],
                            "message": error.response["Error"]["Message"]})
    return {"Status": "SUCCEEDED", "Result": json.dumps(answers)}


def short(operation: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(operation).replace("x" * 100, ""))


def ends(event: dict[str, Any], case: dict[str, Any]) -> Any:
    """Answers what the case says, as it is."""
    count(case, "answers")
    if "exit" in case:
        os._exit(case["exit"])
    if "raise" in case:
        raise RuntimeError(case["raise"])
    return case["answer"]


def handler(event: dict[str, Any], context: Any) -> Any:
    case = json.loads(event["InitialExecutionState"]["Operations"][0]["ExecutionDetails"]["InputPayload"])
    if "calls" in case:
        return raw(event)
    if case["case"] == "ends":
        return ends(event, case)
    return durable(event, context)
