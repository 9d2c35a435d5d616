//! The attribute names of the table. A released name never changes: items outlive deployments.

/// Partition key of the table.
pub const TOKEN: &str = "executionToken";
/// Sort key of the table.
pub const ITEM: &str = "item";
pub(crate) const STATE: &str = "state";
pub(crate) const PAYLOAD_PREFIX: &str = "payload#";

pub(crate) const SOURCE: &str = "source";
pub(crate) const DELIVERY_ID: &str = "deliveryId";
pub(crate) const STATUS: &str = "status";
pub(crate) const CURRENT_STEP: &str = "currentStep";
pub(crate) const STEPS: &str = "steps";
pub(crate) const SUMMARY: &str = "webhookSummary";
/// Absent where the source has no labels, or the delivery nothing at their places.
pub(crate) const LABELS: &str = "labels";
pub(crate) const PAYLOAD_SHA256: &str = "payloadSha256";
pub(crate) const PAYLOAD_BYTES: &str = "payloadBytes";
pub(crate) const EXECUTION_NAME: &str = "executionName";
pub(crate) const EXECUTION_ARN: &str = "executionArn";
pub(crate) const ATTEMPT: &str = "attempt";
/// When the current attempt was opened; absent for the first one, which was opened by its receipt.
pub(crate) const ATTEMPT_STARTED_AT: &str = "attemptStartedAt";
/// The attempts before the current one; absent until the first redrive.
pub(crate) const PAST_ATTEMPTS: &str = "attempts";
/// True while the last start of the attempt failed.
pub(crate) const START_DEFERRED: &str = "startDeferred";
/// When a sweep has repeated the start of the attempt.
pub(crate) const START_REPEATED_AT: &str = "startRepeatedAt";
/// The attempts that the producer has opened; absent until the first one.
pub(crate) const REDELIVERIES: &str = "redeliveries";
/// How often the identity came with another body; absent until the first time.
pub(crate) const CONFLICTS: &str = "conflicts";
pub(crate) const ERROR: &str = "error";
pub(crate) const TRACEPARENT: &str = "traceparent";
pub(crate) const CREATED_AT: &str = "createdAt";
pub(crate) const LAST_UPDATED: &str = "lastUpdated";
/// The partition of the configuration documents, which is no token.
pub const CONFIGURATION: &str = "configuration";
/// What the sort key of a document begins with that the deployment has written.
pub const DEPLOYED_PREFIX: &str = "deployed#";
/// What the sort key of a document begins with that a function keeps.
pub(crate) const DOCUMENT_PREFIX: &str = "document#";
/// The text of a configuration document.
pub const DOCUMENT: &str = "document";
/// Time at which `DynamoDB` may delete the item.
pub const TTL: &str = "ttl";
/// Partition key of the sparse index `open`; only while the webhook is open.
pub const OPEN_SHARD: &str = "openShard";
/// Sort key of the sparse index `open`; only while the webhook is open.
pub const OPEN_SINCE: &str = "openSince";

/// The sparse index of open webhooks.
pub const OPEN_INDEX: &str = "open";

pub(crate) const ATTEMPT_NUMBER: &str = "number";
pub(crate) const ATTEMPT_ENDED_AT: &str = "endedAt";

pub(crate) const CURSOR_TOKEN: &str = "afterToken";
pub(crate) const CURSOR_SINCE: &str = "afterSince";

pub(crate) const BODY: &str = "body";
/// What the key of every object begins with.
pub const OBJECT_PREFIX: &str = "payloads/";
/// The key of the object that holds the body, in the place of the body.
pub(crate) const OBJECT_KEY: &str = "objectKey";
pub(crate) const CONTENT_TYPE: &str = "contentType";
/// Absent where the body is JSON as it is.
pub(crate) const CONTENT_ENCODING: &str = "contentEncoding";
/// Absent where the document is the body.
pub(crate) const BODY_FORM: &str = "bodyForm";
/// Absent where no header is kept.
pub(crate) const HEADERS: &str = "headers";

/// Absent where the payload is kept as long as the deployment keeps payloads.
pub(crate) const RETENTION_DAYS: &str = "retentionDays";

pub(crate) const STEP_TRIES: &str = "tries";
/// Absent for a step none of whose tries was interrupted.
pub(crate) const STEP_INTERRUPTED: &str = "interrupted";
pub(crate) const STEP_STARTED_AT: &str = "startedAt";
pub(crate) const STEP_NEXT_TRY_AT: &str = "nextTryAt";
pub(crate) const STEP_COMPLETED_AT: &str = "completedAt";

pub(crate) const SUMMARY_TYPE: &str = "type";
pub(crate) const SUMMARY_KEYS: &str = "keys";

pub(crate) const ERROR_CODE: &str = "code";
pub(crate) const ERROR_MESSAGE: &str = "message";
