"""Writers that come late, twice or together, with the second AWS under all four functions."""

import threading
import uuid
from typing import Any

from recorder import Plan
from webhook_cases import running
from world import World

from harness.service import until


def happened(plan: Plan, what: str) -> None:
    assert plan.happened.is_set(), f"no {what} was met"


def lost_create(world: World) -> None:
    """The write took effect, its answer was lost, and the client repeats it: the webhook is new and no duplicate."""
    plan = world.recorder.plan("lose", "validator", "PutItem", '"openShard"')
    answer = world.send()
    happened(plan, "write of a state")
    assert (answer.status, answer.json().get("duplicate")) == (202, None), f"answered {answer.status} {answer.json()}"
    world.ended(answer.json()["executionToken"], "completed")


def lost_advance(world: World) -> None:
    for status in ("validated", "processing", "completed"):
        plan = world.recorder.plan("lose", "processor", "UpdateItem", f'":status":{{"S":"{status}"}}')
        world.ended(world.accepted(), "completed")
        happened(plan, f"move to {status}")


def lost_failure(world: World) -> None:
    plan = world.recorder.plan("lose", "processor", "UpdateItem", '":status":{"S":"failed"}')
    world.ended(world.accepted({"then": "permanent"}), "failed")
    happened(plan, "move to failed")


def lost_close(world: World) -> None:
    token = running(world)
    plan = world.recorder.plan("lose", "reconciler", "UpdateItem", token)
    world.stop(token)
    world.ended(token, "stopped")
    happened(plan, "close")


def lost_replace(world: World) -> None:
    token = world.accepted({"then": "permanent"})
    world.ended(token, "failed")
    plan = world.recorder.plan("lose", "reconciler", "PutItem", token)
    outcome = world.redrive(token)
    happened(plan, "replacement")
    assert outcome["outcome"] == "redriven", f"the redrive says {outcome}"
    world.ended(token, "failed", 2)


def killed_after_each_write(world: World) -> None:
    """The step runs again, and writes again what it has written."""
    for step in ("validate", "process", "finalize"):
        rule = {"operation": "lambda:CheckpointDurableExecution", "step": step, "effect": {"kill": True}}
        world.service.faults(rule)
        world.ended(world.accepted(), "completed")
        matched = world.service.get("/local/faults").json()[0]["matched"]
        assert matched, f"nothing was killed at the checkpoint of {step}"
    world.service.faults()


def redrives_at_once(world: World) -> None:
    """Both have read the record before either writes."""
    token = world.accepted({"then": "permanent"})
    world.ended(token, "failed")
    plan = world.recorder.plan("hold", "reconciler", "PutItem", token)
    outcomes: list[Any] = []
    first = threading.Thread(target=lambda: outcomes.append(world.redrive(token)["outcome"]))
    first.start()
    until(plan.happened.is_set, "the first redrive writes")
    outcomes.append(world.redrive(token)["outcome"])
    plan.released.set()
    first.join()
    assert sorted(outcomes) == ["moved", "redriven"], f"the redrives say {outcomes}"
    attempts = world.ended(token, "failed", 2)["attempts"]
    assert len(attempts) == 2, f"there are {len(attempts)} attempts"


def end_after_a_stop(world: World) -> None:
    """The execution was stopped and its record closed while its own last write was under way."""
    delivery = str(uuid.uuid4())
    plan = world.recorder.plan("hold", "processor", "UpdateItem", '":status":{"S":"completed"}')
    token = world.accepted(delivery=delivery)
    until(plan.happened.is_set, "the processor writes the end")
    world.stop(token)
    world.ended(token, "stopped")
    before = world.state(token)
    seen = len(world.recorder.calls)
    plan.released.set()

    def answered() -> bool:
        late = [call for call in world.recorder.calls[seen:] if call.function == "processor" and token.encode() in call.body]
        return any(call.answer.status == 400 for call in late)

    until(answered, "the late write is refused")
    assert world.state(token) == before, "the late write has changed the record"


def deliveries_at_once(world: World) -> None:
    """Of two deliveries with one id the one whose state is written first is processed, and the other is its duplicate."""
    delivery = str(uuid.uuid4())
    plan = world.recorder.plan("hold", "validator", "PutItem", '"openShard"')
    answers: list[Any] = []
    first = threading.Thread(target=lambda: answers.append(world.send(delivery=delivery)))
    first.start()
    until(plan.happened.is_set, "the first delivery is written")
    answers.insert(0, world.send(delivery=delivery))
    plan.released.set()
    first.join()
    got = [(answer.status, answer.json().get("duplicate", False)) for answer in answers]
    assert got == [(202, False), (202, True)], f"the deliveries are answered {got}"
    tokens = {answer.json()["executionToken"] for answer in answers}
    assert len(tokens) == 1, f"the tokens are {tokens}"
    world.ended(tokens.pop(), "completed")


def refused_leaves_nothing(world: World) -> None:
    """503 says that nothing was accepted: no state is left, and the same delivery is a new webhook."""
    delivery = str(uuid.uuid4())
    for write, text in (("payload", '"payload#'), ("state", '"state"')):
        before = world.keys()
        plan = world.recorder.plan("refuse", "validator", "PutItem", text)
        answer = world.send(delivery=delivery)
        plan.released.set()
        happened(plan, f"write of a {write}")
        assert (answer.status, answer.json()["code"]) == (503, "store_unavailable"), f"answered {answer.status}"
        more = {key for key in world.keys() - before if "state" in key}
        assert not more, f"the refused webhook has left {more}"
    answer = world.send(delivery=delivery)
    assert answer.status == 202, f"the delivery is answered {answer.status} when it comes again"
    assert "duplicate" not in answer.json(), "what was refused makes a duplicate of the delivery"
    world.ended(answer.json()["executionToken"], "completed")


CASES = {
    "the-answer-of-a-create-is-lost": lost_create,
    "the-answer-of-a-move-is-lost": lost_advance,
    "the-answer-of-a-failure-is-lost": lost_failure,
    "the-answer-of-a-close-is-lost": lost_close,
    "the-answer-of-a-replacement-is-lost": lost_replace,
    "a-killed-step-writes-again": killed_after_each_write,
    "two-deliveries-at-once": deliveries_at_once,
    "two-redrives-at-once": redrives_at_once,
    "an-end-after-a-stop-is-refused": end_after_a_stop,
    "a-refused-webhook-leaves-nothing": refused_leaves_nothing,
}
