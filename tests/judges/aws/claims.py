"""What functions/README.md says of a record's moves, where conditional writes met every state on the second AWS."""

import json
from collections.abc import Callable
from typing import Any

from replay import Meeting

# Each of a record's statuses before its end, in their order; all others are ends.
OPEN = ("received", "validated", "processing")


def status_of(item: dict[str, Any]) -> str:
    return item["status"]["S"]


def value(meeting: Meeting, name: str) -> str:
    return meeting.call.request["ExpressionAttributeValues"][name]["S"]


def is_move(meeting: Meeting) -> bool:
    return meeting.name == "close" or meeting.name.startswith("advance-")


def none_is_accepted(meetings: list[Meeting], forbidden: Callable[[Meeting, dict[str, Any]], bool]) -> None:
    """No move is accepted by a state that forbids it. There must be such meetings."""
    met = [one for one in meetings if is_move(one) and one.before and forbidden(one, one.before)]
    assert met, "no move met such a state"
    accepted = [f"{one.name} on {one.state}" for one in met if one.is_accepted]
    assert not accepted, f"{len(accepted)} of {len(met)} were accepted: {', '.join(accepted[:5])}"


def ended_stays(meetings: list[Meeting]) -> None:
    none_is_accepted(meetings, lambda _, item: status_of(item) not in OPEN)


def other_attempts_stay(meetings: list[Meeting]) -> None:
    none_is_accepted(meetings, lambda one, item: item["executionName"]["S"] != value(one, ":name"))


def no_way_back(meetings: list[Meeting]) -> None:
    def goes_back(one: Meeting, item: dict[str, Any]) -> bool:
        to, at = value(one, ":status"), status_of(item)
        return at in OPEN and to in OPEN and OPEN.index(to) < OPEN.index(at)

    none_is_accepted(meetings, goes_back)


def no_leap(meetings: list[Meeting]) -> None:
    """Only an end other than `completed` may leave a status out."""

    def leaps(one: Meeting, item: dict[str, Any]) -> bool:
        order = (*OPEN, "completed")
        to, at = value(one, ":status"), status_of(item)
        return one.name != "close" and at in OPEN and to in order and order.index(to) > order.index(at) + 1

    none_is_accepted(meetings, leaps)


def closed_by_its_own(meetings: list[Meeting]) -> None:
    """An execution of the same name with another ARN closes nothing."""

    def is_of_another(one: Meeting, item: dict[str, Any]) -> bool:
        known = item.get("executionArn", {}).get("S")
        return one.name == "close" and known not in (None, value(one, ":executionArn"))

    none_is_accepted(meetings, is_of_another)


def created_once(meetings: list[Meeting]) -> None:
    accepted = {one.state for one in meetings if one.name == "create-the-state" and one.is_accepted}
    assert accepted == {"no item"}, f"a create is accepted on {accepted}"


def replaced_as_read(meetings: list[Meeting]) -> None:
    """Of all states of a record only the one that was read accepts its replacement, and then not once more."""
    accepted: dict[bytes, set[str]] = {}
    for one in (one for one in meetings if one.name == "replace"):
        states = accepted.setdefault(one.call.body, set())
        if one.is_accepted and one.before:
            # The judge itself changes a time to live, which is no move.
            states.add(json.dumps({name: one.before[name] for name in sorted(one.before) if name != "ttl"}))
        assert one.once_more[0]["code"], f"a replacement on {one.state} is accepted once more"
    counts = [len(states) for states in accepted.values()]
    assert set(counts) == {1}, f"replacements are accepted by so many states: {counts}"


CASES = {
    "what-has-ended-stays": ended_stays,
    "another-attempt-stays": other_attempts_stay,
    "no-move-goes-back": no_way_back,
    "no-move-leaves-a-status-out": no_leap,
    "another-execution-closes-nothing": closed_by_its_own,
    "a-create-needs-that-nothing-is-there": created_once,
    "a-replacement-needs-what-was-read": replaced_as_read,
}
