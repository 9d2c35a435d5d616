"""The requests against AWS's own description of its services, as botocore has it."""

from typing import Any

import botocore.session
from botocore.model import Shape
from botocore.validate import ParamValidator
from recorder import Call

SERVICES = {"DynamoDB_20120810": "dynamodb", "secretsmanager": "secretsmanager"}


def every_body_fits(calls: list[Call]) -> None:
    """No unknown member, nothing missing, nothing of another type, no value that an enumeration does not have."""
    session = botocore.session.get_session()
    operations = {(call.service, call.operation) for call in calls}
    shapes = {
        (service, operation): session.get_service_model(SERVICES[service]).operation_model(operation).input_shape
        for service, operation in operations
    }
    assert {service for service, _ in shapes} == set(SERVICES), f"only {shapes.keys()} were called"
    for call in calls:
        shape = shapes[call.service, call.operation]
        report = ParamValidator().validate(call.request, shape)
        problem = report.generate_report() or "; ".join(unknown_values(call.request, shape))
        assert not problem, f"{call.operation} of the {call.function}: {problem}"


def unknown_values(value: Any, shape: Shape) -> list[str]:
    """The values that their enumerations do not have, which botocore itself does not look at."""
    if shape.type_name == "structure":
        return [text for name, member in value.items() for text in unknown_values(member, shape.members[name])]
    if shape.type_name == "map":
        return [text for member in value.values() for text in unknown_values(member, shape.value)]
    if shape.type_name == "list":
        return [text for member in value for text in unknown_values(member, shape.member)]
    options = getattr(shape, "enum", [])
    return [f"{shape.name} has no {value}"] if options and value not in options else []
