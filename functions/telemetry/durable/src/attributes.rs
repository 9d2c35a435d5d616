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

pub(crate) const EXCEPTION_TYPE: &str = "exception.type";
pub(crate) const EXCEPTION_MESSAGE: &str = "exception.message";
pub(crate) const DYNAMODB_TABLES: &str = "aws.dynamodb.table_names";
pub(crate) const DYNAMODB_CAPACITY: &str = "aws.dynamodb.consumed_capacity";
