//! AWS Lambda on one machine, for unmodified binaries: the host of their processes, Invoke, durable executions.
//!
//! Contract: what was accepted (202, a checkpoint, a start, a stop) is stored before it is answered and goes on after
//! [`Lambda::resume`]; nothing polls, so an idle host costs nothing.

mod api;
mod api_error;
mod asynchronous;
mod background_tasks;
pub mod clock;
mod dead_letters;
mod driver;
mod event;
mod executions;
pub mod faults;
mod host;
mod invoke;
pub mod loopback;
pub mod names;
mod options;
mod queue;
mod starts;
mod store;
mod throttle;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use tokio::sync::{broadcast, watch};

use crate::faults::Faults;
use api_error::ApiError;
use background_tasks::BackgroundTasks;
use dead_letters::DeadLetterQueue;
use driver::Driver;
use executions::Executions;
use host::Host;
use queue::Queue;
use store::{ListFilter, QueuedEvent, Store};

pub use event::{
    ExecutionHistory, ExecutionSummary, InvokeOutcome, Invoked, LogLine, LogStream, SandboxInfo, SandboxState,
    StatusEvent, Timers,
};
pub use options::{
    AsyncRetry, DriverOptions, DurableOptions, FunctionOptions, LambdaOptions, OnFailure, STARTS_PER_SECOND, State,
};
pub use store::DeadLetter;
pub use throttle::Throttle;

/// The interval at which closed executions whose retention has ended are deleted.
const SWEEP_EVERY: Duration = Duration::from_hours(1);

/// The local Lambda. Cheap to clone; lives until [`Lambda::shutdown`], or until the last clone and router are dropped.
#[derive(Clone, Debug)]
pub struct Lambda(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    region: String,
    account_id: String,
    host: Host,
    executions: Arc<Executions>,
    driver: Driver,
    queue: Queue,
    /// The account's quota of new durable executions.
    start_quota: Throttle,
    tasks: BackgroundTasks,
    logs: broadcast::Sender<LogLine>,
    faults: Faults,
    /// Queued events of an earlier host, until they are taken up.
    left_events: Mutex<Vec<QueuedEvent>>,
    stopping: watch::Sender<bool>,
}

impl Lambda {
    /// Opens the state. No process is spawned yet, and nothing unfinished goes on before [`Lambda::resume`].
    ///
    /// Each sandbox later gets a Runtime API on a loopback port of its own.
    ///
    /// # Errors
    /// When the state cannot be opened, another host has it open, or a function is configured twice or as Lambda does not
    /// allow it.
    pub async fn start(options: LambdaOptions) -> anyhow::Result<Self> {
        let directory = match &options.state {
            State::Directory(directory) => {
                std::fs::create_dir_all(directory).with_context(|| format!("create {}", directory.display()))?;
                Some(directory.as_path())
            }
            State::Memory => None,
        };
        // Not on a worker of the runtime: opening waits for another host that is just closing, which may need the worker.
        let opened = directory.map(std::path::Path::to_owned);
        let store = tokio::task::spawn_blocking(move || Store::open(opened.as_deref())).await??;
        let store = Arc::new(store);
        store.sweep(clock::now_ms()).await?;
        let left_events = Mutex::new(store.queued_events().await?);
        let logs = broadcast::Sender::new(4096);
        let dead_letters = DeadLetterQueue::new(Arc::clone(&store), &options.functions);
        let host = Host::new(
            &options.region,
            options.functions,
            options.line_patience,
            directory,
            logs.clone(),
        )?;
        let executions = Arc::new(Executions::new(Arc::clone(&store), dead_letters.clone()));
        let driver = Driver {
            executions: Arc::clone(&executions),
            host: host.clone(),
            policy: options.driver,
            throttle_delay: options.async_retry.throttle_delay,
            faults: options.faults.clone(),
        };
        let queue = Queue {
            dead_letters,
            store,
            host: host.clone(),
            retry: options.async_retry,
            region: options.region.clone(),
            account_id: options.account_id.clone(),
        };
        Ok(Self(Arc::new(Inner {
            region: options.region,
            account_id: options.account_id,
            host,
            executions,
            driver,
            queue,
            start_quota: Throttle::new(f64::from(options.starts_per_second), options.starts_per_second),
            tasks: BackgroundTasks::new(),
            logs,
            faults: options.faults,
            left_events,
            stopping: watch::Sender::new(false),
        })))
    }

