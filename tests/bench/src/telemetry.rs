//! The cost of telemetry, with a backend that is down, hanging, failing or slow.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tracehook_test_support::{Options, SECRET, Service};

use crate::latency::{accept, accept_alone, all_end};
use crate::process::resident_mb;
use crate::report::{Report, percentile};

const WEBHOOKS: usize = 1000;
/// Further webhooks, during which memory must stay flat.
const MORE: usize = 4000;
const CONCURRENCY: usize = 16;
/// Webhooks that are sent one by one, and the pause between two.
const ALONE: usize = 300;
const PAUSE: Duration = Duration::from_millis(40);

/// Behaviour of the backend.
#[derive(Clone, Copy)]
enum Backend {
    Hangs,
    Fails,
    IsSlow,
}

pub(crate) async fn measure(report: &mut Report, binaries: &Path) -> Result<()> {
    let off = [
        ("OTEL_SDK_DISABLED", "true".to_owned()),
        ("OTEL_METRICS_EXPORTER", "none".to_owned()),
    ];
    mode(report, binaries, "telemetry off", BTreeMap::from(off), 0).await?;
    mode(report, binaries, "telemetry on", BTreeMap::new(), MORE).await?;
    let to = |endpoint: String| BTreeMap::from([("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
    // Nobody serves port 9, `discard`.
    mode(
        report,
        binaries,
        "backend down",
        to("http://127.0.0.1:9".to_owned()),
        MORE,
    )
    .await?;
    for (name, backend) in [
        ("backend hangs", Backend::Hangs),
        ("backend answers 500", Backend::Fails),
        ("backend takes 10 s", Backend::IsSlow),
    ] {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let served = tokio::spawn(serve(listener, backend));
        mode(report, binaries, name, to(endpoint), MORE).await?;
        served.abort();
    }
    Ok(())
}

async fn mode(
    report: &mut Report,
    binaries: &Path,
    name: &str,
    environment: BTreeMap<&str, String>,
    more: usize,
) -> Result<()> {
    let mut config = format!("[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n");
    for function in ["validator", "processor", "status"] {
        config.push_str(&format!("[functions.{function}.environment]\n"));
        for (variable, value) in &environment {
            config.push_str(&format!("{variable} = \"{value}\"\n"));
        }
    }
    let service = Service::start_with(Options {
        config: Some(config),
        memory: true,
        binaries: Some(binaries.to_owned()),
        ..Options::default()
    })
    .await?;
    all_end(&service, &accept(&service, 200, CONCURRENCY).await?.1).await?;
    for concurrency in [1, CONCURRENCY] {
        let (mut samples, tokens) = accept(&service, WEBHOOKS, concurrency).await?;
        all_end(&service, &tokens).await?;
        for percent in [50, 99] {
            let figure = format!("{name}: accept, p{percent} of {WEBHOOKS} at concurrency {concurrency}");
            report.add(figure, percentile(&mut samples, percent), "ms");
        }
    }
    let (mut samples, tokens) = accept_alone(&service, ALONE, PAUSE).await?;
    all_end(&service, &tokens).await?;
    for percent in [50, 99] {
        let figure = format!(
            "{name}: accept, p{percent} of {ALONE}, one every {} ms",
            PAUSE.as_millis()
        );
        report.add(figure, percentile(&mut samples, percent), "ms");
    }
    if more > 0 {
        let before = largest_mb(&service).await?;
        all_end(&service, &accept(&service, more, CONCURRENCY).await?.1).await?;
        let after = largest_mb(&service).await?;
        report.add(
            format!("{name}: resident after {} webhooks", WEBHOOKS * 2),
            before,
            "MB",
        );
        report.add(
            format!("{name}: resident after {} webhooks", WEBHOOKS * 2 + more),
            after,
            "MB",
        );
        report.add(
            format!("{name}: spans dropped and counted"),
            dropped(&service).await?,
            "spans",
        );
    }
    Ok(())
}

async fn largest_mb(service: &Service) -> Result<f64> {
    let mut largest: f64 = 0.0;
    for function in ["tracehook-validator", "tracehook-processor"] {
        for pid in service.pids_of(function).await? {
            largest = largest.max(resident_mb(pid)?);
        }
    }
    Ok(largest)
}

/// The sum of `TelemetryDropped` in what the functions emitted.
async fn dropped(service: &Service) -> Result<f64> {
    let metrics = service.get("/local/metrics").await?.json;
    let series = metrics
        .get("metrics")
        .and_then(Value::as_array)
        .context("no list of metrics")?;
    let of = |series: &&Value| series.get("name").and_then(Value::as_str) == Some("TelemetryDropped");
    Ok(series
        .iter()
        .filter(of)
        .filter_map(|series| series.get("sum")?.as_f64())
        .sum())
}

async fn serve(listener: TcpListener, backend: Backend) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            // The answer does not depend on the request, of which one read is enough.
            let mut request = vec![0; 64 * 1024];
            let _ = stream.read(&mut request).await;
            let status = match backend {
                Backend::Hangs => std::future::pending().await,
                Backend::Fails => "500 Internal Server Error",
                Backend::IsSlow => {
                    tokio::time::sleep(Duration::from_secs(10)).await;
                    "200 OK"
                }
            };
            let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        });
    }
}
