"""Rules that hold for the spans of every outcome. A rule takes the run and the judged spans, and returns the problems."""

import pkgutil
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import opentelemetry.semconv._incubating.attributes as incubating
import opentelemetry.semconv.attributes as stable
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.trace import INVALID_SPAN_CONTEXT, SpanContext, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from telemetry.spans import Run, Span, attributes, holders, value

Problems = Iterator[str]
Rule = Callable[[Run, list[Span]], Problems]

# Attributes whose values are numbers. Source: OpenTelemetry's semantic conventions 1.44, and for durable.* AWS's plugins.
NUMBERS = {
    "http.response.status_code", "http.request.body.size", "http.response.body.size", "http.request.resend_count",
    "server.port", "client.port", "network.peer.port", "durable.attempt.number", "webhook.payload_bytes", "webhook.attempt",
}

# X-Ray's limits of an OTLP request: bytes, spans, bytes of a span, and the hours between its spans.
MOST_REQUEST_BYTES, MOST_SPANS, MOST_SPAN_BYTES, MOST_HOURS = 5_000_000, 10_000, 200_000, 24

# The limits of OpenTelemetry's SDKs by default, above which attributes, events and links are dropped.
MOST_OF_A_KIND = 128

# Far below any backend's limit, and far above any code, name or id.
LONGEST_VALUE = 1024


def contained(run: Run, spans: list[Span]) -> Problems:
    """A parent contains its children in time."""
    by_id = {(span.trace, span.id): span for span in run.spans}
    for span in spans:
        parent = by_id.get((span.trace, span.parent))
        if parent is None:
            continue
        late = span.message.end_time_unix_nano - parent.message.end_time_unix_nano
        early = parent.message.start_time_unix_nano - span.message.start_time_unix_nano
        if late > 0:
            yield f"{span} ends {late / 1e6:.1f} ms after its parent {parent.name}"
        if early > 0:
            yield f"{span} begins {early / 1e6:.1f} ms before its parent {parent.name}"


def parented(run: Run, spans: list[Span]) -> Problems:
    """Every parent was exported, in the same trace."""
    known = {(span.trace, span.id) for span in run.spans}
    for span in spans:
        if span.parent and (span.trace, span.parent) not in known:
            yield f"{span} has the parent {span.parent}, which nobody exported"


def whole(run: Run, spans: list[Span]) -> Problems:
    """A webhook is one trace with a root for each attempt, and every span of it has the webhook's token and source."""
    groups = {run.group_of_traces()[span.trace] for span in spans}
    for webhook in [webhook for webhook in run.played.webhooks if webhook.group in groups]:
        traces = {span.trace for span in run.roots(webhook.token)}
        if len(traces) != 1:
            yield f"{webhook.name} has a root in {len(traces)} traces"
        for trace in traces:
            story = run.by_trace[trace]
            roots = [span for span in story if not span.parent]
            if not len({root.id for root in roots}) == len(roots) == webhook.attempts:
                names = [f"{root.name} {root.id}" for root in roots]
                yield f"{webhook.name} has the spans {names} without a parent in {webhook.attempts} attempts"
            for span in story:
                if span.get("webhook.execution_token") != webhook.token or not span.get("webhook.source"):
                    yield f"{span} of {webhook.name} has token {span.get('webhook.execution_token')}"


def alone(run: Run, spans: list[Span]) -> Problems:
    """The trace of a request that is not a new webhook has one span without a parent, that of the request."""
    for trace in {span.trace for span in spans}:
        roots = [span for span in run.by_trace[trace] if not span.parent]
        if len(roots) != 1 or roots[0].message.kind != trace_pb2.Span.SPAN_KIND_SERVER:
            yield f"the trace {trace} begins with {[str(root) for root in roots]}"


