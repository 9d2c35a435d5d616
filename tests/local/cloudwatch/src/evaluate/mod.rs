//! The evaluation of alarms.
//!
//! Contract: [`Engine::tick`] is called about every minute, or as often as wanted: the result of a call depends on the
//! given time, the values and the notifications before, never on a clock. Values count when their period has
//! ended; `CloudWatch`'s own delay of a minute or two is not modelled.

mod engine;
mod metric;
mod notification;
mod rule;

pub use engine::{Engine, EngineError, Standing};
pub use metric::{Judgement, judge, points};
pub use notification::Notification;
pub use rule::{Rule, RuleError};

use crate::{Metric, MetricAlarm, Statistic};

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The threshold is not breached.
    Ok,
    /// The threshold is breached.
    Alarm,
    /// There are too few values for a state.
    InsufficientData,
}

impl State {
    /// As `CloudWatch` writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// The source of values.
pub trait Readings {
    /// The statistic of a metric's values in `from_ms..to_ms`, epoch milliseconds; none when there are none.
    fn value(&self, metric: &Metric, statistic: Statistic, from_ms: i64, to_ms: i64) -> Option<f64>;

    /// The lower bound of the values that `CloudWatch` expects of an alarm with a band in `from_ms..to_ms`; none where it has
    /// learned none.
    fn lower_bound(&self, _alarm: &MetricAlarm, _from_ms: i64, _to_ms: i64) -> Option<f64> {
        None
    }
}
