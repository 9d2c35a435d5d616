//! A sandbox: the state of one process of a function.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::reply::Reply;
use super::{TaskOutcome, lock, orphans};
use crate::{SandboxInfo, SandboxState, clock, names};

/// Lambda's limit of the time before the first event (10 s); the function's timeout if that is longer.
pub(super) const INIT_LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct Current {
    request_id: String,
    reply: Reply,
}

#[derive(Debug, Default)]
struct Turn {
    /// The event the process has not answered.
    current: Option<Current>,
    /// Set from the handing out of an event until the process asks for the next one.
    deadline: Option<Instant>,
    /// When the owner's timer rings; it then looks at the deadline again.
    armed: Option<Instant>,
    asked: bool,
}

#[derive(Debug)]
pub(crate) struct Sandbox {
    function: String,
    pub(super) access_key_id: String,
    /// A secret with which its requests to AWS come.
    pub(super) session_token: String,
    /// In the form of a `CloudWatch` log stream.
    pub(super) log_stream: String,
    pub(super) stop: Notify,
    /// True when the process registered an extension, by which it asks for SIGTERM.
    pub(super) graceful: AtomicBool,
    /// True when the function has another environment by now: it gets no further event.
    pub(super) retired: AtomicBool,
    timeout: Duration,
    spawned: Instant,
    started_at: SystemTime,
    pub(super) pid: AtomicU32,
    init_us: AtomicU64,
    invocations: AtomicU64,
    turn: Mutex<Turn>,
    pub(super) rearm: Notify,
}

impl Sandbox {
    pub(super) fn new(function: &str, timeout: Duration) -> Self {
        let day: String = clock::rfc3339(clock::now_ms()).chars().take(10).collect();
        let spawned = Instant::now();
        let turn = Turn {
            deadline: Some(spawned + timeout.max(INIT_LIMIT)),
            ..Turn::default()
        };
        Self {
            function: function.to_owned(),
            access_key_id: names::access_key_id(),
            session_token: names::hex_digits(32),
            log_stream: format!(
                "{}/[{}]{}",
                day.replace('-', "/"),
                names::VERSION,
                names::hex_digits(32)
            ),
            stop: Notify::new(),
            graceful: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            timeout,
            spawned,
            started_at: SystemTime::now(),
            pid: AtomicU32::new(0),
            init_us: AtomicU64::new(0),
            invocations: AtomicU64::new(0),
            turn: Mutex::new(turn),
            rearm: Notify::new(),
        }
    }

    /// The process asks for an event; returns whether this was the first time.
    pub(super) fn ask(&self) -> bool {
        let mut turn = lock(&self.turn);
        turn.deadline = None;
        if let Some(current) = turn.current.take() {
            let message = format!(
                "RequestId: {} Error: Runtime asked for an event without an answer",
                current.request_id
            );
            current.reply.send(TaskOutcome::Exited { message });
        }
        let first = !turn.asked;
        turn.asked = true;
        if first {
            let micros = u64::try_from(self.spawned.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.init_us.store(micros.max(1), Ordering::Relaxed);
        }
        first
    }

    /// The process is handed an event: its time starts.
    pub(super) fn begin(&self, request_id: &str, mut reply: Reply) {
        reply.begin();
        self.invocations.fetch_add(1, Ordering::Relaxed);
        let mut turn = lock(&self.turn);
        turn.current = Some(Current {
            request_id: request_id.to_owned(),
            reply,
        });
        let deadline = Instant::now() + self.timeout;
        turn.deadline = Some(deadline);
        if turn.armed.is_none_or(|armed| armed > deadline) {
            self.rearm.notify_one();
        }
    }

    /// The process answers; false unless it has that event.
    pub(super) fn answer(&self, request_id: &str, outcome: TaskOutcome) -> bool {
        let mut turn = lock(&self.turn);
        match turn.current.take_if(|current| current.request_id == request_id) {
            Some(current) => {
                current.reply.send(outcome);
                true
            }
            None => false,
        }
    }

    /// Takes the unanswered event from the process.
    pub(super) fn take_reply(&self) -> Option<(String, Reply)> {
        let mut turn = lock(&self.turn);
        turn.deadline = None;
        turn.current.take().map(|current| (current.request_id, current.reply))
    }

    /// The owner sets its timer.
    pub(super) fn arm(&self) -> Option<Instant> {
        let mut turn = lock(&self.turn);
        turn.armed = turn.deadline;
        turn.armed
    }

    pub(super) fn is_starting(&self) -> bool {
        !lock(&self.turn).asked
    }

    /// When the process will be killed unless it asks for the next event, in epoch milliseconds.
    pub(super) fn deadline_ms(&self) -> i64 {
        let left = lock(&self.turn).deadline.map_or(self.timeout, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        });
        clock::now_ms().saturating_add(i64::try_from(left.as_millis()).unwrap_or(i64::MAX))
    }

    /// SIGKILL; false when there is no process.
    pub(super) fn kill(&self) -> bool {
        self.signal(rustix::process::Signal::KILL)
    }

    pub(super) fn signal(&self, signal: rustix::process::Signal) -> bool {
        orphans::process(self.pid.load(Ordering::Acquire))
            .is_some_and(|process| rustix::process::kill_process(process, signal).is_ok())
    }

    pub(super) fn info(&self) -> SandboxInfo {
        let turn = lock(&self.turn);
        let state = match (turn.asked, turn.deadline) {
            (false, _) => SandboxState::Starting,
            (true, None) => SandboxState::Idle,
            (true, Some(_)) => SandboxState::Busy,
        };
        SandboxInfo {
            function: self.function.clone(),
            pid: self.pid.load(Ordering::Acquire),
            access_key_id: self.access_key_id.clone(),
            state,
            invocations: self.invocations.load(Ordering::Relaxed),
            started_at: self.started_at,
            init_us: Some(self.init_us.load(Ordering::Relaxed)).filter(|micros| *micros > 0),
        }
    }
}
