"""A durable execution service, asked by AWS's own client. The calls are the same for the emulator and for our engine."""

import json
from typing import Any

import boto3
from botocore.config import Config
from harness.service import Service, until

ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED")

# The processor's function in the service under judgement, by its alias.
PROCESSOR = "tracehook-processor:live"


class Engine:
    """A service at `url`."""

    name = ""

    def __init__(self, url: str, credentials: dict[str, str] | None = None) -> None:
        self.url = url
        self.client = boto3.client(
            "lambda", endpoint_url=url, region_name="us-east-1",
            **(credentials or {"aws_access_key_id": "judge", "aws_secret_access_key": "judge"}),
            config=Config(retries={"max_attempts": 0}, max_pool_connections=30, proxies={}),
        )

    def execution(self, arn: str) -> dict[str, Any]:
        return dict(self.client.get_durable_execution(DurableExecutionArn=arn))

    def ended(self, arn: str) -> dict[str, Any]:
        """The execution once it has ended."""

        def over() -> Any:
            found = self.execution(arn)
            return found if found["Status"] in ENDED else None

        return dict(until(over, f"the execution {arn} ends in {self.name}"))

    def history(self, arn: str, **arguments: Any) -> list[dict[str, Any]]:
        """All events, over as many pages as there are."""
        events: list[dict[str, Any]] = []
        asked = {"DurableExecutionArn": arn, "IncludeExecutionData": True} | arguments
        while True:
            answer = self.client.get_durable_execution_history(**asked)
            events += answer["Events"]
            if not answer.get("NextMarker"):
                return events
            asked["Marker"] = answer["NextMarker"]

    def event_shape(self) -> Any:
        """What Lambda's model says of an event."""
        operation = self.client.meta.service_model.operation_model("GetDurableExecutionHistory")
        return operation.output_shape.members["Events"].member

    def stop(self, arn: str, **error: Any) -> None:
        self.client.stop_durable_execution(DurableExecutionArn=arn, **({"Error": error} if error else {}))


class Ours(Engine):
    """The engine of the service under judgement."""

    name = "our engine"

    def __init__(self, service: Service) -> None:
        super().__init__(service.aws_url, service.credentials)

    def start(self, name: str, payload: str) -> str:
        """Starts an execution by name, and returns its ARN."""
        answer = self.client.invoke(
            FunctionName=PROCESSOR, InvocationType="Event", DurableExecutionName=name, Payload=payload.encode()
        )
        return str(answer["DurableExecutionArn"])

    def named(self, name: str) -> str:
        """The ARN of the execution with this name."""

        def found() -> Any:
            answer = self.client.list_durable_executions_by_function(
                FunctionName="tracehook-processor", DurableExecutionName=name
            )
            return answer["DurableExecutions"]

        return str(until(found, f"an execution {name} in our engine")[0]["DurableExecutionArn"])


def result(execution: dict[str, Any]) -> Any:
    """An execution's result."""
    return json.loads(execution["Result"]) if execution.get("Result") else None
