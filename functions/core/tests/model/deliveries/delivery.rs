//! A delivery under way.

use super::item::State;
use super::setting::Setting;

/// The next call of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Next {
    /// The state of the place is read.
    Read { slot: usize },
    /// Nobody knows it: the payload is written, unless it is there.
    PutPayload { slot: usize },
    /// The state is written, unless there is one that counts.
    PutState { slot: usize },
    /// It opens the next attempt of the record that was read: the payload is written, unless it is there for long enough.
    KeepPayload { slot: usize, read: State },
    /// The record is replaced, if it is as it was read.
    Replace { slot: usize, read: State },
}

/// A delivery under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Delivery {
    pub(crate) body: usize,
    pub(crate) next: Next,
}

/// What was answered with 2xx.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    First,
    Duplicate,
    Reopened,
}

/// Where a delivery stands after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Goes(Delivery),
    Answered(How, usize),
    /// 503.
    Refused,
}

impl Delivery {
    pub(crate) fn begin(body: usize, setting: &Setting) -> Self {
        Self {
            body,
            next: Next::Read {
                slot: setting.place(body),
            },
        }
    }
}
