//! Status reads while webhooks are accepted at a high rate: how long they take, whether each is right, and that none reads
//! a payload.
//!
//! The load is offered at its rate whatever the answers are. Requests that the machine cannot take in time are dropped,
//! so the reached rates are figures, too.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use tracehook_test_support::service::calls;
use tracehook_test_support::{Delivery, Service, is_open};

use crate::latency::{accept, milliseconds};
use crate::report::{Report, percentile};

/// Duration of the load.
pub(crate) const SECONDS: u32 = 60;
/// Webhooks offered in a second.
const WEBHOOKS: u32 = 500;
/// Status reads in a second.
const READS: u32 = 200;
/// Maximum of concurrent requests of one kind.
const AT_ONCE: usize = 128;
/// Reads are of the webhooks that were accepted last, this many: their records still change.
const RECENT: usize = 2000;

const STATUS: &str = "tracehook-status";
const READ: &str = "dynamodb:GetItem";

pub(crate) async fn measure(report: &mut Report, service: &Service, seconds: u32) -> Result<()> {
    // Starts the sandboxes of each function, and stores webhooks to read from the first moment on.
    let tokens = Mutex::new(accept(service, 200, 16).await?.1);
    let before = stats(service).await?;
    let (accepted, reads) = tokio::join!(offer(service, seconds, &tokens), read(service, seconds, &tokens));
    let after = stats(service).await?;
    let rate = |number: usize| number as f64 / f64::from(seconds);
    report.add(
        format!("webhooks accepted per second, {WEBHOOKS} offered for {seconds} s"),
        rate(accepted),
        "1/s",
    );
    let number_of = |wanted: fn(&Read) -> bool| reads.iter().filter(|read| wanted(read)).count() as f64;
    let refused = number_of(|read| matches!(read, Read::Refused));
    let wrong = number_of(|read| matches!(read, Read::Wrong));
    let mut samples: Vec<f64> = reads.iter().filter_map(Read::milliseconds).collect();
    report.add(
        format!("status reads per second meanwhile, {READS} offered"),
        rate(reads.len()),
        "1/s",
    );
    for percent in [50, 99] {
        let name = format!("status under load, p{percent} of {}", samples.len());
        report.add(name, percentile(&mut samples, percent), "ms");
    }
    report.add("status reads that were refused or not answered", refused, "");
    report.add_at_most("status reads that were answered wrongly", wrong, "", 0.0);
    let asked = calls(&after, STATUS, READ).saturating_sub(calls(&before, STATUS, READ));
    if asked < samples.len() as u64 {
        bail!("{asked} reads of the table for {} answers", samples.len());
    }
    report.add("table reads per status read", asked as f64 / reads.len() as f64, "");
    let payloads = payload_items(&after)?.saturating_sub(payload_items(&before)?);
    report.add_at_most("payload items that status reads read", payloads as f64, "", 0.0);
    Ok(())
}

/// Result of a status read.
enum Read {
    /// A right answer, with its latency in milliseconds.
    Right(f64),
    /// The machine could not take it.
    Refused,
    /// The answer differs from the record.
    Wrong,
}

impl Read {
    const fn milliseconds(&self) -> Option<f64> {
        match self {
            Self::Right(took) => Some(*took),
            Self::Refused | Self::Wrong => None,
        }
    }
}

/// Offers webhooks and returns the number of accepted ones.
async fn offer(service: &Service, seconds: u32, tokens: &Mutex<Vec<String>>) -> usize {
    let sent = at_rate(WEBHOOKS, seconds, |number| async move {
        let delivery = Delivery::github("push", format!(r#"{{"number":{number}}}"#));
        let token = service.send(&delivery).await.and_then(|answer| answer.token());
        let accepted = token.is_ok();
        tokens.lock().unwrap_or_else(PoisonError::into_inner).extend(token);
        accepted
    });
    sent.await.into_iter().filter(|accepted| *accepted).count()
}

/// Reads at the rate and returns the results.
async fn read(service: &Service, seconds: u32, tokens: &Mutex<Vec<String>>) -> Vec<Read> {
    at_rate(READS, seconds, |number| async move {
        let Some(token) = recent(tokens, number) else {
            return Read::Refused;
        };
        let began = Instant::now();
        match service.get(&format!("/status/{token}")).await {
            Ok(answer) if answer.status == 200 && is_right(&answer.json, &token) => {
                Read::Right(milliseconds(began.elapsed()))
            }
            Ok(answer) if answer.status < 429 => Read::Wrong,
            Ok(_) | Err(_) => Read::Refused,
        }
    })
    .await
}

/// One of the webhooks that were accepted last.
fn recent(tokens: &Mutex<Vec<String>>, number: u32) -> Option<String> {
    let tokens = tokens.lock().unwrap_or_else(PoisonError::into_inner);
    // A step that has no divisor in common with the window visits all of it.
    let back = usize::try_from(number).ok()? * 7919 % tokens.len().min(RECENT);
    tokens.get(tokens.len() - 1 - back).cloned()
}

fn is_right(status: &Value, token: &str) -> bool {
    let text = |name: &str| status.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_known = is_open(status) || text("status") == "completed";
    text("executionToken") == token && text("source") == "github" && is_known
}

/// Starts `work` at a rate and returns its results. Work that has not begun after `seconds` is dropped.
async fn at_rate<T, F: Future<Output = T>>(rate: u32, seconds: u32, work: impl Fn(u32) -> F) -> Vec<T> {
    let began = tokio::time::Instant::now();
    let end = began + Duration::from_secs(seconds.into());
    let every = Duration::from_secs(1) / rate;
    let work = &work;
    stream::iter(0..rate * seconds)
        .map(|number| async move {
            tokio::time::sleep_until(began + every * number).await;
            if tokio::time::Instant::now() < end {
                Some(work(number).await)
            } else {
                None
            }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(|done| async { done })
        .collect()
        .await
}

async fn stats(service: &Service) -> Result<Value> {
    Ok(service.get("/local/stats").await?.json)
}

fn payload_items(stats: &Value) -> Result<u64> {
    let rows = stats
        .get("calls")
        .and_then(Value::as_array)
        .context("no list of calls")?;
    let of_status = rows
        .iter()
        .filter(|row| row.get("function").and_then(Value::as_str) == Some(STATUS));
    Ok(of_status
        .filter_map(|row| row.get("payloadItems").and_then(Value::as_u64))
        .sum())
}
