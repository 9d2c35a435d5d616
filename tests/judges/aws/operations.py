"""The operations of the store in the calls that it sent.

`operations.json` tells them apart. The store's own sources say which there are, so a new one fails until it is met here.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeGuard

from recorder import DYNAMODB, JUDGE, Call

FORMS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "operations.json").read_text())

CONDITIONAL = [form["name"] for form in FORMS if "condition" in form]

# Where the store builds a condition: the operations' own ones, and those that share `update.rs`.
BUILT = re.compile(r"\.condition_expression\(|\bUpdate::of\(")


def form_of(call: Call) -> dict[str, Any] | None:
    """The only form that fits a call; one that names its function goes before those that do not."""
    request = call.request
    fitting = [form for form in FORMS if fits(form, call.operation, request)]
    own = [form for form in fitting if form.get("function") == call.function]
    fitting = own or [form for form in fitting if "function" not in form]
    return fitting[0] if len(fitting) == 1 else None


def fits(form: dict[str, Any], operation: str, request: dict[str, Any]) -> bool:
    key = request.get("Key") or request.get("Item") or {}
    values = request.get("ExpressionAttributeValues", {})
    return (
        form["call"] == operation
        and key.get("item", {}).get("S", "").startswith(form.get("item", ""))
        and re.fullmatch(form.get("condition", ""), request.get("ConditionExpression", "")) is not None
        and form.get("index") == request.get("IndexName")
        and all(values.get(name) == {"S": value} for name, value in form.get("values", {}).items())
        and all(name in values for name in form.get("present", []))
        and not any(name in values for name in form.get("absent", []))
    )


def describe(request: dict[str, Any]) -> str:
    names = ("IndexName", "ConditionExpression", "UpdateExpression", "KeyConditionExpression", "FilterExpression")
    return json.dumps({name: request[name] for name in names if name in request})


def is_conditional(form: dict[str, Any] | None) -> TypeGuard[dict[str, Any]]:
    return form is not None and "condition" in form


def of_the_functions(calls: Iterable[Call]) -> list[Call]:
    """The calls of the store."""
    return [call for call in calls if call.service == DYNAMODB and call.function != JUDGE]


def every_form_is_met(calls: list[Call]) -> None:
    """Every call has a form, and every form was met."""
    met: Counter[str] = Counter()
    for call in of_the_functions(calls):
        form = form_of(call)
        assert form, f"not one form fits {call.operation} of the {call.function} with {describe(call.request)}"
        met[form["name"]] += 1
    missing = [form["name"] for form in FORMS if form["name"] not in met]
    assert not missing, f"never sent: {', '.join(missing)}"


def every_operation_has_forms() -> None:
    """The forms are those of `actions.rs`: each operation, with each of its calls."""
    text = (store() / "actions.rs").read_text()
    there = {
        name: set(re.findall(r'"dynamodb:(\w+)"', calls))
        for name, calls in re.findall(r"pub const (\w+): &\[&str\] = &\[(.*?)\];", text, re.DOTALL)
    }
    here: dict[str, set[str]] = {}
    for form in FORMS:
        here.setdefault(form["operation"], set()).add(form["call"])
    assert there == here, f"actions.rs has {there}, operations.json has {here}"


def every_condition_has_a_form(calls: list[Call]) -> None:
    """Each place of the store that builds a condition has operations here that come from it."""
    built = {path.name: len(BUILT.findall(path.read_text())) for path in sorted(store().glob("*.rs"))}
    # `update.rs` puts the conditions together that others name.
    built.pop("update.rs")
    there = {name.removesuffix(".rs").upper(): count for name, count in built.items() if count}
    # Two operations share the file of the replacement, and a reopening is a replacement.
    files = {"REOPEN": "CREATE", "NOTE_CONFLICT": "CONFLICT", "KEEP_PAYLOAD": "REPLACE", "NOTE_START": "LATE_START", "NOTE_WAIT": "WAIT", "SWEEP_CURSOR": "OPEN"}
    own = [form["operation"] for form in distinct() if (form["operation"], form.get("item")) != ("REOPEN", "state")]
    expected = Counter(files.get(operation, operation) for operation in own)
    assert there == dict(expected), f"the store builds conditions in {there}, operations.json has them in {dict(expected)}"
    sources = "".join(path.read_text() for path in store().glob("*.rs"))
    literal = re.findall(r'\.condition_expression\(\s*"([^"]*)"', sources)
    sent = {call.request.get("ConditionExpression") for call in of_the_functions(calls)}
    missing = [text for text in literal if text not in sent]
    assert not missing, f"never sent: {missing}"


def distinct() -> list[dict[str, Any]]:
    """The conditional forms, one for each operation, condition and kind of item."""
    conditional = [form for form in FORMS if is_conditional(form)]
    return list({(form["operation"], form["condition"], form.get("item")): form for form in conditional}.values())


def store() -> Path:
    return Path(os.environ["JUDGE_ROOT"]) / "functions/store/src"