def unique(_: Run, spans: list[Span]) -> Problems:
    """No span is exported twice, and no id is used twice."""
    for (_trace, identity), count in Counter((span.trace, span.id) for span in spans).items():
        if count > 1:
            names = [str(span) for span in spans if span.id == identity]
            yield f"{count} spans have the id {identity}: {names}"


def stray(run: Run, _: list[Span]) -> Problems:
    """Every trace is that of an answer or of a webhook."""
    for span in run.groups.get("stray", []):
        yield f"{span} is in the trace {span.trace}, which no answer names"


def valid_ids(run: Run, spans: list[Span]) -> Problems:
    """OpenTelemetry's API takes the ids of spans, parents and links; trace ids begin with their time, as X-Ray's do."""
    for span in spans:
        message = span.message
        pairs = [(message.trace_id, message.span_id), *((link.trace_id, link.span_id) for link in message.links)]
        if message.parent_span_id:
            pairs.append((message.trace_id, message.parent_span_id))
        for trace, identity in pairs:
            context = SpanContext(int.from_bytes(trace), int.from_bytes(identity), is_remote=True)
            if not context.is_valid or (len(trace), len(identity)) != (16, 8):
                yield f"{span} has the ids {trace.hex()} {identity.hex()}"
        began = int.from_bytes(message.trace_id[:4])
        if not run.played.began_ns / 1e9 - 60 <= began <= time.time() + 60:
            yield f"the trace id {span.trace} of {span} begins with the time {began}"


def timed(run: Run, spans: list[Span]) -> Problems:
    """A span does not end before it begins, its events are within it, and all lies within the run."""
    for span in spans:
        begin, end = span.message.start_time_unix_nano, span.message.end_time_unix_nano
        # Times in records are cut to milliseconds.
        if not run.played.began_ns - 1_000_000 <= begin <= end <= time.time_ns():
            yield f"{span} lasts from {begin} to {end}, in a run from {run.played.began_ns}"
        for event in span.message.events:
            if not begin <= event.time_unix_nano <= end:
                yield f"the event {event.name} of {span} is outside of it"


def status(_: Run, spans: list[Span]) -> Problems:
    """Kinds and status codes are OpenTelemetry's, and an error, and only it, has a type and a message."""
    kinds = set(trace_pb2.Span.SpanKind.values()) - {trace_pb2.Span.SPAN_KIND_UNSPECIFIED}
    for span in spans:
        code, message = span.message.status.code, span.message.status.message
        if span.message.kind not in kinds or code not in trace_pb2.Status.StatusCode.values():
            yield f"{span} has kind {span.message.kind} and status {code}"
        if span.is_error and not (message and span.get("error.type")):
            yield f"{span} is an error with the message {message!r} and the type {span.get('error.type')!r}"
        if not span.is_error and message:
            yield f"{span} is no error, and has the message {message!r}"
        http = int(span.get("http.response.status_code") or 0)
        is_server = span.message.kind == trace_pb2.Span.SPAN_KIND_SERVER
        # A client may expect a 4xx, such as a condition that does not hold.
        may_be = {http >= 500} | ({True} if 400 <= http < 500 and not is_server else set())
        if http and span.is_error not in may_be:
            yield f"{span} is answered {http}, and has status {code}"


def told(run: Run, spans: list[Span]) -> Problems:
    """The root is an error unless the webhook completed."""
    groups = {run.group_of_traces()[span.trace] for span in spans}
    for webhook in [webhook for webhook in run.played.webhooks if webhook.group in groups]:
        roots = run.roots(webhook.token)
        if not roots or any(root.is_error != (webhook.ends != "completed") for root in roots):
            yield f"{webhook.name} ended {webhook.ends}; its roots have status {[root.message.status.code for root in roots]}"


def tries(run: Run, spans: list[Span]) -> Problems:
    """Every call of the handler is a try with a span."""
    groups = {run.group_of_traces()[span.trace] for span in spans}
    for webhook in [webhook for webhook in run.played.webhooks if webhook.group in groups]:
        told = [
            span for span in spans
            if span.get("webhook.execution_token") == webhook.token
            and span.get("durable.operation.name") == "process" and span.get("durable.attempt.outcome")
        ]
        if len(told) < webhook.tries:
            yield f"{webhook.name}: the handler was called {webhook.tries} times, and {len(told)} tries have a span"


