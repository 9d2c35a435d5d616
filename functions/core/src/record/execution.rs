//! The names of durable executions: one name per webhook and attempt, so that starting twice starts once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::token::ExecutionToken;

/// The longest prefix, in characters: with a token and an attempt the name stays within the service's 64.
const MAX_PREFIX_CHARS: usize = 20;

/// The prefix of a deployment's execution names, which are unique in account and region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutionPrefix(String);

/// The text is no prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("1 to {MAX_PREFIX_CHARS} characters of a-z, A-Z, 0-9, _ and -")]
pub struct InvalidExecutionPrefix;

impl FromStr for ExecutionPrefix {
    type Err = InvalidExecutionPrefix;

    fn from_str(text: &str) -> Result<Self, InvalidExecutionPrefix> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if (1..=MAX_PREFIX_CHARS).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidExecutionPrefix)
        }
    }
}

impl fmt::Display for ExecutionPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The input of a durable execution: the token alone, so that every start of one webhook has the same payload and the
/// service can recognise a repeated start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionInput {
    /// The webhook's token.
    pub execution_token: ExecutionToken,
}

/// The name of a webhook's execution: `PREFIX-TOKEN`, and from the second attempt on `PREFIX-TOKEN-ATTEMPT`.
#[must_use]
pub fn execution_name(prefix: &ExecutionPrefix, token: &ExecutionToken, attempt: u32) -> String {
    if attempt <= 1 {
        format!("{prefix}-{token}")
    } else {
        format!("{prefix}-{token}-{attempt}")
    }
}

/// The webhook that an execution's name belongs to; none for a name that this deployment does not give.
#[must_use]
pub fn token_in_name(prefix: &ExecutionPrefix, name: &str) -> Option<ExecutionToken> {
    let rest = name.strip_prefix(prefix.0.as_str())?.strip_prefix('-')?;
    let (token, attempt) = match rest.split_once('-') {
        Some((token, attempt)) => (token, attempt.parse::<u32>().ok()?),
        None => (rest, 1),
    };
    let token = token.parse().ok()?;
    (execution_name(prefix, &token, attempt) == name).then_some(token)
}

/// The execution's name in a durable execution ARN: `…:function:F:V/durable-execution/NAME/ID`.
#[must_use]
pub fn name_in_arn(arn: &str) -> Option<&str> {
    let (_, rest) = arn.split_once("/durable-execution/")?;
    let (name, id) = rest.split_once('/')?;
    (!name.is_empty() && !id.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_deployments_webhooks_and_attempts_apart_within_64_characters() {
        let token = ExecutionToken::from_random([7; 16]);
        let prefix: ExecutionPrefix = "a".repeat(MAX_PREFIX_CHARS).parse().unwrap();
        let first = execution_name(&prefix, &token, 1);
        assert_eq!(first, format!("{prefix}-{token}"));
        let last = execution_name(&prefix, &token, u32::MAX);
        assert!(last.starts_with(&first) && last.len() <= 64, "{last}");
    }

    #[test]
    fn a_prefix_is_made_of_what_names_may_hold() {
        for bad in ["", "a b", "a:b", "ä", "aaaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(bad.parse::<ExecutionPrefix>(), Err(InvalidExecutionPrefix), "{bad}");
        }
    }

    #[test]
    fn a_name_leads_back_to_its_token_and_foreign_names_to_none() {
        let token = ExecutionToken::from_random([7; 16]);
        let prefix: ExecutionPrefix = "a-b".parse().unwrap();
        for attempt in [1, 2, u32::MAX] {
            assert_eq!(
                token_in_name(&prefix, &execution_name(&prefix, &token, attempt)),
                Some(token)
            );
        }
        for foreign in [
            format!("a-{token}"),
            format!("a-b-{token}-1"),
            format!("a-b-{token}-02"),
            format!("a-b-{token}-x"),
            format!("a-b-{token}-2-3"),
            "a-b-".to_owned(),
            String::new(),
        ] {
            assert_eq!(token_in_name(&prefix, &foreign), None, "{foreign}");
        }
    }

    #[test]
    fn the_name_is_found_in_an_arn_and_nowhere_else() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:p:1/durable-execution/t-00/5c1d";
        assert_eq!(name_in_arn(arn), Some("t-00"));
        for bad in [
            "",
            "t-00",
            "arn:aws:lambda:eu-west-1:123456789012:function:p:1/durable-execution/t-00",
        ] {
            assert_eq!(name_in_arn(bad), None, "{bad}");
        }
    }
}
