//! The service: everything started in order, and ended in order.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::alarms::Alarms;
use crate::aws::{self, Aws, Credentials, DynamoDb, Secrets};
use crate::clock::SharedClock;
use crate::config::Config;
use crate::configuration::{self, Follower};
use crate::deployment::{CREDENTIALS_FILE, PAYLOAD_BUCKET, PAYLOADS_EXPIRE_AFTER};
use crate::example::Examples;
use crate::faulty::Faulty;
use crate::functions::{self, Addresses};
use crate::guard::{self, Guarded};
use crate::latest_webhooks::LatestWebhooks;
use crate::logs::Logs;
use crate::metrics::Metrics;
use crate::pages::{self, Links, Pages};
use crate::traces::Traces;
use crate::{control, gateway, measures, private, server, triggers};
use tracehook_local_lambda::faults::{EXPORT, Faults, Plan};
use tracehook_local_lambda::loopback::Loopback;
use tracehook_local_lambda::{FunctionOptions, Lambda, LambdaOptions, State, clock};
use tracehook_local_s3::S3;

/// The conventional port of OTLP over HTTP.
const OTLP_PORT: u16 = 4318;

/// The interval at which old objects are deleted.
const EXPIRE_EVERY: Duration = Duration::from_hours(1);

/// The time that open requests get when the service ends.
const GRACE: Duration = Duration::from_secs(5);

/// The options of a service.
#[derive(Clone, Debug)]
pub struct Options {
    /// The API's port; 0 picks a free one.
    pub port: u16,
    /// The state directory; in memory when unset.
    pub state: Option<PathBuf>,
    /// The configuration.
    pub config: Config,
    /// The file that it is from, which is followed for changed sources.
    pub config_file: Option<PathBuf>,
    /// The directory of the functions' binaries.
    pub binaries: PathBuf,
}

/// A service that is ready to serve. Its children end with it.
#[derive(Debug)]
pub struct Service {
    url: String,
    aws_url: String,
    operator: Credentials,
    listener: TcpListener,
    router: Router,
    lambda: Lambda,
    tasks: Vec<JoinHandle<()>>,
}

impl Service {
    /// Opens the state and starts everything but the serving of the API.
    ///
    /// # Errors
    /// When the port is taken, the state cannot be opened or is another host's, or a binary is not there.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let Options {
            port,
            state,
            config,
            config_file,
            binaries,
        } = options;
        let api = At::listening(bind(port).await?)?;
        let aws_at = At::listening(TcpListener::bind(("127.0.0.1", 0)).await?)?;
        let otlp = At::listening(bind_otlp(port).await?)?;
        let addresses = Addresses {
            api: &api.url,
            aws: &aws_at.url,
            otlp: &otlp.url,
        };
        if let Some(state) = &state {
            // Before anything is written there.
            private::keep(state)?;
        }
        let faults = Faults::default();
        // Unfinished work of an earlier run continues among them.
        plan(&faults, config.faults.clone());
        let shared_clock = SharedClock::open(state.as_deref())?;
        let mut functions = functions::options(&config, &binaries, addresses)?;
        for function in &mut functions {
            shared_clock.set(function);
        }
        // First, because it holds the lock on the state directory.
        let lambda = Lambda::start(lambda_options(state.clone(), functions, &config, &faults)).await?;
        let secrets = Arc::new(open_secrets(state.as_deref(), &config)?);
        let dynamodb = DynamoDb::start(state.as_deref())?;
        configuration::put(&dynamodb, &config)?;
        let s3 = open_s3(state.as_deref())?;
        let (logs, metrics) = (Arc::new(Logs::default()), Metrics::default());
        let operator = credentials(state.as_deref(), &aws_at.url)?;
        let services = aws::Services {
            lambda: lambda.clone(),
            dynamodb: dynamodb.clone(),
            s3: s3.clone(),
            secrets: Arc::clone(&secrets),
            faults: faults.clone(),
            metrics: metrics.clone(),
        };
        let aws = Aws::new(services, operator.clone());
        let alarms = Alarms::new(&config, metrics.clone()).context("the alarms' definitions")?;
        let traces = Traces::open(state.as_deref())?;
        let (followed, lines) = (Arc::clone(&logs), lambda.log_lines());
        let receiver = Faulty::new(traces.receiver(), faults.clone(), EXPORT);
        let mut tasks = vec![
            tokio::spawn(async move { followed.follow(lines).await }),
            tokio::spawn(metrics.clone().follow(lambda.log_lines())),
            tokio::spawn(measures::follow_executions(metrics.clone(), lambda.status_events())),
            tokio::spawn(measures::follow_invocations(metrics.clone(), lambda.invoked())),
            tokio::spawn(measures::sample(metrics.clone(), lambda.clone())),
            tokio::spawn(alarms.clone().run()),
            tokio::spawn(faults.clone().keep_clock()),
            tokio::spawn(expire(s3)),
            tokio::spawn(server::serve(aws_at.listener, Guarded::new(aws.clone(), aws_at.here))),
            tokio::spawn(server::serve(otlp.listener, Guarded::new(receiver, otlp.here))),
        ];
        let follower = Follower {
            config: config.clone(),
            binaries,
            urls: [&api.url, &aws_at.url, &otlp.url].map(Clone::clone),
            lambda: lambda.clone(),
            dynamodb: dynamodb.clone(),
            secrets,
            clock: shared_clock.clone(),
        };
        tasks.extend(config_file.map(|file| tokio::spawn(follower.run(file))));
        let pages = Pages {
            traces: traces.clone(),
            metrics: metrics.clone(),
            alarms: alarms.clone(),
            webhooks: Arc::new(LatestWebhooks {
                lambda: lambda.clone(),
                dynamodb,
            }),
            links: Links::default(),
            examples: Examples::new(&api.url, state, &config),
            here: api.here,
        };
        let gateway = gateway::router(lambda.clone(), &config);
        let calls = control::router(lambda.clone(), aws, faults.clone(), logs)
            .merge(shared_clock.router(lambda.clone()))
            .merge(traces.router())
            .merge(metrics.router())
            .merge(alarms.router());
        let router = measures::measured(gateway, metrics).merge(guard::calls(calls, api.here));
        let router = guard::for_this_machine(router.merge(pages::router(pages)), api.here);
        // Before anything goes on, so that no event is missed.
        tasks.extend(triggers::start(&lambda, &config.triggers, &faults));
        lambda.resume();
        Ok(Self {
            url: api.url,
            aws_url: aws_at.url,
            operator,
            listener: api.listener,
            router,
            lambda,
            tasks,
        })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of the AWS services.
    #[must_use]
    pub fn aws_url(&self) -> &str {
        &self.aws_url
    }

    /// The credentials with which somebody who is no function calls the AWS services.
    #[must_use]
    pub const fn operator(&self) -> &Credentials {
        &self.operator
    }

    /// Serves until `stop`, then answers what is being answered and ends every child.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let (stopping, stopped) = tokio::sync::oneshot::channel::<()>();
        let listener = self.listener.tap_io(|stream| {
            // Small requests and answers: waiting to fill a packet would cost tens of milliseconds each.
            let _ = stream.set_nodelay(true);
        });
        let router = self.router.into_make_service_with_connect_info::<SocketAddr>();
        let serve = axum::serve(listener, router).with_graceful_shutdown(async move {
            stop.await;
            // The other end is gone only when nobody waits any more.
            let _ = stopping.send(());
        });
        let ended = tokio::select! {
            ended = serve => ended,
            () = async {
                let _ = stopped.await;
                tokio::time::sleep(GRACE).await;
            } => Ok(()),
        };
        self.lambda.shutdown().await;
        for task in self.tasks {
            task.abort();
        }
        ended.context("serve the API")
    }
}

