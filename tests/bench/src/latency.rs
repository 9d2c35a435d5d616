//! Time to accept a webhook, and time until it is completed, as its producer and a reader see them.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tracehook_test_support::{Delivery, Service};

use crate::report::{Report, percentile};

const WARM_UP: usize = 200;
const POLL: Duration = Duration::from_millis(1);

pub(crate) async fn measure(report: &mut Report, service: &Service) -> Result<()> {
    let tokens = accept(service, WARM_UP, 16).await?.1;
    all_end(service, &tokens).await?;
    for (webhooks, concurrency) in [(500, 1), (2000, 16)] {
        let (mut samples, tokens) = accept(service, webhooks, concurrency).await?;
        all_end(service, &tokens).await?;
        for percent in [50, 99] {
            let name = format!("accept, p{percent} of {webhooks} at concurrency {concurrency}");
            report.add(name, percentile(&mut samples, percent), "ms");
        }
    }
    let mut samples = Vec::new();
    for _ in 0..200 {
        samples.push(completion(service).await?);
    }
    for percent in [50, 99] {
        let name = format!("POST to completed, p{percent} of {}", samples.len());
        report.add(name, percentile(&mut samples, percent), "ms");
    }
    Ok(())
}

/// Sends webhooks and returns how long each answer took, with the tokens.
pub(crate) async fn accept(service: &Service, webhooks: usize, concurrency: usize) -> Result<(Vec<f64>, Vec<String>)> {
    let answers: Vec<(f64, String)> = stream::iter(0..webhooks)
        .map(|n| async move {
            let delivery = Delivery::github("push", format!(r#"{{"n":{n}}}"#));
            let began = Instant::now();
            let answer = service.send(&delivery).await?;
            let took = began.elapsed();
            anyhow::Ok((milliseconds(took), answer.token()?))
        })
        .buffer_unordered(concurrency)
        .try_collect()
        .await?;
    Ok(answers.into_iter().unzip())
}

/// Sends one webhook after the other, each after a pause in which the one before is processed and its spans leave, and
/// returns how long each answer took: the time of the function itself, which shares its cores with nobody.
pub(crate) async fn accept_alone(
    service: &Service,
    webhooks: usize,
    pause: Duration,
) -> Result<(Vec<f64>, Vec<String>)> {
    let (mut samples, mut tokens) = (Vec::new(), Vec::new());
    for _ in 0..webhooks {
        tokio::time::sleep(pause).await;
        let (sample, token) = accept(service, 1, 1).await?;
        samples.extend(sample);
        tokens.extend(token);
    }
    Ok((samples, tokens))
}

/// Waits until every webhook is terminal.
pub(crate) async fn all_end(service: &Service, tokens: &[String]) -> Result<()> {
    for token in tokens {
        service.end_of(token).await?;
    }
    Ok(())
}

async fn completion(service: &Service) -> Result<f64> {
    let delivery = Delivery::github("push", "{}");
    let began = Instant::now();
    let token = service.send(&delivery).await?.token()?;
    while service
        .status(&token)
        .await?
        .get("status")
        .and_then(|status| status.as_str())
        != Some("completed")
    {
        tokio::time::sleep(POLL).await;
    }
    Ok(milliseconds(began.elapsed()))
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
