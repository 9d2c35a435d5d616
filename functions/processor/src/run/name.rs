//! Under which name the engine runs this execution.

use serde_json::Value;
use tracehook_core::ExecutionToken;
use tracehook_core::record::name_in_arn;

tokio::task_local! {
    static IN_ENVELOPE: Option<String>;
}

/// Runs an invocation whose envelope may tell the execution's name.
pub(crate) async fn with_envelope<T>(envelope: &Value, work: impl Future<Output = T>) -> T {
    IN_ENVELOPE.scope(in_envelope(envelope).map(str::to_owned), work).await
}

/// The name of the running execution of a webhook.
pub(crate) fn current(token: ExecutionToken, execution_arn: &str) -> String {
    let told = IN_ENVELOPE.try_with(Clone::clone).ok().flatten();
    choose(token, told.as_deref(), execution_arn).to_owned()
}

/// The name of the EXECUTION operation, which comes first.
fn in_envelope(envelope: &Value) -> Option<&str> {
    let first = envelope.pointer("/InitialExecutionState/Operations/0")?;
    (first["Type"] == "EXECUTION").then(|| first["Name"].as_str()).flatten()
}

/// Every name of ours holds the webhook's token, so the engine's word is taken where it does: the operation's name, which
/// needs no ARN of a certain form, else the name in the ARN, as AWS documents it. Any other is nobody's execution name, and
/// moves no record.
fn choose<'a>(token: ExecutionToken, told: Option<&'a str>, execution_arn: &'a str) -> &'a str {
    let in_arn = name_in_arn(execution_arn);
    let token = token.to_string();
    told.into_iter()
        .chain(in_arn)
        .find(|name| name.contains(&token))
        .or(in_arn)
        .unwrap_or(execution_arn)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOKEN: &str = "9f2d61c07a3b4e58a1f0c2d3e4b5a697";

    fn arn(name: &str) -> String {
        format!("arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/{name}/id")
    }

    #[test]
    fn an_arn_of_any_form_leaves_the_name_that_the_operation_has() {
        let (token, name) = (TOKEN.parse().unwrap(), format!("tracehook-{TOKEN}-2"));
        for arn in ["uuid/uuid", "", &arn("other"), &arn(&name)] {
            assert_eq!(choose(token, Some(&name), arn), name, "{arn}");
        }
    }

    #[test]
    fn an_operation_that_tells_no_name_of_this_webhook_leaves_the_name_in_the_arn() {
        let (token, name) = (TOKEN.parse().unwrap(), format!("tracehook-{TOKEN}"));
        for told in [
            None,
            Some(""),
            Some("processor"),
            Some("tracehook-00000000000000000000000000000000"),
        ] {
            assert_eq!(choose(token, told, &arn(&name)), name, "{told:?}");
        }
    }

    #[test]
    fn an_execution_that_has_no_name_of_this_webhook_is_nobody_of_ours() {
        let token = TOKEN.parse().unwrap();
        assert_eq!(choose(token, Some("processor"), "uuid/uuid"), "uuid/uuid");
        assert_eq!(choose(token, None, &arn("other")), "other");
    }

    #[tokio::test]
    async fn the_name_is_read_from_the_first_operation_of_the_envelope() {
        let token = TOKEN.parse().unwrap();
        let name = format!("tracehook-{TOKEN}");
        let envelope = |kind: &str| json!({"InitialExecutionState": {"Operations": [{"Type": kind, "Name": name}]}});
        let read = async |envelope: Value| with_envelope(&envelope, async { current(token, "uuid/uuid") }).await;
        assert_eq!(read(envelope("EXECUTION")).await, name);
        assert_eq!(read(envelope("STEP")).await, "uuid/uuid");
        assert_eq!(read(json!({})).await, "uuid/uuid");
        assert_eq!(current(token, &arn(&name)), name, "without an envelope");
    }
}
