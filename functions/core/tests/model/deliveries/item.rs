//! The items of a webhook in the table.

use tracehook_core::Status;

/// How long ago an attempt was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Age {
    /// Less than a minute.
    Fresh,
    /// A minute or longer.
    Minute,
    /// Longer than an execution may take, and a day: the payload may have expired.
    Late,
    /// As long as a record is kept: it counts as gone, whether the table has deleted it or not.
    Expired,
}

/// A record, as far as deliveries change it. `processing` stands for every attempt that runs, `failed` for every bad end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) status: Status,
    pub(crate) attempt: u32,
    pub(crate) redeliveries: u32,
    pub(crate) body: usize,
    pub(crate) age: Age,
}

impl State {
    pub(crate) const fn received(body: usize) -> Self {
        Self {
            status: Status::Received,
            attempt: 1,
            redeliveries: 0,
            body,
            age: Age::Fresh,
        }
    }
}

/// A payload in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Payload {
    Absent,
    /// Its time is over, and the table has not deleted it yet.
    Expired,
    /// It is there, and not as long as an attempt that begins now may need it.
    Short,
    Long,
}

impl Payload {
    /// True if an execution finds it. The table may delete one that has expired at any time.
    pub(crate) const fn is_there(self) -> bool {
        matches!(self, Self::Short | Self::Long)
    }
}

/// The items of one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    pub(crate) state: Option<State>,
    /// By body.
    pub(crate) payloads: [Payload; 2],
}

impl Slot {
    pub(crate) const EMPTY: Self = Self {
        state: None,
        payloads: [Payload::Absent; 2],
    };
}
