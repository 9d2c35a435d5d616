//! The time of a delivery, as its producer says it.

use std::borrow::Cow;

use super::parts::Parts;
use super::pattern::Group;
use super::value::ValuePlace;
use crate::signature::SignatureError;
use crate::timestamp::Timestamp;

/// Where the time stands, how it is written, and how far it may be from that of the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeRule {
    pub(crate) from: TimePlace,
    pub(crate) format: TimeFormat,
    /// Seconds before and after the receipt; 0 where it is not checked.
    pub(crate) tolerance_seconds: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TimePlace {
    Value(ValuePlace),
    /// A capture of the signature's items.
    Field(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    Seconds,
    Milliseconds,
    /// Without a zone it is UTC.
    Rfc3339,
    /// 13 digits are milliseconds, fewer are seconds.
    Auto,
}

impl TimeFormat {
    /// The names in a configuration.
    pub(crate) const NAMES: [(&'static str, Self); 4] = [
        ("s", Self::Seconds),
        ("ms", Self::Milliseconds),
        ("rfc3339", Self::Rfc3339),
        ("auto", Self::Auto),
    ];

    /// A time as it is written.
    pub(crate) fn write(self, at: Timestamp) -> String {
        match self {
            Self::Seconds | Self::Auto => at.epoch_seconds().to_string(),
            Self::Milliseconds => at.epoch_ms().to_string(),
            Self::Rfc3339 => at.to_string(),
        }
    }

    fn read(self, text: &str) -> Option<Timestamp> {
        // A number has one text. Where nothing stands between the time and a value before it, a zero in front of the time may
        // be the end of that value.
        let whole = || text.parse::<i64>().ok().filter(|number| number.to_string() == text);
        let ms = match self {
            Self::Seconds => whole()?.checked_mul(1000)?,
            Self::Milliseconds => whole()?,
            Self::Auto if text.len() >= 13 => whole()?,
            Self::Auto => whole()?.checked_mul(1000)?,
            Self::Rfc3339 => {
                let at = text.parse::<jiff::Timestamp>().or_else(|_| {
                    let local: jiff::civil::DateTime = text.parse()?;
                    local.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp())
                });
                at.ok()?.as_millisecond()
            }
        };
        Some(Timestamp::from_epoch_ms(ms))
    }
}

impl TimeRule {
    /// The time as it is written.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] for a header with several values.
    pub(crate) fn text<'a>(
        &self,
        parts: &'a Parts<'_>,
        group: &Group<'a>,
    ) -> Result<Option<Cow<'a, str>>, SignatureError> {
        match &self.from {
            TimePlace::Value(place) => place.text(parts),
            TimePlace::Field(name) => Ok(group.captures.get(name.as_str()).copied().map(Cow::Borrowed)),
        }
    }

    /// Judges a time that is signed.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] when it is not of its format, [`SignatureError::Stale`] when it is too far from the
    /// receipt.
    pub(crate) fn judge(&self, text: &str, received_at: Timestamp) -> Result<(), SignatureError> {
        if self.tolerance_seconds == 0 {
            return Ok(());
        }
        let at = self.format.read(text).ok_or(SignatureError::Malformed)?;
        let apart = received_at.since(at).max(at.since(received_at));
        if apart.as_millis() <= u128::from(self.tolerance_seconds) * 1000 {
            Ok(())
        } else {
            Err(SignatureError::Stale)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_its_format_alone() {
        for (format, text, expected) in [
            (TimeFormat::Seconds, "1767225600", Some(1_767_225_600_000)),
            (TimeFormat::Seconds, "-1", Some(-1000)),
            (TimeFormat::Seconds, "0", Some(0)),
            (TimeFormat::Seconds, "+1", None),
            (TimeFormat::Seconds, "-0", None),
            (TimeFormat::Seconds, "01767225600", None),
            (TimeFormat::Auto, "0001767225600", None),
            (TimeFormat::Seconds, "1.5", None),
            (TimeFormat::Seconds, "", None),
            (TimeFormat::Seconds, "99999999999999999999", None),
            (TimeFormat::Seconds, "9223372036854775807", None),
            (TimeFormat::Seconds, "١", None),
            (TimeFormat::Milliseconds, "1767225600123", Some(1_767_225_600_123)),
            (TimeFormat::Auto, "1767225600", Some(1_767_225_600_000)),
            (TimeFormat::Auto, "1767225600123", Some(1_767_225_600_123)),
            (TimeFormat::Rfc3339, "2026-01-01T00:00:00Z", Some(1_767_225_600_000)),
            (
                TimeFormat::Rfc3339,
                "2026-01-01T01:00:00+01:00",
                Some(1_767_225_600_000),
            ),
            (TimeFormat::Rfc3339, "2026-01-01T00:00:00", Some(1_767_225_600_000)),
            (TimeFormat::Rfc3339, "2026-01-01 00:00:00.5", Some(1_767_225_600_500)),
            (TimeFormat::Rfc3339, "yesterday", None),
        ] {
            assert_eq!(
                format.read(text),
                expected.map(Timestamp::from_epoch_ms),
                "{format:?} {text}"
            );
        }
    }

    #[test]
    fn a_time_is_judged_both_ways_and_at_its_bounds() {
        let rule = |tolerance_seconds| TimeRule {
            from: TimePlace::Field("timestamp".to_owned()),
            format: TimeFormat::Seconds,
            tolerance_seconds,
        };
        let at = Timestamp::from_epoch_ms(1_000_000_000);
        for (text, expected) in [
            ("1000000", Ok(())),
            ("999700", Ok(())),
            ("999699", Err(SignatureError::Stale)),
            ("1000300", Ok(())),
            ("1000301", Err(SignatureError::Stale)),
            ("now", Err(SignatureError::Malformed)),
        ] {
            assert_eq!(rule(300).judge(text, at), expected, "{text}");
        }
        assert_eq!(rule(0).judge("long ago", at), Ok(()));
    }
}
