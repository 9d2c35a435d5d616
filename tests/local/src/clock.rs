//! The clock of the service: one lead over the machine's clock, for the host and every function's process.
//!
//! Contract: it is moved forward by `POST /local/clock` only, and outlives the host where the state does, because what is
//! stored has its times. Who runs by it is woken; what measures (timeouts of calls and invocations, budgets, paces, faults)
//! keeps the machine's.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempPath;

use crate::control::not_understood;
use crate::guard::refused;
use tracehook_local_lambda::clock::{self, rfc3339};
use tracehook_local_lambda::{FunctionOptions, Lambda, SandboxState};

/// The variable by which a function's process finds the file.
const VARIABLE: &str = "CLOCK_OFFSET_FILE";

/// The longest move: a year, and the longest timeout of an execution.
const LONGEST_MOVE_SECONDS: u64 = 31_622_400;

/// The most that the clock may be ahead: longer than the longest that a record may be kept.
const LONGEST_LEAD_SECONDS: u64 = 11 * LONGEST_MOVE_SECONDS;

/// The clock of the service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SharedClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: Mutex<File>,
    path: PathBuf,
    /// The file of a service whose state is in memory, removed with it.
    _temporary: Option<TempPath>,
}

/// A clock that was not moved.
#[derive(Debug, thiserror::Error)]
pub enum NotMoved {
    /// The time is no time that it moves by.
    #[error("the clock is moved by 1 to {LONGEST_MOVE_SECONDS} seconds, and by {LONGEST_LEAD_SECONDS} in all")]
    OutOfBounds,
    /// The functions could not be told.
    #[error("the clock's file cannot be written: {0}")]
    Unwritten(#[from] io::Error),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance_seconds: u64,
}

impl SharedClock {
    /// Opens the clock of a state directory, where an earlier host left it, or a new one without a directory.
    ///
    /// # Errors
    /// When its file cannot be opened, or holds no time.
    pub fn open(state: Option<&Path>) -> anyhow::Result<Self> {
        let (path, temporary) = if let Some(directory) = state {
            std::fs::create_dir_all(directory).with_context(|| format!("create {}", directory.display()))?;
            (std::path::absolute(directory.join("clock"))?, None)
        } else {
            let path = tempfile::Builder::new()
                .prefix("tracehook-clock-")
                .tempfile()?
                .into_temp_path();
            (path.to_path_buf(), Some(path))
        };
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("open {}", path.display()))?;
        if file.metadata()?.len() == 0 {
            write(&file, 0)?;
        }
        let mut lead = [0; 8];
        file.read_exact_at(&mut lead, 0)
            .with_context(|| format!("read {}", path.display()))?;
        clock::move_to_lead_ms(i64::try_from(u64::from_le_bytes(lead)).unwrap_or(i64::MAX));
        Ok(Self(Arc::new(Inner {
            file: Mutex::new(file),
            path,
            _temporary: temporary,
        })))
    }

    /// Makes a function's processes follow it.
    pub fn set(&self, function: &mut FunctionOptions) {
        let path = self.0.path.display().to_string();
        function.environment.insert(VARIABLE.to_owned(), path);
    }

    /// Moves it forward.
    ///
    /// # Errors
    /// When the time is out of bounds, or the functions cannot be told. Then nothing has moved.
    pub fn advance(&self, seconds: u64) -> Result<(), NotMoved> {
        // One move at a time.
        let file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        let lead_ms = clock::lead_ms()
            .unsigned_abs()
            .saturating_add(seconds.saturating_mul(1000));
        if !(1..=LONGEST_MOVE_SECONDS).contains(&seconds) || lead_ms > LONGEST_LEAD_SECONDS * 1000 {
            return Err(NotMoved::OutOfBounds);
        }
        // The functions first: what wakes here, and invokes one, finds it at the new time.
        write(&file, lead_ms)?;
        clock::move_to_lead_ms(i64::try_from(lead_ms).unwrap_or(i64::MAX));
        Ok(())
    }

    /// `/local/clock`: the time as JSON, and moves of it.
    pub(crate) fn router(&self, lambda: Lambda) -> Router {
        Router::new()
            .route("/local/clock", get(read).post(advance))
            .with_state((self.clone(), lambda))
    }
}

/// In one write, so that nobody reads half of it.
fn write(file: &File, lead_ms: u64) -> io::Result<()> {
    file.write_all_at(&lead_ms.to_le_bytes(), 0)
}

async fn read(State((_, lambda)): State<(SharedClock, Lambda)>) -> Json<Value> {
    Json(time(&lambda))
}

async fn advance(
    State((clock, lambda)): State<(SharedClock, Lambda)>,
    sent: Result<Json<Move>, JsonRejection>,
) -> Response {
    let moved = match sent {
        Ok(Json(sent)) => clock.advance(sent.advance_seconds),
        Err(problem) => return not_understood(&problem),
    };
    match moved {
        Ok(()) => Json(time(&lambda)).into_response(),
        Err(problem) => {
            let status = match problem {
                NotMoved::OutOfBounds => StatusCode::BAD_REQUEST,
                NotMoved::Unwritten(_) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            refused(status, "clock_not_moved", &problem.to_string())
        }
    }
}

/// The time, and what goes on at it: executions that do something and functions that are invoked, and when the next of the
/// executions that wait goes on.
fn time(lambda: &Lambda) -> Value {
    let timers = lambda.timers();
    let sandboxes = lambda.sandboxes();
    let busy = sandboxes.iter().filter(|sandbox| sandbox.state == SandboxState::Busy);
    json!({
        "now": rfc3339(clock::true_ms()),
        "ahead_seconds": clock::lead_ms() / 1000,
        "at_work": timers.at_work,
        "busy": busy.count(),
        "next_timer": timers.next_ms.map(rfc3339),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_bounded_told_to_the_functions_and_outlives_the_host() {
        let directory = tempfile::tempdir().unwrap();
        let clock = SharedClock::open(Some(directory.path())).unwrap();
        for seconds in [0, LONGEST_MOVE_SECONDS + 1, u64::MAX] {
            assert!(
                matches!(clock.advance(seconds), Err(NotMoved::OutOfBounds)),
                "{seconds}"
            );
        }
        let before = clock::lead_ms();
        clock.advance(3).unwrap();
        assert_eq!(clock::lead_ms(), before + 3000);
        let mut function = FunctionOptions::new("f", "f");
        clock.set(&mut function);
        let told = std::fs::read(&function.environment[VARIABLE]).unwrap();
        assert_eq!(told, (before + 3000).to_le_bytes());

        drop(clock);
        let clock = SharedClock::open(Some(directory.path())).unwrap();
        assert_eq!(clock::lead_ms(), before + 3000);
        for _ in 0..10 {
            clock.advance(LONGEST_MOVE_SECONDS).unwrap();
        }
        assert!(matches!(
            clock.advance(LONGEST_MOVE_SECONDS),
            Err(NotMoved::OutOfBounds)
        ));
        std::fs::write(directory.path().join("clock"), "half").unwrap();
        assert!(SharedClock::open(Some(directory.path())).is_err());
    }

    #[test]
    fn a_clock_in_memory_leaves_nothing_behind() {
        let clock = SharedClock::open(None).unwrap();
        let path = clock.0.path.clone();
        assert!(path.is_file());
        drop(clock);
        assert!(!path.exists());
    }
}
