//! The names of attributes. Source: OpenTelemetry semantic conventions (general, HTTP, FaaS, AWS, database); for durable
//! work the keys of AWS's OpenTelemetry plugins for its durable SDKs; `webhook.*` are tracehook's own.

pub(crate) const ERROR_TYPE: &str = "error.type";
/// Why a link is there.
pub(crate) const LINK_RELATION: &str = "link.relation";

pub(crate) const EXECUTION_TOKEN: &str = "webhook.execution_token";
pub(crate) const SOURCE: &str = "webhook.source";
pub(crate) const EVENT_TYPE: &str = "webhook.type";
pub(crate) const DELIVERY_ID: &str = "webhook.delivery_id";
pub(crate) const PAYLOAD_BYTES: &str = "webhook.payload_bytes";
pub(crate) const WEBHOOK_STATUS: &str = "webhook.status";
/// 1, and one more with every redrive.
pub(crate) const WEBHOOK_ATTEMPT: &str = "webhook.attempt";

pub(crate) const DURABLE_EXECUTION_ARN: &str = "durable.execution.arn";

pub(crate) const DYNAMODB_TABLES: &str = "aws.dynamodb.table_names";
pub(crate) const DYNAMODB_CAPACITY: &str = "aws.dynamodb.consumed_capacity";
