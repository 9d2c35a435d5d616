//! The host of real function binaries: child processes that speak the Lambda Runtime API.
//!
//! Contract: at most `max_sandboxes` processes per function, one event at a time each; events are handed out in the
//! order of their arrival, to the sandbox that was used last; a process that exits or outlives its timeout fails the
//! event it has, at once, and never blocks another one.

mod credentials;
mod environment;
mod orphans;
mod peer;
mod pool;
mod process;
mod reply;
mod runtime_api;
mod sandbox;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::{broadcast, oneshot};
use tokio::task::JoinSet;

use super::{FunctionOptions, Invoked, LogLine, LogStream, OnFailure, SandboxInfo};
use credentials::Credentials;
use pool::{Pool, Submitted};
use reply::Reply;
use sandbox::Sandbox;

/// The error types of what the host itself ends.
pub(crate) const TIMED_OUT: &str = "Sandbox.Timedout";
pub(crate) const EXITED: &str = "Runtime.ExitError";

/// An event for a function.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    /// With the qualifier as invoked.
    pub(crate) function_arn: String,
    pub(crate) trace: String,
    /// Plain JSON.
    pub(crate) client_context: Option<String>,
    /// When it was accepted, epoch milliseconds, if nobody waits for it.
    pub(crate) accepted_ms: Option<i64>,
}

/// The outcome of an event.
#[derive(Clone, Debug)]
pub(crate) enum TaskOutcome {
    Answer(Bytes),
    /// The function reported an error, or broke the Runtime API's rules.
    Error {
        kind: String,
        body: Bytes,
    },
    /// The process ended without an answer.
    Exited {
        message: String,
    },
    /// The process was killed at the function's timeout.
    TimedOut {
        message: String,
    },
}

impl TaskOutcome {
    /// The error type and the JSON error that a caller sees; nothing for an answer.
    pub(crate) fn error(&self) -> Option<(String, Bytes)> {
        let (kind, message) = match self {
            Self::Answer(_) => return None,
            Self::Error { kind, body } => return Some((kind.clone(), body.clone())),
            Self::Exited { message } => (EXITED, message),
            Self::TimedOut { message } => (TIMED_OUT, message),
        };
        let body = json!({ "errorType": kind, "errorMessage": message }).to_string();
        Some((kind.to_owned(), body.into()))
    }

    /// The message of the error; empty for an answer.
    pub(crate) fn error_message(&self) -> String {
        let (_, body) = self.error().unwrap_or_default();
        let error: Value = serde_json::from_slice(&body).unwrap_or_default();
        error
            .get("errorMessage")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

/// The settings that all sandboxes share.
#[derive(Debug)]
struct Setup {
    region: String,
    line_patience: Duration,
    state_directory: Option<PathBuf>,
}

/// A function and its processes.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) options: FunctionOptions,
    /// The environment of the processes that are started from now on.
    environment: Mutex<BTreeMap<String, String>>,
    pool: Mutex<Pool>,
}

/// The host. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Host(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    setup: Setup,
    functions: HashMap<String, Arc<Function>>,
    logs: broadcast::Sender<LogLine>,
    invoked: broadcast::Sender<Invoked>,
    given: Credentials,
    stopping: AtomicBool,
    sandbox_tasks: Mutex<JoinSet<()>>,
}

impl Host {
    /// A host with no process yet. Ends what an earlier host on the same state directory left running.
    pub(crate) fn new(
        region: &str,
        functions: Vec<FunctionOptions>,
        line_patience: Duration,
        state_directory: Option<&Path>,
        logs: broadcast::Sender<LogLine>,
    ) -> anyhow::Result<Self> {
        let mut by_name = HashMap::new();
        for mut options in functions {
            options.binary = std::path::absolute(&options.binary)?;
            let name = options.name.clone();
            if options.durable.is_some() && options.on_failure == OnFailure::Destination {
                anyhow::bail!("{name}: a durable function supports no destination, only a dead-letter queue");
            }
            let function = Arc::new(Function {
                environment: Mutex::new(options.environment.clone()),
                options,
                pool: Mutex::new(Pool::default()),
            });
            if by_name.insert(name.clone(), function).is_some() {
                anyhow::bail!("the function {name} is configured twice");
            }
        }
        let state_directory = state_directory.map(std::path::absolute).transpose()?;
        if let Some(directory) = &state_directory {
            let binaries: Vec<&Path> = by_name
                .values()
                .map(|function| function.options.binary.as_path())
                .collect();
            orphans::kill(directory, &binaries)?;
        }
        let setup = Setup {
            region: region.to_owned(),
            line_patience,
            state_directory,
        };
        Ok(Self(Arc::new(Inner {
            setup,
            functions: by_name,
            logs,
            // Nobody who follows them is that slow.
            invoked: broadcast::Sender::new(4096),
            given: Credentials::default(),
            stopping: AtomicBool::new(false),
            sandbox_tasks: Mutex::new(JoinSet::new()),
        })))
    }

    pub(crate) fn function(&self, name: &str) -> Option<&Arc<Function>> {
        self.0.functions.get(name)
    }

