//! Changes that the service makes by itself: waits that end and retries that come due.

use std::sync::Arc;

use crate::{Details, Event, Execution, OperationStatus};

impl Execution {
    /// When the next wait or retry comes due.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<i64> {
        self.operations().filter_map(|operation| operation.due_ms()).min()
    }

    /// Completes everything that is due and returns whether that was anything.
    pub fn complete_due(&mut self, now_ms: i64) -> bool {
        let due: Vec<_> = self
            .operations()
            .filter(|operation| operation.due_ms().is_some_and(|due| due <= now_ms))
            .map(Arc::clone)
            .collect();
        for found in &due {
            let mut operation = (**found).clone();
            match &mut operation.details {
                Details::Step { next_attempt_ms, .. } => {
                    *next_attempt_ms = None;
                    operation.status = OperationStatus::Ready;
                }
                Details::Wait { scheduled_end_ms } => {
                    let seconds = (*scheduled_end_ms - operation.start_ms) / 1000;
                    operation.status = OperationStatus::Succeeded;
                    operation.end_ms = Some(now_ms);
                    self.record(Event::wait_succeeded(&operation, seconds, now_ms));
                }
                Details::Execution { .. } | Details::Context { .. } => continue,
            }
            self.note_updated(&operation.id);
            self.put(operation);
        }
        !due.is_empty()
    }
}
