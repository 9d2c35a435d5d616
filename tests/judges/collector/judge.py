"""Replays what the functions export over every outcome to the genuine Collector and to Jaeger, and asks them what they see."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import marks
import tools
from harness.service import until
from harness.verdicts import Report
from telemetry.outcomes import Webhook, play
from telemetry.recorder import recording
from telemetry.spans import Run, Span

FUNCTIONS = {"tracehook-validator", "tracehook-processor", "tracehook-reconciler", "tracehook-status"}


class Judge:
    """The run, and what the backends made of it."""

    def __init__(self, report: Report, run: Run) -> None:
        self.report = report
        self.run = run
        self.ids = {span.trace for span in run.spans}

    def case(self, name: str, check: Callable[[], None]) -> None:
        self.report.run(name, check)

    def webhooks(self, holds: Callable[[Webhook], bool]) -> list[Webhook]:
        found = [webhook for webhook in self.run.played.webhooks if holds(webhook)]
        assert found, "no webhook is judged"
        return found

    def trace(self, webhook: Webhook) -> str:
        roots = self.run.roots(webhook.token)
        assert roots, f"{webhook.name} has no root"
        return roots[0].trace

    def traces_with(self, key: str, least: int) -> set[str]:
        """The traces that have a span whose number `key`, in whichever form it was exported, is at least `least`."""
        return {span.trace for span in self.run.spans if number(span, key) >= least}


def number(span: Span, key: str) -> int:
    return int(span.get(key) or 0)


def traces(backend: tools.Backend, name: str) -> set[str]:
    """The traces in a file of the collector, without the marks."""
    return {span["traceId"] for span in tools.spans_in(backend, name) if span["name"] != marks.NAME}


def kept(judged: str, wanted: set[str], found: set[str]) -> None:
    """Both sets must be the same, and not empty."""
    assert wanted, "nothing is judged"
    assert found == wanted, f"{judged}: {len(found & wanted)} of {len(wanted)} are there, and {len(found - wanted)} others"


def decided(backend: tools.Backend) -> None:
    """Waits until the samplers have decided about everything that they got before.

    A mark comes out of each pipeline when the samplers decide about it. The second one is sent when the first is there, so
    nothing of the first one's round is under way any more.
    """
    for _ in range(2):
        mark, trace = marks.mark()
        backend.replay([mark])
        for name in ("all", "errors", "refused", "retried", "transformed"):
            until(
                lambda name=name: any(span["traceId"] == trace for span in tools.spans_in(backend, name)),
                f"the mark comes out of the pipeline {name}",
            )


def sample(judge: Judge, backend: tools.Backend) -> None:
    """The collector gets everything at once."""
    refused = backend.replay(judge.run.exports)
    decided(backend)
    judge.case("collector: every request is taken whole", lambda: taken(judge, backend, refused))
    judge.case("collector: failed webhooks are sampled by status", lambda: whole(judge, backend))
    killed = {judge.trace(webhook) for webhook in judge.webhooks(lambda webhook: webhook.group == "killed")}
    judge.case(
        "collector: killed webhooks are sampled by status",
        lambda: kept("killed webhooks", killed, traces(backend, "errors") & killed),
    )
    judge.case(
        "collector: refused requests are sampled by number",
        lambda: kept("refused requests", judge.traces_with("http.response.status_code", 400), traces(backend, "refused")),
    )
    judge.case(
        "collector: retried webhooks are sampled by number",
        lambda: kept("retried webhooks", judge.traces_with("durable.attempt.number", 2), traces(backend, "retried")),
    )
    judge.case("collector: OTTL compares the status code", lambda: marked(judge, backend))
    calls = until(lambda: counted(backend), "the span metrics count the marks")
    judge.case("collector: span metrics count a failed webhook once", lambda: counts(judge, calls, is_error=True))
    judge.case("collector: span metrics count a completed webhook once", lambda: counts(judge, calls, is_error=False))
    services = {service for service, name, _ in calls if name.startswith("webhook ")}
    judge.case("collector: webhooks are counted for one service", lambda: equal("services of webhooks", 1, len(services)))


def marked(judge: Judge, backend: tools.Backend) -> None:
    """The spans that the transformation has marked."""
    found = {
        span["spanId"] for span in tools.spans_in(backend, "transformed")
        if attribute(span, "judge.refused") and span["name"] != marks.NAME
    }
    assert any(
        attribute(span, "judge.refused") for span in tools.spans_in(backend, "transformed") if span["name"] == marks.NAME
    ), "the transformation marks nothing"
    kept("refused spans", {span.id for span in judge.run.spans if number(span, "http.response.status_code") >= 400}, found)


def attribute(holder: dict[str, Any], key: str) -> Any:
    """A value of OTLP's JSON."""
    for pair in holder.get("attributes", []):
        if pair["key"] == key:
            return next(iter(pair["value"].values()))
    return None


