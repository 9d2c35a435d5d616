//! The process of a sandbox, from spawn to exit.
//!
//! Contract: one task owns the child. It ends the child at the deadline, on request and with the host, notices its exit
//! at once, and then fails the event that the process still had.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::sandbox::{INIT_LIMIT, Sandbox};
use super::{Function, Host, TaskOutcome, environment, lock, orphans, runtime_api};
use crate::LogStream;

/// The time of a process between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

/// The reason for the end of a process.
enum End {
    NotStarted(std::io::Error),
    TimedOut,
    Stopped,
    Exited(ExitStatus),
}

/// Starts the process, watches it and clears up after it.
pub(super) async fn run(host: Host, function: Arc<Function>, sandbox: Arc<Sandbox>) {
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
    // Its own listener identifies the sandbox, so the address holds nothing that AWS would not put there.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let options = &function.options;
    let mut command = Command::new(&options.binary);
    command
        .env_clear()
        .envs(environment::of(
            &host.0.setup,
            function,
            sandbox,
            listener.local_addr()?,
        ))
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
