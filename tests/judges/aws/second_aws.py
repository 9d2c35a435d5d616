"""The second AWS: moto as a server on a free loopback port, and the table that Terraform defines on it."""

import logging
import os
from pathlib import Path
from typing import Any

import botocore.session
import hcl2
from botocore.client import BaseClient
from botocore.config import Config
from moto.server import ThreadedMotoServer

from harness.service import request

# What the local host gives the functions.
REGION = "us-east-1"
TABLE = "tracehook"
SECRET = "tracehook"


# moto takes any.
ANY_CREDENTIALS = {"aws_access_key_id": "judge", "aws_secret_access_key": "judge"}


def client(service: str, url: str, credentials: dict[str, str] | None = None) -> BaseClient:
    """botocore's client of a service at an address."""
    return botocore.session.get_session().create_client(
        service,
        region_name=REGION,
        endpoint_url=url,
        **(credentials or ANY_CREDENTIALS),
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )


class SecondAws:
    """moto, used as `with SecondAws() as aws`."""

    def __enter__(self) -> "SecondAws":
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def reset(self) -> None:
        """Forgets everything but makes the table anew."""
        answer = request("POST", f"{self.url}/moto-api/reset")
        assert answer.status == 200, f"moto answers its reset {answer.status}"
        self.make_table()

    def make_table(self) -> None:
        """Makes the table as Terraform defines it."""
        definition = table_definition()
        dynamodb = client("dynamodb", self.url)
        dynamodb.create_table(**create_table_request(definition))
        for ttl in definition["ttl"]:
            specification = {"AttributeName": ttl["attribute_name"], "Enabled": ttl["enabled"]}
            dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=specification)


def table_definition() -> dict[str, Any]:
    """The resource of Terraform's module `table`."""
    options = hcl2.SerializationOptions(strip_string_quotes=True, explicit_blocks=False, with_comments=False)
    path = Path(os.environ["JUDGE_ROOT"]) / "terraform/modules/table/main.tf"
    with path.open() as file:
        resources = hcl2.load(file, serialization_options=options)["resource"]
    (table,) = [resource["aws_dynamodb_table"]["this"] for resource in resources if "aws_dynamodb_table" in resource]
    return table


def create_table_request(definition: dict[str, Any]) -> dict[str, Any]:
    """The request of `CreateTable` that Terraform's AWS provider makes of the resource."""

    def index(block: dict[str, Any]) -> dict[str, Any]:
        keys = [{"AttributeName": key["attribute_name"], "KeyType": key["key_type"]} for key in block["key_schema"]]
        projection = {"ProjectionType": block["projection_type"]}
        return {"IndexName": block["name"], "KeySchema": keys, "Projection": projection}

    keys = [{"AttributeName": definition["hash_key"], "KeyType": "HASH"}]
    keys.append({"AttributeName": definition["range_key"], "KeyType": "RANGE"})
    return {
        "TableName": TABLE,
        "BillingMode": definition["billing_mode"],
        "KeySchema": keys,
        "AttributeDefinitions": [
            {"AttributeName": attribute["name"], "AttributeType": attribute["type"]} for attribute in definition["attribute"]
        ],
        "GlobalSecondaryIndexes": [index(block) for block in definition["global_secondary_index"]],
    }
