//! The options of the local Lambda.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::faults::Faults;
use tracehook_local_durable::RetryPolicy;

/// AWS's default quota of new durable executions per second in an account and Region.
pub const STARTS_PER_SECOND: u32 = 300;

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct LambdaOptions {
    /// The region that ARNs and the functions' environment name.
    pub region: String,
    /// The account that ARNs name, 12 digits.
    pub account_id: String,
    /// The place of executions and queued events.
    pub state: State,
    /// The functions.
    pub functions: Vec<FunctionOptions>,
    /// The retries of asynchronous invocations of functions that are not durable.
    pub async_retry: AsyncRetry,
    /// Limits and delays of durable executions.
    pub driver: DriverOptions,
    /// The account's quota of new durable executions per second. A start beyond it waits in the queue.
    pub starts_per_second: u32,
    /// The wait of a synchronous invocation for a sandbox before it is throttled. Lambda throttles at once; a
    /// development machine with few processes would then refuse every small burst.
    pub line_patience: Duration,
    /// The planned faults.
    pub faults: Faults,
}

impl LambdaOptions {
    /// Functions with the defaults of everything else.
    #[must_use]
    pub fn new(state: State, functions: Vec<FunctionOptions>) -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            state,
            functions,
            async_retry: AsyncRetry::default(),
            driver: DriverOptions::default(),
            starts_per_second: STARTS_PER_SECOND,
            line_patience: Duration::from_secs(10),
            faults: Faults::default(),
        }
    }
}

/// The place of the state.
#[derive(Clone, Debug)]
pub enum State {
    /// In the `SQLite` file `lambda.db` of this directory. One host at a time.
    Directory(PathBuf),
    /// Nowhere: it ends with the host.
    Memory,
}

/// One function.
#[derive(Clone, Debug)]
pub struct FunctionOptions {
    /// The function's name.
    pub name: String,
    /// The executable, as it would be deployed.
    pub binary: PathBuf,
    /// Laid over the environment that Lambda sets.
    pub environment: BTreeMap<String, String>,
    /// An invocation that takes longer is killed.
    pub timeout: Duration,
    /// Told to the function, not enforced.
    pub memory_mb: u32,
    /// Processes at most, each with one event at a time; the function's reserved concurrency. 0 throttles everything.
    pub max_sandboxes: usize,
    /// Set for a durable function.
    pub durable: Option<DurableOptions>,
    /// Where asynchronous events go that are given up.
    pub on_failure: OnFailure,
}

/// Where Lambda sends what it gives up: asynchronous events that were dropped and, for a durable function, the events of
/// executions that ended badly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Nowhere.
    #[default]
    Nowhere,
    /// To the queue as an on-failure destination: a record with the event in it. Lambda has none for durable functions.
    Destination,
    /// To the queue as the function's dead-letter queue: the event as it came, with attributes.
    DeadLetterQueue,
}

impl FunctionOptions {
    /// A function with Lambda-like defaults: 30 s, 128 MB, 8 sandboxes, not durable.
    #[must_use]
    pub fn new(name: &str, binary: impl Into<PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            binary: binary.into(),
            environment: BTreeMap::new(),
            timeout: Duration::from_secs(30),
            memory_mb: 128,
            max_sandboxes: 8,
            durable: None,
            on_failure: OnFailure::default(),
        }
    }
}

/// The options of a durable function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurableOptions {
    /// Seconds until an execution is `TIMED_OUT`.
    pub execution_timeout_seconds: u32,
    /// Days until a closed execution is deleted and its name is free again.
    pub retention_days: u32,
}

impl Default for DurableOptions {
    fn default() -> Self {
        Self {
            execution_timeout_seconds: 93_600,
            retention_days: 7,
        }
    }
}

/// The retries of asynchronous invocations.
#[derive(Clone, Debug)]
pub struct AsyncRetry {
    /// Tries in all (Lambda: 3).
    pub max_tries: u32,
    /// The delay before the second, third, … try; the last one repeats (Lambda: one minute, then two).
    pub delays: Vec<Duration>,
    /// The delay after a throttle, which is no try: the event has no process where `max_sandboxes` is 0. Events in line for
    /// a busy sandbox are not throttled, and a start beyond the quota has delays of its own.
    pub throttle_delay: Duration,
    /// An event older than this is dropped (Lambda: 6 hours).
    pub max_age: Duration,
}

impl Default for AsyncRetry {
    fn default() -> Self {
        Self {
            max_tries: 3,
            delays: vec![Duration::from_mins(1), Duration::from_mins(2)],
            throttle_delay: Duration::from_secs(1),
            max_age: Duration::from_hours(6),
        }
    }
}

/// Limits and delays of the invocations of durable executions.
pub type DriverOptions = RetryPolicy;
