"""Runs the service on a second AWS, then compares that AWS and the embedded table."""

import sys
from collections.abc import Callable
from typing import Any

import alike
import claims
import operations
import race_cases
import secret_cases
import service_models
import webhook_cases
from recorder import DYNAMODB, Call, Recorder
from replay import Meeting, Replay, Table, both_say_the_same, meet, replay
from second_aws import SecondAws
from world import World, configuration

from harness.service import Service
from harness.verdicts import Report


def main() -> int:
    report = Report.of(__file__)
    with SecondAws() as aws, Recorder(aws.url) as recorder:
        aws.make_table()
        with Service(configuration(recorder)) as service:
            report.run("the-tables-are-defined-alike", lambda: alike.tables(aws.url, service))
            world = World(aws, recorder, service)
            for cases in (secret_cases.CASES, webhook_cases.CASES, race_cases.CASES):
                for name, case in cases.items():
                    run(report, world, name, case)
            calls = list(recorder.calls)
            report.run("nothing-goes-elsewhere", lambda: alike.nothing_went_elsewhere(service, calls))
            compare(report, calls, aws.url, service)
            report.run("the-secrets-answer-alike", lambda: alike.secrets(aws.url, service))
    return report.close()


def run(report: Report, world: World, name: str, case: Callable[[World], None]) -> None:
    """Runs a case, and leaves no fault behind for the next one."""
    report.run(name, lambda: case(world))
    world.recorder.release()
    world.service.faults()


def compare(report: Report, calls: list[Call], moto: str, service: Service) -> None:
    """The cases about all calls that were recorded."""
    report.run("every-operation-of-the-store-is-known", operations.every_operation_has_forms)
    report.run("every-operation-of-the-store-is-met", lambda: operations.every_form_is_met(calls))
    report.run("every-condition-of-the-store-is-met", lambda: operations.every_condition_has_a_form(calls))
    report.run("every-service-is-judged", alike.every_service_is_judged)
    report.run("every-request-fits-the-service-model", lambda: service_models.every_body_fits(calls))
    like = next((call for call in calls if call.service == DYNAMODB), None)
    if like is None:
        # Nothing to compare: the cases below have no verdict, and so have failed.
        return
    tables = [
        Table("moto", moto, like),
        Table("the embedded table", service.aws_url, like, service.aws_headers("dynamodb")),
    ]
    done = Replay()
    report.run("the-replay-is-complete", lambda: replay(calls, tables[1], done))
    report.run("reads-are-answered-alike", lambda: done.reads.check())
    report.run("writes-are-answered-alike", lambda: done.writes.check())
    report.run("writes-leave-the-same-item", lambda: done.items.check())
    report.run("the-tables-hold-the-same", lambda: same(*(table.scan() for table in tables)))
    report.run("the-indexes-hold-the-same", lambda: same(*(table.scan(IndexName="open") for table in tables)))
    meetings: list[Meeting] = []
    report.run("every-conditional-write-meets-every-state", lambda: meetings.extend(meet(calls, *tables)))
    for name in operations.CONDITIONAL:
        report.run(f"every-state-meets-{name}", lambda: both_say_the_same(name, meetings))  # noqa: B023 It is run at once.
    for name, claim in claims.CASES.items():
        report.run(name, lambda: claim(meetings))  # noqa: B023 It is run at once.


def same(moto: list[dict[str, Any]], embedded: list[dict[str, Any]]) -> None:
    assert moto, "there is nothing"
    assert len(moto) == len(embedded), f"moto has {len(moto)}, the embedded table {len(embedded)}"
    for one, other in zip(moto, embedded, strict=True):
        assert one == other, f"moto has {one}, the embedded table {other}"


if __name__ == "__main__":
    sys.exit(main())