/// A listener on this machine.
#[derive(Debug)]
struct At {
    listener: TcpListener,
    url: String,
    here: Loopback,
}

impl At {
    fn listening(listener: TcpListener) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            url: format!("http://{address}"),
            here: Loopback::port(address.port()),
        })
    }
}

fn lambda_options(
    state: Option<PathBuf>,
    functions: Vec<FunctionOptions>,
    config: &Config,
    faults: &Faults,
) -> LambdaOptions {
    let mut options = LambdaOptions::new(state.map_or(State::Memory, State::Directory), functions);
    options.driver = config.durable.driver();
    options.faults = faults.clone();
    options.async_retry = config.asynchronous.options();
    options.starts_per_second = config.durable.starts_per_second();
    options
}

/// The secret, in its file or in memory, with the secrets of the configuration.
fn open_secrets(state: Option<&Path>, config: &Config) -> anyhow::Result<Secrets> {
    let file = config.secrets_file.clone();
    let file = file.or_else(|| state.map(|directory| directory.join("secrets.json")));
    let secrets = Secrets::open(file, &config.sources)?;
    configuration::report_closed(&secrets, config);
    Ok(secrets)
}

/// The bucket, on disk or in memory.
fn open_s3(state: Option<&Path>) -> anyhow::Result<S3> {
    let objects = state.map(|directory| directory.join("objects"));
    S3::timed_by(
        clock::true_time,
        objects.as_deref(),
        &[PAYLOAD_BUCKET],
        PAYLOADS_EXPIRE_AFTER,
    )
}

/// New credentials of the operator, kept where only the state's owner reads them.
fn credentials(state: Option<&Path>, aws_url: &str) -> anyhow::Result<Credentials> {
    let operator = Credentials::random();
    if let Some(state) = state {
        let file = state.join(CREDENTIALS_FILE);
        std::fs::write(&file, operator.variables(aws_url)).with_context(|| format!("write {}", file.display()))?;
    }
    Ok(operator)
}

/// Deletes old objects, as the bucket's lifecycle does once a day.
async fn expire(s3: S3) {
    loop {
        let s3 = s3.clone();
        let _ = tokio::task::spawn_blocking(move || s3.expire(clock::true_time())).await;
        clock::sleep(EXPIRE_EVERY).await;
    }
}

/// Plans the faults that the service starts with, and says what repeats them.
fn plan(faults: &Faults, plan: Plan) {
    let rules = plan.rules.len();
    if rules > 0 {
        let seed = faults.add(plan);
        tracing::warn!(rules, seed, "faults are planned");
    }
}

/// The conventional port, so that a program of one's own finds the receiver; a free one where it is taken or where the
/// API's port is a free one too.
async fn bind_otlp(api_port: u16) -> anyhow::Result<TcpListener> {
    let port = if api_port == 0 { 0 } else { OTLP_PORT };
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(("127.0.0.1", 0)).await.context("listen for spans"),
    }
}

async fn bind(port: u16) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("port {port} is taken; --port 0 picks a free one")
        }
        Err(error) => Err(error).with_context(|| format!("listen on port {port}")),
    }
}