def linked(run: Run, spans: list[Span]) -> Problems:
    """What a link leads to was exported, unless it is a producer's."""
    known = {(span.trace, span.id) for span in run.spans}
    for span in spans:
        for link in span.message.links:
            relation = attributes(link).get("link.relation")
            if relation != "producer" and (link.trace_id.hex(), link.span_id.hex()) not in known:
                yield f"{span} is linked to the {relation} {link.span_id.hex()}, which nobody exported"


def one_type(_: Run, spans: list[Span]) -> Problems:
    """A key has one type of value over all spans, events and links."""
    seen: dict[str, dict[str, str]] = defaultdict(dict)
    for span in spans:
        for kind, holder in holders(span):
            for pair in holder.attributes:
                seen[pair.key].setdefault(pair.value.WhichOneof("value") or "none", f"{kind} {span}")
    for key, types in seen.items():
        if len(types) > 1:
            yield f"{key} has {len(types)} types: {types}"


def numbers(_: Run, spans: list[Span]) -> Problems:
    """What is a number in the conventions is an integer."""
    wrong = {
        (kind, pair.key) for span in spans for kind, holder in holders(span) for pair in holder.attributes
        if pair.key in NUMBERS and pair.value.WhichOneof("value") != "int_value"
    }
    yield from (f"{key} of a {kind} is no integer" for kind, key in sorted(wrong))


def numeric_text(_: Run, spans: list[Span]) -> Problems:
    """No text of an event is a number."""
    wrong = {
        (event.name, pair.key) for span in spans for event in span.message.events for pair in event.attributes
        if re.fullmatch(r"\d{1,9}", pair.value.string_value)
    }
    yield from (f"{key} of the event {name!r} is a number as text" for name, key in sorted(wrong))


def known_names() -> set[str]:
    """Every attribute of the semantic conventions, deprecated ones too."""
    modules = [
        import_module(f"{package.__name__}.{module.name}")
        for package in (stable, incubating) for module in pkgutil.iter_modules(package.__path__)
    ]
    return {text for module in modules for text in vars(module).values() if isinstance(text, str) and "." in text}


def conventional(_: Run, spans: list[Span]) -> Problems:
    """A name in a namespace of the conventions is one of theirs."""
    known = known_names()
    namespaces = {name.split(".")[0] for name in known}
    told = {key for span in spans for kind, holder in holders(span) if kind != "event" for key in attributes(holder)}
    for key in sorted(told | {key for span in spans for key in span.resource}):
        if key.split(".")[0] in namespaces and key not in known:
            yield f"{key} is in a namespace of the conventions, which do not know it"


def namespaced(_: Run, spans: list[Span]) -> Problems:
    """The attributes of events have a namespace, and an event of an error is the conventions' `exception`."""
    known = known_names()
    for event in [event for span in spans for event in span.message.events]:
        if odd := [key for key in attributes(event) if "." not in key]:
            yield f"the event {event.name!r} has the attributes {odd}"
        if event.name == "exception" and not {"exception.type", "exception.message"} & set(attributes(event)) & known:
            yield f"an exception has the attributes {sorted(attributes(event))}"


def few_names(_: Run, spans: list[Span]) -> Problems:
    """A span's name has no id, token or number of requests: the names are few."""
    for name in sorted({span.name for span in spans}):
        if re.search(r"[0-9a-f]{8}|\d{3}", name) or not name.strip() or len(name) > 100:
            yield f"the name {name!r}"
    names = {span.name for span in spans}
    if len(names) > 40:
        yield f"{len(names)} names of spans: {sorted(names)}"


