//! The names of durable executions: one name per record and attempt, so that starting twice starts once, and so that a
//! later record of the same token never meets an execution of an earlier one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::timestamp::Timestamp;
use crate::token::ExecutionToken;

/// The longest prefix, in characters. With a token and a birth it leaves two digits of the service's 64 characters to the
/// attempt: 1,295 attempts, and 46,655 until the birth has seven digits, in 2038.
const MAX_PREFIX_CHARS: usize = 20;

/// The base of the numbers in a name.
const BASE: u32 = 36;

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

/// The name of an execution: `PREFIX-TOKEN-BIRTH-ATTEMPT`. The birth is the record's creation in epoch seconds; it and the
/// attempt are written in base 36.
///
/// The service knows a name for days after its execution has ended, and the record may have expired by then. A record
/// replaces only one that expired before, so two records of a token are never born in the same second.
#[must_use]
pub fn execution_name(prefix: &ExecutionPrefix, token: &ExecutionToken, born: Timestamp, attempt: u32) -> String {
    let born = base36(u64::try_from(born.epoch_seconds()).unwrap_or_default());
    format!("{prefix}-{token}-{born}-{}", base36(u64::from(attempt)))
}

/// The webhook that an execution's name belongs to; none for a name that this deployment does not give.
#[must_use]
pub fn token_in_name(prefix: &ExecutionPrefix, name: &str) -> Option<ExecutionToken> {
    let rest = name.strip_prefix(prefix.0.as_str())?.strip_prefix('-')?;
    let mut parts = rest.split('-');
    let (token, born, attempt) = (parts.next()?, parts.next()?, parts.next()?);
    let token = token.parse().ok()?;
    let born = i64::from_str_radix(born, BASE).ok()?.checked_mul(1000)?;
    let attempt = u32::from_str_radix(attempt, BASE).ok()?;
    (execution_name(prefix, &token, Timestamp::from_epoch_ms(born), attempt) == name).then_some(token)
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % u64::from(BASE)).unwrap_or_default();
        digits.extend(char::from_digit(digit, BASE));
        number /= u64::from(BASE);
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
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

    const BORN: Timestamp = Timestamp::from_epoch_ms(1_700_000_000_999);

    #[test]
    fn names_tell_deployments_webhooks_records_and_attempts_apart() {
        let token = ExecutionToken::from_random([7; 16]);
        let prefix: ExecutionPrefix = "t".parse().unwrap();
        assert_eq!(execution_name(&prefix, &token, BORN, 1), format!("t-{token}-s44we8-1"));
        let mut names = std::collections::BTreeSet::new();
        for prefix in ["t", "u"] {
            for token in [token, ExecutionToken::from_random([8; 16])] {
                for later_seconds in [0, 1, 36, 3600] {
                    for attempt in [1, 2, 35, 36, 37] {
                        let born = BORN.plus(std::time::Duration::from_secs(later_seconds));
                        names.insert(execution_name(&prefix.parse().unwrap(), &token, born, attempt));
                    }
                }
            }
        }
        assert_eq!(names.len(), 2 * 2 * 4 * 5);
    }

    #[test]
    fn a_name_stays_within_64_characters() {
        let token = ExecutionToken::from_random([7; 16]);
        let prefix: ExecutionPrefix = "a".repeat(MAX_PREFIX_CHARS).parse().unwrap();
        let in_2100 = Timestamp::from_epoch_ms(4_102_444_800_000);
        for (born, attempt) in [(BORN, 46_655), (in_2100, 1_295)] {
            let name = execution_name(&prefix, &token, born, attempt);
            assert_eq!(name.len(), 64, "{name}");
        }
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
                token_in_name(&prefix, &execution_name(&prefix, &token, BORN, attempt)),
                Some(token)
            );
        }
        for foreign in [
            format!("a-{token}-s44we8-1"),
            format!("a-b-{token}"),
            format!("a-b-{token}-s44we8"),
            format!("a-b-{token}-S44WE8-1"),
            format!("a-b-{token}-s44we8-01"),
            format!("a-b-{token}-0s44we8-1"),
            format!("a-b-{token}-+s44we8-1"),
            format!("a-b-{token}-zzzzzzzzzzzzz-1"),
            format!("a-b-{token}-s44we8-_"),
            format!("a-b-{token}-s44we8-1-2"),
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