    /// Continues what is unfinished: executions, timers, queued events. Call it once, when the functions can reach AWS.
    pub fn resume(&self) {
        let lambda = Arc::clone(&self.0);
        self.0.tasks.spawn(async move {
            if let Err(error) = lambda.resume_unfinished().await {
                lambda
                    .host
                    .log("", format!("unfinished work could not be read: {error}"));
            }
        });
        let store = Arc::clone(&self.0.executions.store);
        self.0.tasks.spawn(async move {
            loop {
                clock::sleep(SWEEP_EVERY).await;
                // A sweep that fails is made up for by the next one.
                let _ = store.sweep(clock::now_ms()).await;
            }
        });
    }

    /// The Lambda API: all paths under `/2015-03-31/` and `/2025-12-01/`, to be served by the caller's listener.
    pub fn router(&self) -> Router {
        api::router(Arc::clone(&self.0))
    }

    /// Invokes a function and waits: for its answer, or for the end of its execution when it is durable. `function` is
    /// a name with or without a qualifier, or an ARN; `trace_header` an `X-Amzn-Trace-Id`.
    pub async fn invoke(&self, function: &str, payload: Bytes, trace_header: Option<String>) -> InvokeOutcome {
        let Ok(target) = self.0.target(function, None) else {
            return InvokeOutcome::Unknown;
        };
        let call = invoke::Call::of(payload, trace_header);
        match self.0.call(&target, call).await {
            Ok(reply) => match reply.error_kind {
                None => InvokeOutcome::Answer(reply.body),
                Some(kind) if kind == host::TIMED_OUT => InvokeOutcome::TimedOut,
                Some(kind) => InvokeOutcome::FunctionError { kind, body: reply.body },
            },
            Err(ApiError { status: 429, .. }) => InvokeOutcome::Throttled,
            Err(error) => {
                let body = serde_json::json!({ "errorType": error.code, "errorMessage": error.to_string() });
                InvokeOutcome::FunctionError {
                    kind: error.code.to_owned(),
                    body: body.to_string().into(),
                }
            }
        }
    }

    /// Invokes a function asynchronously. True when the event is stored and will be worked off.
    pub async fn send(&self, function: &str, payload: Bytes) -> bool {
        let Ok(target) = self.0.target(function, None) else {
            return false;
        };
        let call = invoke::Call::of(payload, None);
        let lambda = Arc::clone(&self.0);
        let stored = tokio::spawn(async move { lambda.enqueue(target, call).await }).await;
        matches!(stored, Ok(Ok(_)))
    }

    /// Kills the sandbox of that identity with SIGKILL before it returns; false when there is none.
    #[must_use]
    pub fn kill_sandbox(&self, access_key_id: &str) -> bool {
        self.0.host.kill(access_key_id)
    }

    /// The function to one of whose processes these credentials were given, also if the process has ended since.
    #[must_use]
    pub fn function_of(&self, access_key_id: &str, session_token: &str) -> Option<String> {
        self.0.host.function_of(access_key_id, session_token)
    }

    /// Gives a function another environment, as a new version behind its alias does. What its processes are doing goes on with
    /// the old one; every later invocation is with the new one. False when there is no such function.
    #[must_use]
    pub fn configure(&self, function: &str, environment: BTreeMap<String, String>) -> bool {
        let known = self.0.host.function(function);
        known
            .inspect(|known| self.0.host.configure(known, environment))
            .is_some()
    }

