//! The effects of rules.

use serde::{Deserialize, Serialize};

use super::operation::Kind;

/// The effect of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum Effect {
    /// The service answers with an error.
    Status {
        /// The HTTP status.
        status: u16,
        /// The error's code.
        code: String,
        /// The error's message; a text that names the fault when unset.
        message: Option<String>,
    },
    /// The service answers as it does when it is called too often.
    Throttle,
    /// The connection closes without an answer; an event is lost.
    Drop,
    /// No answer ever comes; an event is held back until the rules change.
    Hang,
    /// It takes longer, in milliseconds.
    DelayMs(u64),
    /// The answer lacks this member.
    Without(String),
    /// The caller's process is killed.
    Kill,
    /// An event is delivered twice.
    Duplicate,
    /// An event is delivered after the one that follows it.
    Reorder,
    /// An event is given up, as one that has grown too old in the queue.
    GiveUp,
    /// The durable service is stopped.
    Stop,
    /// The host's clock is ahead by so many milliseconds, behind when they are negative.
    SkewMs(i64),
}

/// An effect as it is written: exactly one of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of the rule as it is written"
)]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    without: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    throttle: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    drop: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hang: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    kill: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    duplicate: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    reorder: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    give_up: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stop: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    skew_ms: Option<i64>,
}

impl TryFrom<Fields> for Effect {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, &'static str> {
        let failure = match (fields.status, fields.code, fields.message) {
            (Some(status), Some(code), message) if (400..600).contains(&status) => {
                Some(Self::Status { status, code, message })
            }
            (None, None, None) => None,
            _ => return Err("status (400 to 599) and code go together, and message with them"),
        };
        let flag = |is_set: bool, effect: Self| is_set.then_some(effect);
        let effects = [
            failure,
            flag(fields.throttle, Self::Throttle),
            flag(fields.drop, Self::Drop),
            flag(fields.hang, Self::Hang),
            fields.delay_ms.map(Self::DelayMs),
            fields.without.map(Self::Without),
            flag(fields.kill, Self::Kill),
            flag(fields.duplicate, Self::Duplicate),
            flag(fields.reorder, Self::Reorder),
            flag(fields.give_up, Self::GiveUp),
            flag(fields.stop, Self::Stop),
            fields.skew_ms.map(Self::SkewMs),
        ];
        let mut given = effects.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(effect), None) => Ok(effect),
            _ => Err(
                "an effect is exactly one of status with code, throttle, drop, hang, delay_ms, without, kill, \
                 duplicate, reorder, give_up, stop, skew_ms",
            ),
        }
    }
}

impl From<Effect> for Fields {
    fn from(effect: Effect) -> Self {
        let mut fields = Self::default();
        match effect {
            Effect::Status { status, code, message } => {
                (fields.status, fields.code, fields.message) = (Some(status), Some(code), message);
            }
            Effect::Throttle => fields.throttle = true,
            Effect::Drop => fields.drop = true,
            Effect::Hang => fields.hang = true,
            Effect::DelayMs(delay) => fields.delay_ms = Some(delay),
            Effect::Without(member) => fields.without = Some(member),
            Effect::Kill => fields.kill = true,
            Effect::Duplicate => fields.duplicate = true,
            Effect::Reorder => fields.reorder = true,
            Effect::GiveUp => fields.give_up = true,
            Effect::Stop => fields.stop = true,
            Effect::SkewMs(skew) => fields.skew_ms = Some(skew),
        }
        fields
    }
}

impl Effect {
    /// True when an operation of that kind can have this effect.
    pub(super) const fn can_happen_to(&self, kind: Kind) -> bool {
        match self {
            Self::Status { .. } | Self::Throttle => matches!(kind, Kind::Call | Kind::Export),
            Self::Drop | Self::DelayMs(_) | Self::Hang => matches!(kind, Kind::Call | Kind::Export | Kind::Event),
            Self::Kill | Self::Without(_) => matches!(kind, Kind::Call),
            Self::Duplicate | Self::Reorder | Self::GiveUp => matches!(kind, Kind::Event),
            Self::Stop => matches!(kind, Kind::Durable),
            Self::SkewMs(_) => matches!(kind, Kind::Clock),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_is_exactly_one_and_shown_as_it_was_written() {
        let read = |text: &str| serde_json::from_str::<Effect>(text);
        for (text, expected) in [
            (r#"{"kill":true}"#, Effect::Kill),
            (r#"{"hang":true}"#, Effect::Hang),
            (r#"{"delay_ms":5}"#, Effect::DelayMs(5)),
            (r#"{"skew_ms":-5}"#, Effect::SkewMs(-5)),
            (r#"{"duplicate":true}"#, Effect::Duplicate),
            (r#"{"give_up":true}"#, Effect::GiveUp),
            (
                r#"{"status":429,"code":"Slow"}"#,
                Effect::Status {
                    status: 429,
                    code: "Slow".into(),
                    message: None,
                },
            ),
            (
                r#"{"without":"CheckpointToken"}"#,
                Effect::Without("CheckpointToken".into()),
            ),
        ] {
            let effect = read(text).unwrap();
            assert_eq!(effect, expected);
            assert_eq!(serde_json::to_string(&effect).unwrap(), text);
        }
        for wrong in [
            "{}",
            r#"{"kill":true,"drop":true}"#,
            r#"{"status":500}"#,
            r#"{"message":"m"}"#,
            r#"{"status":200,"code":"a"}"#,
            r#"{"explode":true}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
