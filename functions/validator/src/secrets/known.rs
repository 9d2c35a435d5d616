//! What is known of the two versions of the secret document, since when, and what may be read when.

use std::sync::Arc;

use tokio::time::Instant;
use tracehook_core::secret::{SecretBundle, SecretDocument};

use super::{Live, MAX_AGE, READ_EVERY, REFRESH_AFTER, RETRY_REFRESH_AFTER};

/// The answer to one read.
#[derive(Debug)]
pub(super) enum Answer {
    /// Nothing is known that was not known before.
    Failed,
    /// The version as it is.
    Read { value: Value, version: Option<String> },
}

/// A version of the document.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Usable(Arc<SecretDocument>),
    /// No source can be verified with it.
    Unusable,
    /// The secret has no such version.
    Absent,
}

/// What is known of one version.
#[derive(Debug, Default)]
struct Stage {
    tried_at: Option<Instant>,
    has_failed: bool,
    read: Option<Read>,
    /// True while `read` is what follows from another read, and was not read itself.
    is_guess: bool,
}

/// A read that succeeded.
#[derive(Debug)]
struct Read {
    at: Instant,
    value: Value,
    version: Option<String>,
}

impl Stage {
    /// The value, unless it is too old to trust.
    fn value(&self, now: Instant) -> Option<&Value> {
        let read = self.read.as_ref()?;
        (now.duration_since(read.at) < MAX_AGE).then_some(&read.value)
    }

    fn usable(&self, now: Instant) -> Option<&Arc<SecretDocument>> {
        match self.value(now) {
            Some(Value::Usable(document)) => Some(document),
            _ => None,
        }
    }

    /// True if the value is known as of the last try.
    fn is_certain(&self, now: Instant) -> bool {
        !self.has_failed && !self.is_guess && self.value(now).is_some()
    }

    fn may_read(&self, now: Instant) -> bool {
        self.tried_at.is_none_or(|at| now.duration_since(at) >= READ_EVERY)
    }

    /// True if it has to be read although everything verifies.
    fn is_refresh_due(&self, now: Instant) -> bool {
        let since = |at: Instant| now.duration_since(at);
        let is_old = self.is_guess || self.read.as_ref().is_none_or(|read| since(read.at) >= REFRESH_AFTER);
        let is_left_alone = self.has_failed && self.tried_at.is_some_and(|at| since(at) < RETRY_REFRESH_AFTER);
        is_old && !is_left_alone && self.may_read(now)
    }

    fn set(&mut self, began: Instant, answer: Answer) {
        self.tried_at = Some(began);
        self.has_failed = matches!(answer, Answer::Failed);
        if let Answer::Read { value, version } = answer {
            self.is_guess = false;
            self.read = Some(Read {
                at: began,
                value,
                version,
            });
        }
    }
}

/// What is known of the document.
#[derive(Debug, Default)]
pub(super) struct Known {
    current: Stage,
    previous: Stage,
    /// The secrets of the usable versions; `true` beside those of both.
    bundle: Option<(Arc<SecretBundle>, bool)>,
}

impl Known {
    /// True if the current version has to be read before anything is verified with it.
    pub(super) fn is_current_due(&self, now: Instant) -> bool {
        match self.current.usable(now) {
            Some(_) => self.current.is_refresh_due(now),
            None => self.current.may_read(now),
        }
    }

    /// True if the previous version has to be read before anything is verified with it. It is read first when the current
    /// one verifies a signature not, or after a rotation.
    pub(super) fn is_previous_due(&self, now: Instant) -> bool {
        self.current.usable(now).is_some() && self.previous.read.is_some() && self.previous.is_refresh_due(now)
    }

    pub(super) fn may_read_current(&self, now: Instant) -> bool {
        self.current.may_read(now)
    }

    /// True if the previous version may be another one than is known. It changes with the current version alone, unless an
    /// operator moves its label; that is found at its age. Where the current version cannot be read it is left alone, so
    /// that nobody waits twice.
    pub(super) fn may_read_previous(&self, now: Instant) -> bool {
        let is_known = self.previous.is_certain(now) && !self.previous.is_refresh_due(now);
        self.current.usable(now).is_some() && !self.current.has_failed && !is_known && self.previous.may_read(now)
    }

    /// True if this version is another one than the current one as it is known.
    pub(super) fn is_news(&self, version: Option<&str>) -> bool {
        let known = self.current.read.as_ref().and_then(|read| read.version.as_deref());
        version.is_none() || version != known
    }

    pub(super) fn set_current(&mut self, began: Instant, answer: Answer) {
        self.bundle = None;
        let has_rotated = matches!(&answer, Answer::Read { version, .. } if self.is_news(version.as_deref()));
        if has_rotated && let Some(replaced) = self.current.read.take() {
            // The version before is the one that was current, unless the document was put twice; it may be read at once.
            self.previous = Stage {
                read: Some(replaced),
                is_guess: true,
                ..Stage::default()
            };
        }
        self.current.set(began, answer);
    }

    pub(super) fn set_previous(&mut self, began: Instant, answer: Answer) {
        self.bundle = None;
        self.previous.set(began, answer);
    }

    /// The live secrets; none when the current version is not known or cannot be used.
    pub(super) fn live(&mut self, now: Instant) -> Option<Live> {
        let current = self.current.usable(now)?;
        let previous = self.previous.usable(now);
        let bundle = match &self.bundle {
            Some((bundle, of_both)) if *of_both == previous.is_some() => Arc::clone(bundle),
            _ => Arc::new(SecretBundle::new(current, previous.map(AsRef::as_ref))),
        };
        self.bundle = Some((Arc::clone(&bundle), previous.is_some()));
        let is_complete = self.current.is_certain(now) && self.previous.is_certain(now);
        Some(Live {
            bundle,
            is_complete,
            is_of_both: self.previous.value(now).is_some() && !self.previous.is_guess,
        })
    }
}
