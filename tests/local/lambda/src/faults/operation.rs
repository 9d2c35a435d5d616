//! The operations that a rule covers.

/// The names in a rule.
pub const CHECKPOINT: &str = "lambda:CheckpointDurableExecution";
/// An export of spans.
pub const EXPORT: &str = "otlp:ExportTraceServiceRequest";
/// An asynchronous invocation on its way to the function.
pub const INVOCATION: &str = "event:Invoke";
/// An event of the engine on its way to the reconciler.
pub const STATUS_CHANGE: &str = "event:StatusChange";

/// The services that a function calls.
const SERVICES: [&str; 4] = ["dynamodb", "lambda", "s3", "secretsmanager"];

/// The kind of an operation decides which effects it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A call that a function makes of AWS.
    Call,
    /// An export of spans.
    Export,
    /// An event on its way.
    Event,
    /// The durable service as a whole.
    Durable,
    /// The host's clock.
    Clock,
}

/// The operations that a rule is about, as it is written: one, all of a service, or all calls of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    written: String,
    pub(super) kind: Kind,
}

impl Operation {
    pub(super) fn parse(written: String) -> Result<Self, String> {
        let kind = match written.as_str() {
            "*" => Kind::Call,
            "durable" => Kind::Durable,
            "clock" => Kind::Clock,
            EXPORT | "otlp:*" => Kind::Export,
            INVOCATION | STATUS_CHANGE | "event:*" => Kind::Event,
            other => match other.split_once(':') {
                Some((service, operation)) if SERVICES.contains(&service) && !operation.is_empty() => Kind::Call,
                _ => {
                    return Err(format!(
                        "there is no operation {other:?}: it is dynamodb:NAME, lambda:NAME, s3:NAME, secretsmanager:NAME, {EXPORT}, \
                         {INVOCATION}, {STATUS_CHANGE}, or all of them as SERVICE:*, or *, durable, clock"
                    ));
                }
            },
        };
        Ok(Self { written, kind })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.written
    }

    /// True when the rule covers this operation. Operations outside AWS's services have to be named.
    pub(super) fn is_about(&self, name: &str) -> bool {
        let service = name.split_once(':').map_or(name, |(service, _)| service);
        match self.written.strip_suffix('*') {
            Some("") => SERVICES.contains(&service),
            Some(all_of) => all_of.strip_suffix(':') == Some(service),
            None => self.written == name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_one_or_all_of_a_service_or_every_call_of_aws() {
        let about = |written: &str| Operation::parse(written.to_owned()).unwrap();
        let names = [
            "dynamodb:PutItem",
            "dynamodb:Query",
            "lambda:Invoke",
            EXPORT,
            INVOCATION,
        ];
        for (written, kind, hits) in [
            ("dynamodb:PutItem", Kind::Call, [true, false, false, false, false]),
            ("dynamodb:*", Kind::Call, [true, true, false, false, false]),
            ("s3:PutObject", Kind::Call, [false; 5]),
            ("*", Kind::Call, [true, true, true, false, false]),
            ("otlp:*", Kind::Export, [false, false, false, true, false]),
            ("event:*", Kind::Event, [false, false, false, false, true]),
            ("clock", Kind::Clock, [false; 5]),
        ] {
            let operation = about(written);
            assert_eq!(operation.kind, kind, "{written}");
            assert_eq!(names.map(|name| operation.is_about(name)), hits, "{written}");
        }
        for wrong in ["", "dynamo:PutItem", "PutItem", "dynamodb:", "otlp:Export", "clock:*"] {
            assert!(Operation::parse(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
