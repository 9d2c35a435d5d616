"""The calls that the store sent to the second AWS, sent again to the embedded table: the answers must agree."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from operations import form_of, is_conditional, of_the_functions
from recorder import DYNAMODB, Call, Item, key_of, send

from harness.service import Answer

# What is compared of an answer. Consumed capacity is not: moto tells a constant.
COMPARED = ("Attributes", "Item", "Items", "Count", "ScannedCount", "LastEvaluatedKey")
KEYS = ("executionToken", "item", "openShard", "openSince")
# The name of an execution that is not its webhook's first.
LATER = re.compile(rb"[a-z]-[0-9a-f]{32}-\d")
REFUSED = "ConditionalCheckFailedException"


class Table:
    """One of the two tables, called with the headers of a call that a function has sent."""

    def __init__(self, name: str, url: str, like: Call, credentials: dict[str, str] | None = None) -> None:
        self.name, self.netloc, self.headers = name, urlsplit(url).netloc, like.headers | (credentials or {})
        self.table = like.request["TableName"]

    def call(self, operation: str, body: bytes) -> Answer:
        return send(self.netloc, self.headers | {"x-amz-target": f"{DYNAMODB}.{operation}"}, body)

    def asked(self, operation: str, **request: Any) -> Any:
        """The answer to a request that must succeed."""
        answer = self.call(operation, json.dumps({"TableName": self.table} | request).encode())
        assert answer.status == 200, f"{self.name} answers {operation} {answer.status}: {answer.body[:300]!r}"
        return answer.json()

    def item(self, key: dict[str, Any]) -> Item:
        return self.asked("GetItem", Key=key, ConsistentRead=True).get("Item")

    def set(self, key: dict[str, Any], item: Item) -> None:
        """Makes the item this one."""
        if item is None:
            self.asked("DeleteItem", Key=key)
        else:
            self.asked("PutItem", Item=item)

    def scan(self, **index: str) -> list[dict[str, Any]]:
        """All items in an order of their own."""
        answer = self.asked("Scan", **index)
        assert "LastEvaluatedKey" not in answer, f"{self.name} pages"
        return in_order(answer["Items"])


def in_order(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Partitions have no order that is documented."""
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def told(answer: Answer, call: Call) -> dict[str, Any]:
    """What an answer to a call says."""
    body = json.loads(answer.body or b"{}")
    said = {name: body[name] for name in COMPARED if name in body}
    if call.operation == "Scan" and "Items" in said:
        said["Items"] = in_order(said["Items"])
    return {"status": answer.status, "code": body.get("__type", "").rpartition("#")[2]} | said


def told_by_moto(answer: Answer, call: Call) -> dict[str, Any]:
    """What an answer of moto says, with the one thing that it does not do as AWS.

    AWS ends a page at its limit and tells where, whether or not something follows; moto tells it only when something does.
    """
    said = told(answer, call)
    if said.get("Items") and said.get("ScannedCount") == call.request.get("Limit"):
        last = said["Items"][-1]
        said.setdefault("LastEvaluatedKey", {name: last[name] for name in KEYS if name in last})
    return said


def difference(moto: Any, embedded: Any) -> str | None:
    """What two say differently."""
    if moto == embedded:
        return None
    if isinstance(moto, dict) and isinstance(embedded, dict):
        members = [name for name in moto | embedded if moto.get(name) != embedded.get(name)]
        moto, embedded = ({name: one.get(name) for name in members} for one in (moto, embedded))
    return f"moto {json.dumps(moto)[:200]}, embedded {json.dumps(embedded)[:200]}"


@dataclass
class Comparison:
    """Comparisons, counted, and what differs."""

    count: int = 0
    different: list[str] = field(default_factory=list)

    def add(self, what: str, moto: Any, embedded: Any) -> None:
        self.count += 1
        if found := difference(moto, embedded):
            self.different.append(f"{what}: {found}")

    def check(self) -> None:
        assert self.count, "nothing was compared"
        assert not self.different, f"{len(self.different)} of {self.count} differ: {' | '.join(self.different[:3])}"


@dataclass
class Replay:
    """What the embedded table, which was empty, made of the recorded sequence."""

    reads: Comparison = field(default_factory=Comparison)
    writes: Comparison = field(default_factory=Comparison)
    items: Comparison = field(default_factory=Comparison)


