"""Rules for what the functions print: metrics in CloudWatch's embedded format, and log lines."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from aws_embedded_metrics import constants
from aws_embedded_metrics.storage_resolution import StorageResolution
from aws_embedded_metrics.unit import Unit
from aws_embedded_metrics.validator import validate_dimension_set, validate_metric, validate_namespace, validate_timestamp

from telemetry.outcomes import STRANGER
from telemetry.rules import found
from telemetry.spans import Run

Problems = Iterator[str]

# CloudWatch Logs' limit of one event.
MOST_EVENT_BYTES = 256 * 1024


def metrics(run: Run) -> list[dict[str, Any]]:
    """The documents with metrics."""
    return [document for document in documents(run) if "_aws" in document]


def logs(run: Run) -> list[dict[str, Any]]:
    """The log lines."""
    return [document for document in documents(run) if "_aws" not in document]


def documents(run: Run) -> list[dict[str, Any]]:
    """The lines of the functions, of which each is JSON. Lines of the platform begin otherwise."""
    return [json.loads(text) for line in run.played.lines if (text := line.partition(" ")[2]).startswith("{")]


def directives(run: Run) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for document in metrics(run):
        for directive in document["_aws"]["CloudWatchMetrics"]:
            yield document, directive


def accepted(check: Callable[[], None]) -> str | None:
    """What AWS's library says against it."""
    try:
        check()
    except Exception as error:  # noqa: BLE001 Each limit has an exception of its own.
        return f"{type(error).__name__}: {error}"
    return None


def namespaces(run: Run) -> Problems:
    """AWS's library takes namespace and timestamp, which is an integer of milliseconds."""
    for document in metrics(run):
        stamp = document["_aws"].get("Timestamp")
        if type(stamp) is not int:
            yield f"the timestamp {stamp!r} is no integer"
            continue
        # The library compares local times.
        time = datetime.fromtimestamp(stamp / 1000)
        if problem := accepted(lambda time=time: validate_timestamp(time)):
            yield problem
        if abs(datetime.now(UTC).timestamp() - stamp / 1000) > 3600:
            yield f"the timestamp {stamp} is not of this hour"
    for _, directive in directives(run):
        if problem := accepted(lambda directive=directive: validate_namespace(directive["Namespace"])):
            yield problem


def dimensions(run: Run) -> Problems:
    """AWS's library takes every set of dimensions, and each has a value in its document."""
    for document, directive in directives(run):
        if not directive["Dimensions"]:
            yield f"no set of dimensions: {directive}"
        for names in directive["Dimensions"]:
            values = {name: document.get(name) for name in names}
            if len(values) != len(names) or not all(isinstance(text, str) for text in values.values()):
                yield f"the dimensions {names} have the values {values}"
            elif problem := accepted(lambda values=values: validate_dimension_set(values)):
                yield problem


def values(run: Run) -> Problems:
    """AWS's library takes name, unit and every value of each metric, and their numbers."""
    for document, directive in directives(run):
        if not 1 <= len(directive["Metrics"]) <= constants.MAX_METRICS_PER_EVENT:
            yield f"{len(directive['Metrics'])} metrics in one document"
        for metric in directive["Metrics"]:
            name = metric["Name"]
            told = document.get(name)
            numbers = told if isinstance(told, list) else [told]
            if not 1 <= len(numbers) <= constants.MAX_DATAPOINTS_PER_METRIC:
                yield f"{name} has {len(numbers)} values"
            for number in numbers:
                if isinstance(number, bool) or not isinstance(number, int | float):
                    yield f"{name} has the value {number!r}"
                elif problem := accepted(lambda name=name, number=number, metric=metric: validate_metric(
                    name, number, metric.get("Unit"), StorageResolution(metric.get("StorageResolution", 60)), {}
                )):
                    yield problem


def units(run: Run) -> Problems:
    """A metric has one unit of CloudWatch's list over all lines."""
    known: dict[str, str] = {}
    for _, directive in directives(run):
        for metric in directive["Metrics"]:
            unit = metric.get("Unit", "None")
            if unit not in {item.value for item in Unit}:
                yield f"{metric['Name']} has the unit {unit}"
            if known.setdefault(metric["Name"], unit) != unit:
                yield f"{metric['Name']} has the units {known[metric['Name']]} and {unit}"


def series(run: Run) -> Problems:
    """No value of a dimension comes from a caller: neither an id nor more values than the deployment has names and codes."""
    seen: dict[str, set[str]] = {}
    for document, directive in directives(run):
        for names in directive["Dimensions"]:
            for name in names:
                seen.setdefault(name, set()).add(str(document.get(name)))
    for name, texts in seen.items():
        odd = [text for text in texts if not re.fullmatch(r"[a-z][a-z0-9_.-]{0,63}", text) or re.search(r"[0-9a-f]{8}", text)]
        if odd or len(texts) > 40:
            yield f"the dimension {name} has {len(texts)} values, among them {odd[:3]}"
        if STRANGER in texts:
            yield f"the dimension {name} has {STRANGER}, a name that a request chose"


def lines(run: Run) -> Problems:
    """A line fits into one event of CloudWatch Logs; a log line has an RFC 3339 time and a level."""
    for line in run.played.lines:
        if len(line.encode()) > MOST_EVENT_BYTES:
            yield f"a line of {len(line.encode())} bytes"
    for document in logs(run):
        try:
            datetime.fromisoformat(document["timestamp"])
            problem = document["level"] not in ("ERROR", "WARN", "INFO", "DEBUG", "TRACE") or not document["message"]
        except (KeyError, ValueError):
            problem = True
        if problem:
            yield f"the line {document}"


def findable(run: Run) -> Problems:
    """A webhook's token finds a line of the validator, which names its trace, and of the processor when it failed."""
    told: dict[str, dict[str, str]] = {}
    for document in logs(run):
        told.setdefault(document.get("token", ""), {})[document["service"]] = document.get("trace_id", "")
    for webhook in run.played.webhooks:
        lines = told.get(webhook.token, {})
        if lines.get("validator") not in {span.trace for span in run.roots(webhook.token)}:
            yield f"the validator's line of {webhook.name} names the trace {lines.get('validator')}"
        if webhook.group in ("failed", "redriven") and "processor" not in lines:
            yield f"{webhook.name} failed, and no line of the processor has its token"


def requested(run: Run) -> Problems:
    """A warning or an error says in which request it happened."""
    for document in logs(run):
        if document["level"] in ("WARN", "ERROR") and not document.get("request_id"):
            yield f"no request id in the {document['level']} of {document['service']}: {document['message'][:80]}"


def secret_in_metrics(run: Run) -> Problems:
    """Nothing that must stay secret is in a metric."""
    yield from found(run, [(f"a metric: {sorted(document)}", json.dumps(document)) for document in metrics(run)])


def secret_in_lines(run: Run) -> Problems:
    """Nothing that must stay secret is in a line."""
    yield from found(run, [(f"a line: {line[:160]}", line) for line in run.played.lines])
