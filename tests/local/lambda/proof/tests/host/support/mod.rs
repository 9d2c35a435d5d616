//! A local Lambda on a listener of its own, and the SDK's client for it.

pub(crate) mod files;
pub(crate) mod invocation;
pub(crate) mod raw;

use std::path::Path;
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tracehook_local_lambda::{AsyncRetry, DurableOptions, FunctionOptions, Lambda, LambdaOptions, State};

pub(crate) use files::Files;
pub(crate) use invocation::Start;
pub(crate) use raw::Raw;

/// Longer than any test: what takes this long has failed.
pub(crate) const NEVER: Duration = Duration::from_hours(1);
/// The longest wait for anything that must happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// The path of the function's binary.
pub(crate) fn fixture() -> &'static str {
    env!("CARGO_BIN_EXE_fixture-function")
}

/// A function of that kind (`FIXTURE`) with one sandbox, under the name of the kind.
pub(crate) fn function(kind: &str) -> FunctionOptions {
    let mut options = FunctionOptions::new(kind, fixture());
    options.environment.insert("FIXTURE".to_owned(), kind.to_owned());
    options.timeout = NEVER;
    options.max_sandboxes = 1;
    if kind.starts_with("durable") {
        options.durable = Some(DurableOptions::default());
    }
    options
}

/// Options with retries at once, so that no test waits for them.
pub(crate) fn options(directory: &Path, functions: Vec<FunctionOptions>) -> LambdaOptions {
    let mut options = LambdaOptions::new(State::Directory(directory.to_owned()), functions);
    options.async_retry = AsyncRetry {
        delays: vec![Duration::ZERO],
        throttle_delay: Duration::from_millis(10),
        ..AsyncRetry::default()
    };
    options.driver.failure_delay = Duration::ZERO;
    options
}

/// A local Lambda that is served.
pub(crate) struct Served {
    pub(crate) lambda: Lambda,
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) files: Files,
    directory: TempDir,
    server: JoinHandle<()>,
}

impl Served {
    /// With one function of that kind.
    pub(crate) async fn with(kind: &str) -> Self {
        Self::start(vec![function(kind)]).await
    }

    pub(crate) async fn start(functions: Vec<FunctionOptions>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = options(directory.path(), functions);
        Self::start_with(directory, options).await
    }

    /// On that directory, with the endpoint of this host in the environment of every function.
    pub(crate) async fn start_with(directory: TempDir, mut options: LambdaOptions) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let files = Files::new(directory.path());
        for function in &mut options.functions {
            let environment = &mut function.environment;
            environment.insert("AWS_ENDPOINT_URL_LAMBDA".to_owned(), url.clone());
            environment.insert("EFFECTS".to_owned(), files.effects().display().to_string());
            environment.insert("HAND".to_owned(), directory.path().display().to_string());
        }
        let lambda = Lambda::start(options).await.unwrap();
        let router = lambda.router();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        lambda.resume();
        Self {
            lambda,
            client: client(&url),
            url,
            files,
            directory,
            server,
        }
    }

    /// Shuts the host down and returns its directory.
    pub(crate) async fn shut_down(self) -> TempDir {
        self.lambda.shutdown().await;
        self.server.abort();
        self.directory
    }

    /// Drops the host without shutting it down and returns its directory.
    pub(crate) async fn drop_it(self) -> TempDir {
        self.server.abort();
        // The server owns a router, which owns the host.
        let _ = self.server.await;
        self.directory
    }

    /// The same functions again on a directory.
    pub(crate) async fn again(directory: TempDir, functions: Vec<FunctionOptions>) -> Self {
        let options = options(directory.path(), functions);
        Self::start_with(directory, options).await
    }
}

/// A client that tries once.
pub(crate) fn client(url: &str) -> Client {
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("LOCAL", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(url)
        .build();
    Client::from_conf(config)
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "not so in time: {what}");
}

/// Waits for something that must happen.
pub(crate) async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    let happened = tokio::time::timeout(PATIENCE, happens).await;
    happened.unwrap_or_else(|_| panic!("it did not happen in time: {what}"))
}

/// True for a process that runs, and is not a zombie.
pub(crate) fn runs(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = status.rsplit(") ").next().and_then(|rest| rest.chars().next());
    state.is_some_and(|state| state != 'Z' && state != 'X')
}
