//! Work that goes on after an answer was posted.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;

/// Tasks that were begun for an event and may end after its answer. Lambda keeps the sandbox awake until the runtime asks for
/// the next event, which waits for them. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct AfterAnswer(Arc<Mutex<Vec<JoinHandle<()>>>>);

impl AfterAnswer {
    /// The next event waits for this task.
    pub fn wait_for(&self, task: JoinHandle<()>) {
        self.tasks().push(task);
    }

    /// Waits for every task.
    #[must_use]
    pub fn all(&self) -> Pin<Box<dyn Future<Output = ()>>> {
        let tasks = std::mem::take(&mut *self.tasks());
        Box::pin(async move {
            for task in tasks {
                // A task that panicked has told so in the log, as every panic does.
                let _ = task.await;
            }
        })
    }

    fn tasks(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
