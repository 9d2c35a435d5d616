//! The run that an invocation has begun, for what is left to do when the SDK has ended it.

use std::sync::{Arc, OnceLock};

use super::Run;

tokio::task_local! {
    static RUNNING: Running;
}

/// The run of an invocation, once it has begun. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running(Arc<OnceLock<Arc<Run>>>);

impl Running {
    /// Runs an invocation, whose run is noted here.
    pub(crate) async fn scope<T>(&self, work: impl Future<Output = T>) -> T {
        RUNNING.scope(self.clone(), work).await
    }

    /// Notes the run of the running invocation.
    pub(crate) fn note(run: &Arc<Run>) {
        let _ = RUNNING.try_with(|running| running.0.set(Arc::clone(run)));
    }

    /// The run, if it has begun.
    pub(crate) fn run(&self) -> Option<&Run> {
        self.0.get().map(AsRef::as_ref)
    }
}
