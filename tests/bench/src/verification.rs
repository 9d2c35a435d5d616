//! What a verification costs by its kind, and what reading a configuration costs.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use tracehook_core::secret::Secret;
use tracehook_core::signature::Delivery;
use tracehook_core::verify::{Faults, Setting, Verify};
use tracehook_core::{Configuration, Timestamp, preset};

use crate::report::Report;

/// The deliveries that are verified: those of the producers' presets.
const VECTORS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../functions/core/tests/sources/vectors.json"
);

/// How long each is repeated.
const EACH: Duration = Duration::from_millis(300);

pub(crate) fn measure(report: &mut Report) -> Result<()> {
    let text = std::fs::read_to_string(Path::new(VECTORS))?;
    let read: Value = serde_json::from_str(&text)?;
    let vectors = read.get("vectors").and_then(Value::as_array).context("no vectors")?;
    let mut of_kinds = BTreeMap::new();
    for vector in vectors.iter().filter(|vector| vector.get("refuse").is_none()) {
        if let Some((kind, case)) = Case::of(vector)? {
            of_kinds.entry(kind).or_insert(case);
        }
    }
    for (kind, case) in of_kinds {
        let name = format!("verification: {kind}, {} bytes", case.body.len());
        report.add(name, case.microseconds()?, "µs");
    }
    let sources: serde_json::Map<String, Value> = (0..200)
        .map(|number| (format!("producer-{number}"), own(number)))
        .collect();
    let document = json!({ "sources": sources }).to_string();
    let parse = || Configuration::parse(black_box(&document)).is_ok();
    report.add(
        format!("configuration: 200 sources of their own, {} bytes", document.len()),
        repeated(parse)?,
        "µs",
    );
    Ok(())
}

/// A source that says everything itself.
fn own(number: u32) -> Value {
    json!({
        "verify": [{
            "kind": "hmac", "hash": "sha256", "signed": "{timestamp}.{body}",
            "signature": {"from": [format!("header:X-Producer-{number}-Signature")], "split": [","],
                "items": ["t={timestamp}", "v1={sig}"], "encoding": "hex"},
            "timestamp": {"from": "field:timestamp", "format": "s", "tolerance": 300},
        }],
        "id": [format!("header:X-Producer-{number}-Delivery"), "json:/id", "hash"],
        "event": ["json:/type"],
    })
}

/// A delivery that is verified.
struct Case {
    verify: Verify,
    method: Method,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
    at: i64,
    secret: Secret,
}

impl Case {
    /// A vector, with the kind of its preset's first way; none where it has no preset.
    fn of(vector: &Value) -> Result<Option<(String, Self)>> {
        let text = |name: &str| vector.get(name).and_then(Value::as_str);
        let Some(source) = text("provider").and_then(preset::find) else {
            return Ok(None);
        };
        let source: Value = serde_json::from_str(source)?;
        let url = text("url").map(|url| url.split('?').next().unwrap_or(url).to_owned());
        let parameters = vector.get("parameters").cloned().unwrap_or_else(|| json!({}));
        let setting = Setting {
            body: source.get("body").and_then(Value::as_str).unwrap_or("json").parse()?,
            public_url: url.map(|url| url.parse()).transpose()?,
            parameters: serde_json::from_value(parameters)?,
        };
        let mut faults = Faults::default();
        let ways = source.get("verify").context("no verification")?;
        let Some(verify) = Verify::read("verify", ways, &setting, &mut faults) else {
            return Ok(None);
        };
        let headers: BTreeMap<String, String> =
            serde_json::from_value(vector.get("headers").cloned().unwrap_or_default())?;
        let header = |(name, value): (String, String)| {
            Ok::<_, anyhow::Error>((HeaderName::try_from(name)?, HeaderValue::try_from(value)?))
        };
        let case = Self {
            verify,
            method: text("method").unwrap_or("POST").parse()?,
            query: text("url")
                .and_then(|url| url.split_once('?'))
                .map_or("", |(_, query)| query)
                .to_owned(),
            headers: headers.into_iter().map(header).collect::<Result<_>>()?,
            body: text("body").unwrap_or_default().into(),
            at: vector.get("at").and_then(Value::as_i64).unwrap_or_default(),
            secret: Secret::new(text("secret").context("no secret")?),
        };
        let of_way = |name: &str| {
            ways.pointer(&format!("/0/{name}"))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let parts = ["kind", "hash", "alg"].map(of_way);
        let named: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Ok(case.is_accepted().then(|| (named.join(" "), case)))
    }

    fn is_accepted(&self) -> bool {
        let delivery = Delivery {
            method: &self.method,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
            received_at: Timestamp::from_epoch_ms(self.at.saturating_mul(1000)),
        };
        self.verify
            .verify(black_box(&delivery), std::slice::from_ref(&self.secret))
            .is_ok()
    }

    fn microseconds(&self) -> Result<f64> {
        repeated(|| self.is_accepted())
    }
}

/// The mean of what succeeds, in microseconds.
fn repeated(once: impl Fn() -> bool) -> Result<f64> {
    let began = Instant::now();
    let mut times = 0_u32;
    while began.elapsed() < EACH {
        if !once() {
            bail!("was refused");
        }
        times = times.checked_add(1).ok_or_else(|| anyhow!("too fast to measure"))?;
    }
    Ok(began.elapsed().as_secs_f64() * 1e6 / f64::from(times))
}
