"""Export requests decoded by OpenTelemetry's own messages."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from telemetry.outcomes import Played
from telemetry.recorder import Export


@dataclass(frozen=True)
class Span:
    """One span with the resource that told it."""

    message: trace_pb2.Span
    resource: dict[str, Any]

    @property
    def trace(self) -> str:
        return self.message.trace_id.hex()

    @property
    def id(self) -> str:
        return self.message.span_id.hex()

    @property
    def parent(self) -> str:
        return self.message.parent_span_id.hex()

    @property
    def name(self) -> str:
        return str(self.message.name)

    @property
    def is_error(self) -> bool:
        return bool(self.message.status.code == trace_pb2.Status.STATUS_CODE_ERROR)

    def get(self, key: str) -> Any:
        return attributes(self.message).get(key)

    def __str__(self) -> str:
        return f"{self.resource.get('service.name')}: {self.name}"


def value(any_value: AnyValue) -> Any:
    """The plain value."""
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(item) for item in any_value.array_value.values]
    return getattr(any_value, kind) if kind else None


def attributes(holder: Message) -> dict[str, Any]:
    """The attributes of a span, event, link or resource."""
    return {pair.key: value(pair.value) for pair in holder.attributes}


def holders(span: Span) -> list[tuple[str, Message]]:
    """Everything of a span that has attributes, with what it is."""
    message = span.message
    return [("span", message), *(("event", event) for event in message.events), *(("link", link) for link in message.links)]


@dataclass
class Run:
    """What was played, and what was told of it."""

    played: Played
    exports: list[Export]
    requests: list[ExportTraceServiceRequest] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    groups: dict[str, list[Span]] = field(default_factory=dict)
    by_trace: dict[str, list[Span]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for export in self.exports:
            request = ExportTraceServiceRequest.FromString(export.body)
            self.requests.append(request)
            for of_resource in request.resource_spans:
                resource = attributes(of_resource.resource)
                for scope in of_resource.scope_spans:
                    self.spans.extend(Span(span, resource) for span in scope.spans)
        by_trace = defaultdict(list)
        for span in self.spans:
            by_trace[span.trace].append(span)
        self.by_trace = dict(by_trace)
        group_of = self.group_of_traces()
        groups = defaultdict(list)
        for span in self.spans:
            groups[group_of.get(span.trace, "stray")].append(span)
        self.groups = dict(groups)

    def group_of_traces(self) -> dict[str, str]:
        """The group of each trace: that of the answer which names it, or of the webhook whose root is in it."""
        group_of = {}
        for group, answer in self.played.answers:
            if trace := answer.headers.get("traceresponse", "--").split("-")[1]:
                group_of[trace] = group
        for span in self.spans:
            if span.name.startswith("GET /status"):
                group_of[span.trace] = "queried"
        groups = {webhook.token: webhook.group for webhook in self.played.webhooks}
        for span in self.spans:
            if span.name.startswith("webhook "):
                group_of[span.trace] = groups.get(span.get("webhook.execution_token"), "stray")
        for span in self.spans:
            # What came after a webhook's end has a trace of its own, which is linked to the webhook.
            if not span.parent and span.trace not in group_of and self.leads_to(span) & group_of.keys():
                group_of[span.trace] = "beside"
        return group_of

    @staticmethod
    def leads_to(span: Span) -> set[str]:
        """The traces of the webhooks that a span is linked to."""
        relations = ("webhook", "execution")
        return {
            link.trace_id.hex() for link in span.message.links if attributes(link).get("link.relation") in relations
        }

    def in_groups(self, names: list[str]) -> list[Span]:
        """The spans of the groups; of all of them without a name."""
        if not names:
            return self.spans
        return [span for name in names for span in self.groups.get(name, [])]

    def roots(self, token: str) -> list[Span]:
        return [span for span in self.spans if span.name.startswith("webhook ") and span.get("webhook.execution_token") == token]