def replay(calls: list[Call], embedded: Table, done: Replay) -> None:
    """Sends every call of the table again, in its order."""
    # Reads that nothing was written since: to ask them again shows nothing.
    known: set[tuple[str, bytes]] = set()
    for number, call in enumerate(call for call in calls if call.service == DYNAMODB):
        if (asked := (call.operation, call.body)) in known:
            continue
        what = f"call {number}, {call.operation} of the {call.function}"
        said = told(embedded.call(call.operation, call.body), call)
        (done.writes if call.is_write else done.reads).add(what, told_by_moto(call.answer, call), said)
        if call.is_write:
            done.items.add(f"the item after {what}", call.item, embedded.item(key_of(call.request)))
            known.clear()
        else:
            known.add(asked)


@dataclass(frozen=True)
class Meeting:
    """A conditional write that met a state of its item, on both tables, and then met what it had made of it."""

    name: str
    call: Call
    state: str
    before: Item
    # What moto and the embedded table said, first and once more, and the item that they had then.
    first: tuple[dict[str, Any], dict[str, Any]]
    once_more: tuple[dict[str, Any], dict[str, Any]]
    after: tuple[Item, Item]

    @property
    def is_accepted(self) -> bool:
        return not self.first[0]["code"]


def meet(calls: list[Call], moto: Table, embedded: Table) -> list[Meeting]:
    """Every conditional write that was sent, on none and on every state that an item ever had."""
    states, meetings = States(calls), []
    for name, call in conditional(calls, states):
        key = key_of(call.request)

        def said(call: Call = call) -> tuple[dict[str, Any], dict[str, Any]]:
            one, other = (told(table.call(call.operation, call.body), call) for table in (moto, embedded))
            return one, other

        for state, item in states.of(key):
            for table in (moto, embedded):
                table.set(key, item)
            meetings.append(Meeting(name, call, state, item, said(), said(), (moto.item(key), embedded.item(key))))
    return meetings


def both_say_the_same(name: str, meetings: list[Meeting]) -> None:
    """Of one operation: both accept and refuse the same, and it was both accepted and refused."""
    comparison, codes = Comparison(), set()
    for meeting in (meeting for meeting in meetings if meeting.name == name):
        comparison.add(f"{name} on {meeting.state}", *meeting.first)
        comparison.add(f"{name} on {meeting.state}, once more", *meeting.once_more)
        comparison.add(f"the item after {name} on {meeting.state}", *meeting.after)
        codes |= {meeting.first[0]["code"], meeting.once_more[0]["code"]}
    comparison.check()
    assert codes == {"", REFUSED}, f"it was not both accepted and refused by its condition: {codes}"


class States:
    """Every state that an item ever had, by its key; and for each kind of state one that had it."""

    def __init__(self, calls: list[Call]) -> None:
        self.own: dict[str, list[Item]] = {}
        self.kinds: dict[str, dict[str, Any]] = {}
        for call in calls:
            if call.is_write:
                self.remember(key_of(call.request), call.item)

    def remember(self, key: dict[str, Any], item: Item) -> None:
        own = self.own.setdefault(json.dumps(key), [None])
        if item not in own:
            own.append(item)
        if item:
            self.kinds.setdefault(kind(item), item)

    def count(self, key: dict[str, Any]) -> int:
        return len(self.own[json.dumps(key)])

    def of(self, key: dict[str, Any]) -> Iterator[tuple[str, Item]]:
        """The item's own states, and those that only others had, with its token in place of theirs."""
        seen = set()
        for item in self.own[json.dumps(key)]:
            seen.add(kind(item))
            yield kind(item), item
        for name, item in self.kinds.items():
            if name not in seen and item["item"]["S"].partition("#")[0] == key["item"]["S"].partition("#")[0]:
                text = json.dumps(item | key).replace(item["executionToken"]["S"], key["executionToken"]["S"])
                yield name, json.loads(text)


def kind(item: Item) -> str:
    """What a condition may look at, in words."""
    if item is None:
        return "no item"
    words = [item["status"]["S"]] if "status" in item else []
    words += [name for name in ("attemptStartedAt", "executionArn", "error") if name in item]
    return " with ".join(words) or "an item"


def conditional(calls: list[Call], states: States) -> Iterator[tuple[str, Call]]:
    """The conditional writes; of those that differ in values only, the one whose item had the most states."""
    found: dict[tuple[Any, ...], tuple[str, Call]] = {}
    for call in of_the_functions(calls):
        form, request = form_of(call), call.request
        if not is_conditional(form):
            continue
        values = sorted(request.get("ExpressionAttributeValues", {}))
        # A later attempt writes what the first one does, under another name.
        is_later = LATER.search(call.body) is not None
        alike = (form["name"], request.get("UpdateExpression"), request["ConditionExpression"], *values, is_later)
        known = found.get(alike)
        if known is None or states.count(key_of(request)) > states.count(key_of(known[1].request)):
            found[alike] = (form["name"], call)
    yield from found.values()
