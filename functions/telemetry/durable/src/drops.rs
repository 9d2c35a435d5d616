//! Notification about spans that were not exported.

use std::fmt;
use std::sync::Arc;

/// Why spans were not exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropReason {
    /// The buffer was full.
    BufferFull,
    /// The request failed, and it is unknown whether the backend took the spans.
    ExportFailed,
    /// The backend did not take the spans.
    Refused,
}

impl DropReason {
    /// A stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BufferFull => "buffer_full",
            Self::ExportFailed => "export_failed",
            Self::Refused => "refused",
        }
    }
}

/// A callback that gets the number of dropped spans and the reason. It is called from whatever task drops them, and must
/// not block. Cheap to clone.
#[derive(Clone)]
pub struct OnDropped(Arc<dyn Fn(usize, DropReason) + Send + Sync>);

impl OnDropped {
    /// Calls `notify` for spans that are dropped.
    pub fn new(notify: impl Fn(usize, DropReason) + Send + Sync + 'static) -> Self {
        Self(Arc::new(notify))
    }

    pub(crate) fn notify(&self, spans: usize, reason: DropReason) {
        if spans > 0 {
            (self.0)(spans, reason);
        }
    }
}

impl fmt::Debug for OnDropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnDropped").finish_non_exhaustive()
    }
}