def taken(judge: Judge, backend: tools.Backend, refused: list[str]) -> None:
    assert not refused, f"{len(refused)} requests were refused: {refused[0]}"
    told = Counter((span["traceId"], span["spanId"]) for span in tools.spans_in(backend, "all") if span["name"] != marks.NAME)
    assert told == Counter((span.trace, span.id) for span in judge.run.spans), f"{told.total()} of {len(judge.run.spans)} spans"


def whole(judge: Judge, backend: tools.Backend) -> None:
    """The sampler keeps all spans of the failed webhooks' traces."""
    found = Counter(span["traceId"] for span in tools.spans_in(backend, "errors"))
    for webhook in judge.webhooks(lambda webhook: webhook.ends != "completed"):
        trace = judge.trace(webhook)
        equal(f"spans of {webhook.name}", len(judge.run.by_trace[trace]), found[trace])


def counted(backend: tools.Backend) -> Counter[tuple[str, str, bool]]:
    """Calls by service, span and whether they are errors, once both marks are counted.

    Counters are cumulative, so the last values hold.
    """
    last: dict[tuple[str, ...], int] = {}
    for document in tools.written(backend, "metrics"):
        for part in document["resourceMetrics"]:
            resource = json_key(part["resource"])
            for metric in [metric for scope in part["scopeMetrics"] for metric in scope["metrics"]]:
                for point in metric.get("sum", {}).get("dataPoints", []) if metric["name"].endswith("calls") else []:
                    key = [str(attribute(point, name)) for name in ("service.name", "span.name", "span.kind", "status.code")]
                    last[(resource, *key)] = int(point["asInt"])
    calls: Counter[tuple[str, str, bool]] = Counter()
    for (_, service, name, _, code), count in last.items():
        calls[service, name, "error" in code.lower()] += count
    return calls if calls["judge", marks.NAME, True] >= 2 else Counter()


def json_key(value: Any) -> str:
    return repr(sorted((pair["key"], repr(pair["value"])) for pair in value.get("attributes", [])))


def counts(judge: Judge, calls: Counter[tuple[str, str, bool]], *, is_error: bool) -> None:
    wanted = len(judge.webhooks(lambda webhook: (webhook.ends != "completed") == is_error))
    found = sum(count for (_, name, error), count in calls.items() if name.startswith("webhook ") and error == is_error)
    equal("counted webhooks", wanted, found)


def equal(what: str, wanted: int, found: int) -> None:
    assert found == wanted, f"{what}: {found}, and must be {wanted}"


def late(judge: Judge, backend: tools.Backend) -> None:
    """The collector gets the ends that the reconciler tells when the sampler has decided about the rest."""
    told = {webhook.token for webhook in judge.webhooks(lambda webhook: webhook.group == "closed")}

    def is_late(request: Any) -> bool:
        spans = [span for part in request.resource_spans for scope in part.scope_spans for span in scope.spans]
        return any(
            not span.parent_span_id and pair.key == "webhook.execution_token" and pair.value.string_value in told
            for span in spans for pair in span.attributes
        )

    pairs = [(is_late(message), export) for message, export in zip(judge.run.requests, judge.run.exports, strict=True)]
    backend.replay(export for late, export in pairs if not late)
    decided(backend)
    backend.replay(export for late, export in pairs if late)
    decided(backend)
    wanted = {judge.trace(webhook) for webhook in judge.webhooks(lambda webhook: webhook.group == "closed")}
    # The sampler may have decided about the webhook's trace; the failure is in one of its own, which leads there.
    leads_to = {
        span.trace: trace for span in judge.run.spans if not span.parent for trace in judge.run.leads_to(span)
    }
    errors = traces(backend, "errors")
    found = errors | {leads_to[trace] for trace in errors if trace in leads_to}
    judge.case(
        "collector: a failure that is told late is sampled by status",
        lambda: kept("closed webhooks", wanted, found & wanted),
    )


