//! The names of this machine's deployment.

use std::time::Duration;

use serde::Deserialize;

/// The prefix of all names, also of the executions' names.
pub const PREFIX: &str = "tracehook";

/// The namespace of the functions' metrics.
pub const NAMESPACE: &str = "Tracehook/tracehook";

/// The table's name.
pub const TABLE: &str = "tracehook";

/// The name of the secret that holds the sources' keys.
pub const SECRET_ID: &str = "tracehook";

/// The secret's ARN.
pub const SECRET_ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:tracehook-000000";

/// The name of the bucket with large payloads.
pub const PAYLOAD_BUCKET: &str = "tracehook-payloads";

/// The age from which the bucket deletes objects: the functions' default retention, and the two days that `DynamoDB` may
/// take to delete the item that names one.
pub const PAYLOADS_EXPIRE_AFTER: Duration = Duration::from_hours(9 * 24);

/// The file of the state directory with the credentials for AWS of whoever is no function.
pub const CREDENTIALS_FILE: &str = "aws.env";

/// The dead-letter queue's name.
pub const DEAD_LETTER_QUEUE: &str = "tracehook-dead-letters";

/// The stage of the REST API.
pub const STAGE: &str = "v1";

/// The functions of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FunctionName {
    /// Receives webhooks.
    Validator,
    /// Processes webhooks durably.
    Processor,
    /// Answers status requests.
    Status,
    /// Closes webhooks that the other functions could not.
    Reconciler,
}

impl FunctionName {
    /// Every function.
    pub const ALL: [Self; 4] = [Self::Validator, Self::Processor, Self::Status, Self::Reconciler];

    /// The name of the binary and the last part of the package's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validator => "validator",
            Self::Processor => "processor",
            Self::Status => "status",
            Self::Reconciler => "reconciler",
        }
    }

    /// The name of the Lambda function, `PREFIX-NAME`.
    #[must_use]
    pub fn deployed(self) -> String {
        format!("{PREFIX}-{}", self.as_str())
    }
}
