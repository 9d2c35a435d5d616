//! What CloudWatch makes of alarms and values.
//!
//! Contract: [`Engine::tick`] is called about every minute, or as often as wanted: the result of a call depends on the
//! time that is handed in, the values and what was told before, never on a clock. Values count when their period has
//! ended; CloudWatch's own delay of a minute or two is not modelled.

mod engine;
mod metric;
mod rule;
mod telling;

pub use engine::{Engine, Standing};
pub use metric::{Judgement, judge, points};
pub use rule::{Rule, RuleError};
pub use telling::Told;

use crate::{Metric, Statistic};

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// All is well.
    Ok,
    /// It is not.
    Alarm,
    /// Nothing is known.
    InsufficientData,
}

impl State {
    /// As CloudWatch writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// Where values come from.
pub trait Readings {
    /// The statistic of a metric's values in `from_ms..to_ms`, epoch milliseconds; none when there are none.
    fn value(&self, metric: &Metric, statistic: Statistic, from_ms: i64, to_ms: i64) -> Option<f64>;
}