def filled(_: Run, spans: list[Span]) -> Problems:
    """No key is there twice, and no value is empty, long or dropped."""
    for span in spans:
        message = span.message
        for kind, holder in holders(span):
            keys = [pair.key for pair in holder.attributes]
            if len(set(keys)) != len(keys) or len(keys) > MOST_OF_A_KIND:
                yield f"a {kind} of {span} has {len(keys)} keys, {len(set(keys))} different ones"
            for pair in holder.attributes:
                plain: Any = value(pair.value)
                texts = plain if isinstance(plain, list) else [plain]
                if not texts or any(text in ("", None) for text in texts):
                    yield f"{pair.key} of {span} is empty"
                if any(isinstance(text, str) and len(text) > LONGEST_VALUE for text in texts):
                    yield f"{pair.key} of {span} has more than {LONGEST_VALUE} characters"
        dropped = (message.dropped_attributes_count, message.dropped_events_count, message.dropped_links_count)
        if any(dropped) or len(message.events) > MOST_OF_A_KIND or len(message.links) > MOST_OF_A_KIND:
            yield f"{span} has {len(message.events)} events, {len(message.links)} links, dropped {dropped}"


def resources(_: Run, spans: list[Span]) -> Problems:
    """A resource names its service, and its values are texts of the deployment."""
    for span in spans:
        if not span.resource.get("service.name") or any(not text for text in span.resource.values()):
            yield f"{span.name} comes from {span.resource}"
            return


def requests(run: Run, _: list[Span]) -> Problems:
    """Every request is OTLP's message without unknown fields, at its path, within X-Ray's limits."""
    for export, message in zip(run.exports, run.requests, strict=True):
        if (export.path, export.headers.get("content-type")) != ("/v1/traces", "application/x-protobuf"):
            yield f"a request to {export.path} of type {export.headers.get('content-type')}"
        size = message.ByteSize()
        message.DiscardUnknownFields()
        if message.ByteSize() != size:
            yield f"{size - message.ByteSize()} bytes of a request are fields that OTLP does not know"
        spans = [span for part in message.resource_spans for scope in part.scope_spans for span in scope.spans]
        times = [span.start_time_unix_nano for span in spans]
        large = max((span.ByteSize() for span in spans), default=0)
        if not spans or size > MOST_REQUEST_BYTES or len(spans) > MOST_SPANS or large > MOST_SPAN_BYTES:
            yield f"a request of {size} bytes with {len(spans)} spans, the largest of {large} bytes"
        elif max(times) - min(times) > MOST_HOURS * 3600e9:
            yield f"spans of one request are {(max(times) - min(times)) / 3600e9:.0f} hours apart"


def answered(run: Run, _: list[Span]) -> Problems:
    """OpenTelemetry's propagator reads the context of every answer of a function, and the span was exported."""
    known = {(span.trace, span.id) for span in run.spans}
    for group, answer in run.played.answers:
        header = answer.headers.get("traceresponse", "")
        context = get_current_span(TraceContextTextMapPropagator().extract({"traceparent": header})).get_span_context()
        if context == INVALID_SPAN_CONTEXT or not context.trace_flags.sampled:
            yield f"{group}: an answer {answer.status} has the traceresponse {header!r}"
        elif (f"{context.trace_id:032x}", f"{context.span_id:016x}") not in known:
            yield f"{group}: an answer {answer.status} names a span that nobody exported: {header}"


def secret_in_spans(run: Run, spans: list[Span]) -> Problems:
    """Nothing that must stay secret is in a span, an event, a status or a resource."""
    told = [(str(span), str(span.message) + str(span.resource)) for span in spans]
    yield from found(run, told)


def found(run: Run, told: list[tuple[str, str]]) -> Problems:
    """The planted texts in what was told, by kind."""
    for kind, texts in run.played.planted().items():
        for text in texts:
            for place, content in told:
                if text in content:
                    yield f"a {kind} is in {place}"
                    break
