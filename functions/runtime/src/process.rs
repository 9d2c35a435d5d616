//! Starts a function's process, and serves its events until the Lambda runtime ends it.

use std::fmt::Debug;
use std::process::ExitCode;

use aws_config::SdkConfig;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, Runtime, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracehook_core::env::ConfigError;
use tracehook_telemetry::Telemetry;

use crate::{AfterAnswer, aws, clock, panics};

/// A process whose logs, metrics, traces and AWS configuration are set up.
#[derive(Debug)]
pub struct Process {
    telemetry: Telemetry,
    aws: SdkConfig,
    after_answer: AfterAnswer,
}

/// The body of a function's `main`: reads the configuration, sets up logs, metrics and traces, and runs the function
/// until it ends. A configuration that cannot be used is logged, and ends the process. Call it once.
///
/// `service` is the value of the metrics' dimension of that name, for example `validator`. `read` gets the reader of the
/// process's environment.
pub async fn main<C, F>(
    service: &'static str,
    read: impl FnOnce(fn(&str) -> Option<String>) -> Result<C, ConfigError>,
    run: impl FnOnce(C, Process) -> F,
) -> ExitCode
where
    C: AsRef<tracehook_telemetry::Config>,
    F: Future<Output = Result<(), Error>>,
{
    #[expect(
        clippy::disallowed_methods,
        reason = "the getter that is handed to every configuration"
    )]
    let variable: fn(&str) -> Option<String> = |name| std::env::var(name).ok();
    let config = read(variable);
    panics::install();
    let clock = clock::follow(variable(clock::OFFSET_FILE).as_deref());
    let telemetry = Telemetry::install(service, config.as_ref().ok().map(AsRef::as_ref), clock::lead);
    let ended = match (config, clock) {
        (Ok(config), Ok(())) => run(config, Process::new(telemetry).await).await,
        (Err(error), _) => Err(error.into()),
        (_, Err(error)) => Err(format!("{}: {error}", clock::OFFSET_FILE).into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "cannot run");
            ExitCode::FAILURE
        }
    }
}

impl Process {
    async fn new(telemetry: Telemetry) -> Self {
        let aws = aws::sdk_config().await;
        telemetry.connect(&aws);
        Self {
            telemetry,
            aws,
            after_answer: AfterAnswer::default(),
        }
    }

    /// For tasks that may outlast the answer of their event.
    #[must_use]
    pub fn after_answer(&self) -> AfterAnswer {
        self.after_answer.clone()
    }

    /// The configuration that every AWS client of this process shares.
    #[must_use]
    pub const fn aws(&self) -> &SdkConfig {
        &self.aws
    }

    /// Answers events until the Lambda runtime ends the process. What outlasts an answer ends, and telemetry is exported,
    /// before the next event.
    ///
    /// # Errors
    /// When the runtime's API fails.
    pub async fn serve<E, A, X, F>(&self, answer: impl FnMut(LambdaEvent<E>) -> F) -> Result<(), Error>
    where
        E: DeserializeOwned,
        A: Serialize,
        X: Into<Diagnostic> + Debug,
        F: Future<Output = Result<A, X>>,
    {
        let after_answer = self.after_answer();
        Runtime::new(service_fn(answer))
            .layer(self.telemetry.layer(move || after_answer.all()))
            .run()
            .await
    }
}