def show(judge: Judge, jaeger: tools.Jaeger) -> None:
    """Jaeger gets everything, and is asked as people ask."""
    refused = jaeger.backend.replay(judge.run.exports)
    until(lambda: stored(judge, jaeger), "Jaeger stores all spans")
    judge.case("jaeger: every request is taken whole", lambda: equal("refused requests", 0, len(refused)))
    judge.case("jaeger: it knows the four functions", lambda: kept("functions", FUNCTIONS, FUNCTIONS & set(jaeger.services())))
    for groups in (["completed"], ["failed"], ["killed", "faulted"], ["closed"], ["redriven"], ["refused", "repeated", "queried"]):
        judge.case(f"jaeger: no warnings: {', '.join(groups)}", lambda groups=groups: unwarned(judge, jaeger, groups))
    judge.case("jaeger: one root for each attempt", lambda: rooted(judge, jaeger))
    judge.case("jaeger: the token finds one trace", lambda: searched(judge, jaeger))
    judge.case("jaeger: an error finds every failed webhook", lambda: failures(judge, jaeger))
    edges = jaeger.edges(time.time_ns() // 1_000_000 + 60_000)
    judge.case("jaeger: the validator calls the processor", lambda: edge(edges, "validator", "processor", is_there=True))
    judge.case("jaeger: the processor does not call the validator", lambda: edge(edges, "processor", "validator", is_there=False))
    judge.case("jaeger: the reconciler does not call the validator", lambda: edge(edges, "reconciler", "validator", is_there=False))


def stored(judge: Judge, jaeger: tools.Jaeger) -> bool:
    return all(
        len(jaeger.trace(trace).get("spans", [])) >= len({span.id for span in judge.run.by_trace[trace]}) for trace in judge.ids
    )


def unwarned(judge: Judge, jaeger: tools.Jaeger, groups: list[str]) -> None:
    judged = {span.trace for span in judge.run.in_groups(groups)}
    assert judged, "nothing is judged"
    warnings = [
        f"{span['operationName']}: {warning}" for trace in judged for span in jaeger.trace(trace)["spans"]
        for warning in span.get("warnings") or []
    ]
    assert not warnings, f"{len(warnings)} warnings in {len(judged)} traces: {'; '.join(warnings[:2])}"


def rooted(judge: Judge, jaeger: tools.Jaeger) -> None:
    for webhook in judge.webhooks(lambda _: True):
        spans = jaeger.trace(judge.trace(webhook))["spans"]
        roots = [span["spanID"] for span in spans if not any(to["refType"] == "CHILD_OF" for to in span["references"])]
        assert len(set(roots)) == webhook.attempts == len(roots), f"{webhook.name} has the roots {roots} in {webhook.attempts} attempts"


def searched_all(jaeger: tools.Jaeger, **tags: str) -> set[str]:
    """The traces with these tags, without those of status queries: they have traces of their own."""
    services = [service for service in jaeger.services() if service != "tracehook-status"]
    return {trace for service in services for trace in jaeger.search(service, **tags)}


def searched(judge: Judge, jaeger: tools.Jaeger) -> None:
    # A repeated delivery, and a failure by itself, have a trace of their own with the token.
    others = {span.trace for group in ("repeated", "beside") for span in judge.run.groups.get(group, [])}
    for webhook in judge.webhooks(lambda _: True):
        found = searched_all(jaeger, **{"webhook.execution_token": webhook.token})
        kept(f"traces of {webhook.name}", {judge.trace(webhook)}, found - others)


def failures(judge: Judge, jaeger: tools.Jaeger) -> None:
    failed = {judge.trace(webhook) for webhook in judge.webhooks(lambda webhook: webhook.ends != "completed")}
    found = searched_all(jaeger, error="true")
    kept("failed webhooks", failed, found & failed)


def edge(edges: dict[tuple[str, str], int], caller: str, called: str, *, is_there: bool) -> None:
    assert edges, "there is no service graph"
    calls = edges.get((f"tracehook-{caller}", f"tracehook-{called}"), 0)
    assert bool(calls) == is_there, f"{calls} calls of the {called} by the {caller}; all: {edges}"


def main() -> int:
    report = Report.of(__file__)
    with recording() as recorder:
        played = play(recorder.url)
        # The services have ended, so what is under way is only being read.
        time.sleep(1)
        judge = Judge(report, Run(played, recorder.exports()))
    print(f"{len(played.webhooks)} webhooks, {len(judge.run.spans)} spans in {len(judge.run.exports)} requests", flush=True)
    for tool, act in ((tools.collector, sample), (tools.collector, late), (tools.jaeger, show)):
        # An act that cannot go on leaves its cases without a verdict, which is a failure of each.
        with tool() as backend, surviving(act.__name__):
            act(judge, backend)
    return report.close()


@contextmanager
def surviving(act: str) -> Iterator[None]:
    """Goes on with the next act when this one cannot."""
    try:
        yield
    except AssertionError as error:
        print(f"{act} ends early: {error}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
