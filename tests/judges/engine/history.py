"""Two histories of the same execution, compared event by event; and one history, held against Lambda's model."""

import json
import re
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

Event = dict[str, Any]

# What no two runs have in common. The numbers of the events are judged apart.
OF_THE_RUN = (
    "EventId", "EventTimestamp", "StartTimestamp", "EndTimestamp", "ScheduledEndTimestamp", "RequestId", "StackTrace",
    "Truncated",
)


def compare(case: dict[str, Any], theirs: list[Event], ours: list[Event], own: list[dict[str, str]], shape: Shape) -> None:
    """Fails with the first event that is not the same. `own` are texts of each run, which are replaced.

    Some things the emulator does not tell, and they are not compared: the invocations that failed (of cases with `crashes`),
    why an invocation failed, what was cut off, and members that Lambda's model requires and `complete` finds in ours; nor is
    what it tells of an invocation that outlived its execution. The case names the members of the end's error that each
    engine has its `own_words` for.
    """
    if case.get("crashes"):
        ours = [event for event in ours if not event.get("InvocationCompletedDetails", {}).get("Error")]
    one, other = ([told(event, texts) for event in ended(side)] for side, texts in zip((theirs, ours), own))
    for event, counterpart in zip(one, other):
        drop_untold(event, counterpart, shape)
    for end in (one[-1], other[-1]):
        for name in case.get("own_words", []):
            end.get(f"{end['EventType']}Details", {}).get("Error", {}).get("Payload", {}).pop(name, None)
    all_kinds = " / ".join(" ".join(kind(event) for event in side) for side in (one, other))
    for number, (event, counterpart) in enumerate(zip(one, other), start=1):
        if event != counterpart:
            raise AssertionError(f"event {number}: {difference(event, counterpart)}; the events are {all_kinds}")
    assert len(one) == len(other), f"the emulator has {len(one)} events, our engine {len(other)}: {all_kinds}"


def same_invocations(case: dict[str, Any], invocations: int, ours: list[Event]) -> None:
    """Fails when our engine invoked a function that crashes more or less often than the emulator did."""
    told = [event["EventType"] for event in ours].count("InvocationCompleted")
    if case.get("crashes"):
        assert told == invocations, f"the emulator invoked the function {invocations} times, our engine {told} times"


def ended(history: list[Event]) -> list[Event]:
    """The events up to the end of the execution."""
    kinds = [str(event["EventType"]) for event in history]
    ends = [number for number, kind in enumerate(kinds) if kind.startswith("Execution") and kind != "ExecutionStarted"]
    return history[: ends[0] + 1] if ends else history


def drop_untold(event: Event, counterpart: Event, shape: Shape) -> None:
    """Drops what the model requires of the event's details and the emulator does not tell."""
    name = f"{event['EventType']}Details"
    for member in shape.members[name].required_members:
        if member not in event.get(name, {}):
            counterpart.get(name, {}).pop(member, None)
    if not counterpart.get(name):
        counterpart.pop(name, None)


def told(event: Event, own: dict[str, str]) -> Event:
    """The event without what belongs to the run."""
    said = without(json.loads(json.dumps(event, default=str)))
    # The operation EXECUTION has the id of its execution.
    if said["EventType"].startswith("Execution"):
        said.pop("Id", None)
    if said["EventType"] == "InvocationCompleted":
        said = {"EventType": "InvocationCompleted"}
    # Results of the processor's steps hold times, as JSON in JSON.
    text = re.sub(r'AtMs(\\*"): *\d+', r"AtMs\1:0", json.dumps(said))
    for old, new in own.items():
        text = text.replace(old, new)
    return dict(json.loads(text))


def without(value: Any) -> Any:
    """The value without what belongs to the run, and without what says nothing."""
    if isinstance(value, list):
        return [without(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    kept = {name: without(entry) for name, entry in value.items() if name not in OF_THE_RUN}
    return {name: entry for name, entry in kept.items() if entry not in (None, {}, [], False, "")}


def complete(history: list[Event], shape: Shape) -> None:
    """Fails when the events are not numbered from 1, or one lacks what Lambda's model requires."""
    numbers = [event.get("EventId") for event in history]
    assert numbers == list(range(1, len(history) + 1)), f"the events have the numbers {numbers}"
    for event in history:
        lacking = list(missing(event, shape, str(event["EventType"])))
        assert not lacking, f"our engine's events lack what Lambda's model requires: {lacking}"


def missing(value: Any, shape: Shape, place: str) -> Any:
    """The places of required members that the value lacks."""
    if isinstance(shape, ListShape):
        for entry in value:
            yield from missing(entry, shape.member, place)
    if isinstance(shape, StructureShape):
        for name in shape.required_members:
            if name not in value:
                yield f"{place}.{name}"
        for name, entry in value.items():
            if name in shape.members:
                yield from missing(entry, shape.members[name], f"{place}.{name}")


def difference(one: Any, other: Any, place: str = "") -> str:
    """Where two values differ first."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(name for name in other if name not in one)]:
            if one.get(name) != other.get(name):
                return difference(one.get(name), other.get(name), f"{place}.{name}")
    return f"{place.lstrip('.')}: the emulator has {json.dumps(one)[:160]}, our engine {json.dumps(other)[:160]}"


def kind(event: Event) -> str:
    return f"{event['EventType']}({event['Name']})" if event.get("Name") else str(event["EventType"])