    /// Gives a function another environment. Events that processes have now are answered by these; every later one by processes
    /// with the new environment.
    pub(crate) fn configure(&self, function: &Arc<Function>, environment: BTreeMap<String, String>) {
        *lock(&function.environment) = environment;
        let idle = lock(&function.pool).retire();
        for sandbox in idle {
            sandbox.stop.notify_one();
        }
        self.spawn_as_needed(function);
    }

    /// Puts an event in line. None when the function takes no events at all.
    pub(crate) fn submit(&self, function: &Arc<Function>, task: Task) -> Option<oneshot::Receiver<TaskOutcome>> {
        if self.0.stopping.load(Ordering::Acquire) {
            return None;
        }
        let name = &function.options.name;
        if function.options.max_sandboxes == 0 {
            self.throttled(name);
            return None;
        }
        let (reply, outcome) = oneshot::channel();
        let reply = Reply::new(reply, name, self.0.invoked.clone(), task.accepted_ms);
        if lock(&function.pool).submit(task, reply) == Submitted::Waiting {
            self.spawn_as_needed(function);
        }
        Some(outcome)
    }

    /// Invokes a function and waits for the end; none when it is throttled.
    pub(crate) async fn invoke(&self, function: &Arc<Function>, task: Task) -> Option<TaskOutcome> {
        let request_id = task.request_id.clone();
        let mut outcome = self.submit(function, task)?;
        loop {
            match tokio::time::timeout(self.0.setup.line_patience, &mut outcome).await {
                Ok(outcome) => return outcome.ok(),
                Err(_) if lock(&function.pool).withdraw(&request_id) => {
                    self.throttled(&function.options.name);
                    return None;
                }
                Err(_) if lock(&function.pool).is_waiting(&request_id) => {}
                Err(_) => return outcome.await.ok(),
            }
        }
    }

    /// Kills the sandbox with that identity.
    pub(crate) fn kill(&self, access_key_id: &str) -> bool {
        self.all_sandboxes()
            .iter()
            .any(|sandbox| sandbox.access_key_id == access_key_id && sandbox.kill())
    }

    /// The function that was given these credentials.
    pub(crate) fn function_of(&self, access_key_id: &str, session_token: &str) -> Option<String> {
        self.0.given.function_of(access_key_id, session_token)
    }

    pub(crate) fn sandboxes(&self) -> Vec<SandboxInfo> {
        self.all_sandboxes().iter().map(|sandbox| sandbox.info()).collect()
    }

    /// Ends every process: by SIGTERM when it has registered for that, else by SIGKILL.
    pub(crate) async fn shutdown(&self) {
        let mut tasks = self.give_up();
        while tasks.join_next().await.is_some() {}
    }

    /// Asks every process to end and spawns no more. Returns the tasks that end when the processes have.
    pub(crate) fn give_up(&self) -> JoinSet<()> {
        let mut tasks = lock(&self.0.sandbox_tasks);
        // Under the lock that spawning takes, so that no process is spawned behind the back of what follows.
        self.0.stopping.store(true, Ordering::Release);
        for sandbox in self.all_sandboxes() {
            sandbox.stop.notify_one();
        }
        std::mem::take(&mut tasks)
    }

    /// Every invocation that ends from now on.
    pub(crate) fn invoked(&self) -> broadcast::Receiver<Invoked> {
        self.0.invoked.subscribe()
    }

    /// An asynchronous event of a function was given up.
    pub(crate) fn dropped(&self, function: &str) {
        let function = function.to_owned();
        let _ = self.0.invoked.send(Invoked::Dropped { function });
    }

    /// A start has left the queue.
    pub(crate) fn taken_from_queue(&self, function: &str, received_ms: i64) {
        let waited_ms = crate::clock::now_ms().saturating_sub(received_ms);
        let _ = self.0.invoked.send(Invoked::TakenFromQueue {
            function: function.to_owned(),
            waited: Duration::from_millis(u64::try_from(waited_ms).unwrap_or_default()),
        });
    }

    fn throttled(&self, function: &str) {
        let function = function.to_owned();
        let _ = self.0.invoked.send(Invoked::Throttled { function });
    }

    pub(crate) fn log(&self, function: &str, line: impl Into<String>) {
        self.log_line(function, LogStream::Platform, line.into());
    }

    fn log_line(&self, function: &str, stream: LogStream, line: String) {
        // An error means that nobody listens.
        let _ = self.0.logs.send(LogLine {
            function: function.to_owned(),
            stream,
            line,
        });
    }

    fn all_sandboxes(&self) -> Vec<Arc<Sandbox>> {
        self.0
            .functions
            .values()
            .flat_map(|function| lock(&function.pool).sandboxes())
            .collect()
    }

    /// One process for each event in line that no starting process will take, as far as the limit goes.
    fn spawn_as_needed(&self, function: &Arc<Function>) {
        let mut tasks = lock(&self.0.sandbox_tasks);
        while tasks.try_join_next().is_some() {}
        while !self.0.stopping.load(Ordering::Acquire) {
            let Some(sandbox) = lock(&function.pool).reserve(&function.options) else {
                return;
            };
            self.0.given.remember(&function.options.name, &sandbox);
            tasks.spawn(process::run(self.clone(), Arc::clone(function), sandbox));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
