//! Deliveries whose identity was used with another body.

/// What is done with a delivery whose identity was used with another body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// It is a duplicate: the first stays. Producers count their tries in the body.
    Duplicate,
    /// It is a webhook of its own: better twice than lost.
    Accept,
}

impl OnConflict {
    /// The names in a configuration.
    pub(crate) const NAMES: [(&'static str, Self); 2] = [("duplicate", Self::Duplicate), ("accept", Self::Accept)];
}

/// What a delivery becomes whose identity was used with another body; `A` is the webhook of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict<A> {
    /// The webhook that came before, sent again: the signature covers the identity, so the producer says so.
    Repeats,
    /// Nothing: the first stays, and nothing of the delivery is used. Who can choose the identity does not choose what is
    /// processed under it.
    Ignored,
    /// A webhook of its own.
    Apart(A),
}