    /// The processes that there are.
    #[must_use]
    pub fn sandboxes(&self) -> Vec<SandboxInfo> {
        self.0.host.sandboxes()
    }

    /// Stops an execution, as its API does. False when there is none.
    pub async fn stop_execution(&self, arn: &str) -> bool {
        self.0.stop(arn, None).await.is_ok()
    }

    /// Every change of an execution's status from now on, after it is stored.
    #[must_use]
    pub fn status_events(&self) -> broadcast::Receiver<StatusEvent> {
        self.0.executions.status.subscribe()
    }

    /// Every invocation that ends from now on, whoever made it.
    #[must_use]
    pub fn invoked(&self) -> broadcast::Receiver<Invoked> {
        self.0.host.invoked()
    }

    /// The number of running executions.
    #[must_use]
    pub fn running_executions(&self) -> usize {
        self.0.executions.count()
    }

    /// What the running executions do now.
    #[must_use]
    pub fn timers(&self) -> Timers {
        self.0.executions.timers(clock::now_ms())
    }

    /// Every log line from now on.
    #[must_use]
    pub fn log_lines(&self) -> broadcast::Receiver<LogLine> {
        self.0.logs.subscribe()
    }

    /// The latest executions, newest first. Blocks for a moment.
    #[must_use]
    pub fn executions(&self, limit: usize) -> Vec<ExecutionSummary> {
        let filter = ListFilter {
            newest_first: true,
            limit,
            ..ListFilter::default()
        };
        let rows = self
            .0
            .executions
            .store
            .run_blocking(move |connection| Store::list(connection, &filter));
        rows.unwrap_or_default()
            .into_iter()
            .map(|(_, summary)| summary)
            .collect()
    }

    /// An execution and its events. Blocks for a moment.
    #[must_use]
    pub fn history(&self, arn: &str) -> Option<ExecutionHistory> {
        let arn = arn.to_owned();
        let found = self.0.executions.store.run_blocking(move |connection| {
            let summary = Store::summary(connection, &arn)?;
            Ok((summary, Store::events(connection, &arn)?))
        });
        let (summary, events) = found.ok()?;
        let events = events
            .into_iter()
            .map(|(number, body)| tracehook_local_durable::Event::render(number, body, true));
        Some(ExecutionHistory {
            summary: summary?,
            events: events.collect(),
        })
    }

    /// Ends every process and closes the state. What is unfinished goes on when the state is opened again.
    pub async fn shutdown(&self) {
        self.0.stopping.send_replace(true);
        self.0.tasks.end().await;
        self.0.host.shutdown().await;
        self.0.executions.store.close().await;
    }
}

impl Inner {
    /// Waits until the host is being shut down.
    async fn stopping(&self) {
        // The sender lives in self, so the wait ends only by the value.
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    async fn resume_unfinished(self: &Arc<Self>) -> Result<(), store::StoreError> {
        let events = std::mem::take(&mut *self.left_events.lock().unwrap_or_else(PoisonError::into_inner));
        for event in events {
            self.work_off(event);
        }
        for arn in self.executions.store.running().await? {
            if let Some(running) = self.executions.bring_back(&arn).await? {
                self.drive(running);
            }
        }
        Ok(())
    }
}

/// Without this a host that is dropped and not shut down would leave its processes behind: the tasks that own them own
/// the host, too.
impl Drop for Inner {
    fn drop(&mut self) {
        self.host.give_up().detach_all();
    }
}

/// A function's ARN, with the qualifier if there is one.
fn function_arn(region: &str, account_id: &str, name: &str, qualifier: Option<&str>) -> String {
    let arn = format!("arn:aws:lambda:{region}:{account_id}:function:{name}");
    qualifier.map_or_else(|| arn.clone(), |qualifier| format!("{arn}:{qualifier}"))
}
