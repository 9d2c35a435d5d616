//! The names of attributes. Source: OpenTelemetry semantic conventions (general, database, AWS); for durable work the
//! keys of AWS's OpenTelemetry plugins for its durable SDKs.

/// The version of the conventions that the names are of.
pub const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.44.0";
/// The stable code of an error.
pub const ERROR_TYPE: &str = "error.type";
/// Why a link is there.
pub const LINK_RELATION: &str = "link.relation";
/// The ARN of a durable execution.
pub const DURABLE_EXECUTION_ARN: &str = "durable.execution.arn";

pub(crate) const EXECUTION_STATUS: &str = "durable.execution.status";
pub(crate) const INVOCATION_STATUS: &str = "durable.invocation.status";
pub(crate) const OPERATION_ID: &str = "durable.operation.id";
pub(crate) const OPERATION_NAME: &str = "durable.operation.name";
pub(crate) const OPERATION_TYPE: &str = "durable.operation.type";
pub(crate) const OPERATION_SUBTYPE: &str = "durable.operation.subtype";
pub(crate) const OPERATION_STATUS: &str = "durable.operation.status";
pub(crate) const ATTEMPT_NUMBER: &str = "durable.attempt.number";
pub(crate) const ATTEMPT_OUTCOME: &str = "durable.attempt.outcome";
pub(crate) const TRUNCATED: &str = "durable.span.truncated_at_invocation_boundary";
pub(crate) const EXCEPTION_TYPE: &str = "exception.type";
pub(crate) const EXCEPTION_MESSAGE: &str = "exception.message";
pub(crate) const DYNAMODB_TABLES: &str = "aws.dynamodb.table_names";
pub(crate) const DYNAMODB_CAPACITY: &str = "aws.dynamodb.consumed_capacity";
