//! One process of a function, from spawn to exit.
//!
//! Contract: one task owns the child. It ends the child at the deadline, on request and with the host, hears of its
//! exit at once, and then fails whatever the process still had.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::reply::Reply;
use super::{Function, Host, TaskOutcome, environment, lock, orphans, runtime_api};
use crate::{LogStream, SandboxInfo, SandboxState, clock, names};

/// What Lambda allows for the time before the first event (10 s), or the function's timeout if that is longer.
const INIT_LIMIT: Duration = Duration::from_secs(10);
/// What a process gets between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

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
    /// In the form of a CloudWatch log stream.
    pub(super) log_stream: String,
    pub(super) stop: Notify,
    /// Whether the process registered an extension, which is how it asks for SIGTERM.
    pub(super) graceful: AtomicBool,
    timeout: Duration,
    spawned: Instant,
    started_at: SystemTime,
    pid: AtomicU32,
    init_us: AtomicU64,
    invocations: AtomicU64,
    turn: Mutex<Turn>,
    rearm: Notify,
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
            log_stream: format!(
                "{}/[{}]{}",
                day.replace('-', "/"),
                names::VERSION,
                names::hex_digits(32)
            ),
            stop: Notify::new(),
            graceful: AtomicBool::new(false),
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
    fn arm(&self) -> Option<Instant> {
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

    fn signal(&self, signal: rustix::process::Signal) -> bool {
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

/// Why a sandbox ended.
enum End {
    NotStarted(std::io::Error),
    TimedOut,
    Stopped,
    Exited(ExitStatus),
}

/// The life of a sandbox.
pub(super) async fn live(host: Host, function: Arc<Function>, sandbox: Arc<Sandbox>) {
    let end = match start(&host, &function, &sandbox).await {
        Ok((mut child, api)) => {
            let end = attend(&host, &function, &sandbox, &mut child).await;
            let pid = sandbox.pid.swap(0, Ordering::AcqRel);
            if let Some(directory) = &host.0.setup.state_directory {
                orphans::forget(directory, pid);
            }
            api.abort();
            end
        }
        Err(error) => End::NotStarted(error),
    };
    bury(&host, &function, &sandbox, &end);
    host.spawn_as_needed(&function);
}

async fn start(
    host: &Host,
    function: &Arc<Function>,
    sandbox: &Arc<Sandbox>,
) -> std::io::Result<(Child, tokio::task::JoinHandle<()>)> {
    // A listener of its own tells the sandbox apart, with nothing in its address that AWS would not put there.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let options = &function.options;
    let mut command = Command::new(&options.binary);
    command
        .env_clear()
        .envs(environment::of(&host.0.setup, options, sandbox, listener.local_addr()?))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A Ctrl-C in the terminal is for the host, which then ends its children in order.
        .process_group(0)
        .kill_on_drop(true);
    if let Some(directory) = options.binary.parent() {
        command.current_dir(directory);
    }
    let mut child = command.spawn()?;
    let pid = child.id().unwrap_or_default();
    sandbox.pid.store(pid, Ordering::Release);
    if let Some(directory) = &host.0.setup.state_directory {
        orphans::remember(directory, pid);
    }
    pump(host, &options.name, LogStream::Stdout, child.stdout.take());
    pump(host, &options.name, LogStream::Stderr, child.stderr.take());
    let api = tokio::spawn(runtime_api::serve(
        listener,
        host.clone(),
        Arc::clone(function),
        Arc::clone(sandbox),
    ));
    Ok((child, api))
}

/// Watches the process until it has ended.
async fn attend(host: &Host, function: &Arc<Function>, sandbox: &Arc<Sandbox>, child: &mut Child) -> End {
    let mut armed = sandbox.arm();
    loop {
        tokio::select! {
            status = child.wait() => return status.map_or_else(End::NotStarted, End::Exited),
            () = sleep_until(armed) => {
                armed = sandbox.arm();
                if armed.is_some_and(|deadline| deadline <= Instant::now()) {
                    // Killed first, so that never more than the allowed number can run; given up before its end is
                    // known, so that the caller and the next event need not wait for that.
                    let _ = child.start_kill();
                    bury(host, function, sandbox, &End::TimedOut);
                    host.spawn_as_needed(function);
                    let _ = child.wait().await;
                    return End::TimedOut;
                }
            }
            () = sandbox.rearm.notified() => armed = sandbox.arm(),
            () = sandbox.stop.notified() => {
                if sandbox.graceful.load(Ordering::Acquire) {
                    sandbox.signal(rustix::process::Signal::TERM);
                    let _ = tokio::time::timeout(GRACE, child.wait()).await;
                }
                let _ = child.kill().await;
                return End::Stopped;
            }
        }
    }
}

/// Takes the sandbox out of service and fails what it had. Only the first call does anything.
fn bury(host: &Host, function: &Arc<Function>, sandbox: &Arc<Sandbox>, end: &End) {
    let mut pool = lock(&function.pool);
    if !pool.remove(sandbox) {
        return;
    }
    let starting = sandbox.is_starting();
    let owed = match sandbox.take_reply() {
        Some(owed) => Some(owed),
        // One failed start costs one event, so a function that cannot start does not spin.
        None if starting && !matches!(end, End::Stopped) => {
            pool.take_first().map(|(task, reply)| (task.request_id, reply))
        }
        None => None,
    };
    drop(pool);
    if matches!(end, End::Stopped) {
        return;
    }
    let request_id = owed.as_ref().map_or("-", |(request_id, _)| request_id.as_str());
    let outcome = outcome(end, request_id, starting, function);
    if let TaskOutcome::Exited { message } | TaskOutcome::TimedOut { message } = &outcome {
        host.log(&function.options.name, message);
    }
    if let Some((_, reply)) = owed {
        reply.send(outcome);
    }
}

fn outcome(end: &End, request_id: &str, starting: bool, function: &Function) -> TaskOutcome {
    let when = if starting { " before it asked for an event" } else { "" };
    match end {
        End::TimedOut => {
            let seconds = if starting {
                function.options.timeout.max(INIT_LIMIT).as_secs_f64()
            } else {
                function.options.timeout.as_secs_f64()
            };
            TaskOutcome::TimedOut {
                message: format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds{when}"),
            }
        }
        End::NotStarted(error) => TaskOutcome::Exited {
            message: format!(
                "RequestId: {request_id} Error: {} could not be started: {error}",
                function.options.binary.display()
            ),
        },
        End::Stopped => TaskOutcome::Exited {
            message: format!("RequestId: {request_id} Error: the host is stopping"),
        },
        End::Exited(status) => {
            let how = match (status.code(), status.signal()) {
                (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
                (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
                (None, Some(signal)) => format!("Runtime exited with error: signal: {signal}"),
                (None, None) => "Runtime exited".to_owned(),
            };
            TaskOutcome::Exited {
                message: format!("RequestId: {request_id} Error: {how}{when}"),
            }
        }
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn pump(host: &Host, function: &str, stream: LogStream, pipe: Option<impl AsyncRead + Unpin + Send + 'static>) {
    let Some(pipe) = pipe else { return };
    let (host, function) = (host.clone(), function.to_owned());
    tokio::spawn(async move {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        // Bytes, not text: one bad character must not end the log.
        while reader.read_until(b'\n', &mut line).await.is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            host.log_line(&function, stream, text.trim_end_matches(['\n', '\r']).to_owned());
            line.clear();
        }
    });
}
