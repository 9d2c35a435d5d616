"""What the service's own AWS is beside the second one: the table's definition, the secrets, the services."""

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import botocore.session
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from recorder import Call
from second_aws import SECRET, TABLE, client

from harness.service import Service

# What a description of a table says of its definition.
DEFINITION = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")
INDEX = ("IndexName", "KeySchema", "Projection")
# What the judge has for each service that the functions call; Lambda's durable executions are not in moto.
JUDGED = {"dynamodb", "secretsmanager"}
NOT_JUDGED = {"lambda", "s3"}


def tables(moto: str, service: Service) -> None:
    """Terraform's definition and the embedded table's are the same."""
    defined, there = definition(client("dynamodb", moto)), definition(client("dynamodb", service.aws_url, service.credentials))
    assert there == defined, f"Terraform defines {defined}, the embedded table has {there}"


def definition(dynamodb: BaseClient) -> dict[str, Any]:
    table = dynamodb.describe_table(TableName=TABLE)["Table"]
    said = {name: table[name] for name in DEFINITION if table.get(name)}
    said["AttributeDefinitions"] = sorted(said["AttributeDefinitions"], key=lambda one: one["AttributeName"])
    said["GlobalSecondaryIndexes"] = [{name: one[name] for name in INDEX} for one in said["GlobalSecondaryIndexes"]]
    said["BillingMode"] = table.get("BillingModeSummary", {}).get("BillingMode")
    ttl = dynamodb.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    return said | {"TimeToLive": ttl}


def secrets(moto: str, service: Service) -> None:
    """The answers of both, in their members or in their error, where the secret was never rotated."""
    second = client("secretsmanager", moto)
    embedded = client("secretsmanager", service.aws_url, service.credentials)
    second.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    second.create_secret(Name=SECRET, SecretString=json.dumps({"tokenKey": "0" * 32}))
    asked = [{"SecretId": SECRET, "VersionStage": "AWSCURRENT"}, {"SecretId": SECRET, "VersionStage": "AWSPREVIOUS"}]
    asked += [{"SecretId": SECRET}, {"SecretId": "another"}]
    for request in asked:
        expected, got = secret(second, request), secret(embedded, request)
        if isinstance(expected, Refused):
            # The status is AWS's own: moto answers 404 where AWS's description of the service has 400.
            expected = replace(expected, status=status_of(expected.code))
        assert got == expected, f"{request}: expected {expected}, the service says {got}"


@dataclass(frozen=True)
class Refused:
    """A request that was refused."""

    code: str
    status: int


def status_of(code: str) -> int:
    """The status of an error, as AWS describes the service; 400 where it says nothing, as the protocol has it."""
    shape = botocore.session.get_session().get_service_model("secretsmanager").shape_for(code)
    return shape.metadata.get("error", {}).get("httpStatusCode", 400)


def secret(secrets_manager: BaseClient, request: dict[str, str]) -> Any:
    try:
        answer = secrets_manager.get_secret_value(**request)
    except ClientError as error:
        return Refused(error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
    assert isinstance(json.loads(answer["SecretString"]), dict), "the secret is no document"
    # moto tells when the version was made, which nobody here reads.
    return sorted(answer.keys() - {"ResponseMetadata", "CreatedDate"}), answer["Name"], answer["VersionStages"]


def nothing_went_elsewhere(service: Service, calls: list[Call]) -> None:
    """Every function has called the second AWS, and none the service's own table and secrets."""
    rows = service.get("/local/stats").json()["calls"]
    elsewhere = [row for row in rows if row["function"] and not row["operation"].startswith("lambda:")]
    assert not elsewhere, f"the service's own AWS was called: {elsewhere}"
    called = {(call.function, call.service) for call in calls}
    table = {(name, "DynamoDB_20120810") for name in ("validator", "processor", "status", "reconciler")}
    missing = (table | {("validator", "secretsmanager")}) - called
    assert not missing, f"no call of {missing}"


def every_service_is_judged() -> None:
    """The functions call no service that this judge does not have."""
    functions = Path(os.environ["JUDGE_ROOT"]) / "functions"
    named = {
        service
        for path in functions.glob("*/src/**/*.rs")
        for actions in re.findall(r"(?:const ACTIONS|pub const \w+): &\[.*?\];", path.read_text(), re.DOTALL)
        for service in re.findall(r'"([a-z0-9-]+):[A-Z]\w+"', actions)
    }
    assert named == JUDGED | NOT_JUDGED, f"the functions call {named}, judged are {JUDGED}, named as not judged {NOT_JUDGED}"
