"""Spans of our own that every policy must keep: they show that the policies work, and when decisions have been made."""

import os
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from telemetry.recorder import Export

NAME = "judge mark"


def mark() -> tuple[Export, str]:
    """A trace of one span, refused, retried and failed, with the integers that the policies compare; and its id."""
    trace, now = os.urandom(16), time.time_ns()
    numbers = {"http.response.status_code": 500, "durable.attempt.number": 2}
    span = trace_pb2.Span(
        trace_id=trace, span_id=os.urandom(8), name=NAME, kind=trace_pb2.Span.SPAN_KIND_SERVER,
        start_time_unix_nano=now - 1000, end_time_unix_nano=now,
        attributes=[KeyValue(key=key, value=AnyValue(int_value=number)) for key, number in numbers.items()],
        status=trace_pb2.Status(code=trace_pb2.Status.STATUS_CODE_ERROR),
    )
    request = ExportTraceServiceRequest()
    part = request.resource_spans.add()
    part.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value="judge")))
    part.scope_spans.add().spans.append(span)
    headers = {"content-type": "application/x-protobuf"}
    return Export("/v1/traces", headers, request.SerializeToString()), trace.hex()
