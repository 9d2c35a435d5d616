//! A service whose values are known: the same traffic every minute, until something changes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tracehook_alarms::Deployment;
use tracehook_alarms::data::{Files, SilentSource};
use tracehook_local_cloudwatch::{Metric, MetricAlarm, Readings, Statistic};

pub(crate) const MINUTE_MS: i64 = 60_000;
/// The begin of every scenario: a full hour.
pub(crate) const BEGIN_MS: i64 = 1_700_000_400_000 - 1_700_000_400_000 % 3_600_000;

/// Values, each with its number in a minute.
pub(crate) type Samples = Vec<(f64, f64)>;

/// A metric without its statistic.
pub(crate) type Key = (String, String, BTreeMap<String, String>);

/// The values of one minute of traffic.
pub(crate) type Minute = BTreeMap<Key, Samples>;

pub(crate) fn root() -> PathBuf {
    // At run time: checkouts may share a target directory.
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../..")
}

pub(crate) fn files() -> Files {
    Files::read(&root().join("alarms")).unwrap()
}

/// Two sources; the shop is expected to send at least every two hours.
pub(crate) fn deployment() -> Deployment {
    let mut deployment = Deployment::named("hooks", ["github", "shop"]);
    deployment
        .silent_sources
        .insert("shop".to_owned(), SilentSource { silence_seconds: 7200 });
    deployment
}

/// As Terraform's tests have them: `source-00` and on.
pub(crate) fn of_sources(count: usize) -> Deployment {
    let names: Vec<String> = (0..count).map(|number| format!("source-{number:02}")).collect();
    Deployment::named("hooks", names.iter().map(String::as_str))
}

pub(crate) fn key<'a>(namespace: &str, name: &str, dimensions: impl IntoIterator<Item = (&'a str, &'a str)>) -> Key {
    let dimensions = dimensions
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    (namespace.to_owned(), name.to_owned(), dimensions.collect())
}

/// Ranges of time, each with its traffic.
#[derive(Default)]
pub(crate) struct World {
    ranges: Vec<(i64, i64, Minute)>,
    expected: Option<Expected>,
}

/// The lower bound of what is expected in `from_ms..to_ms`, in place of `CloudWatch`'s model.
type Expected = Box<dyn Fn(i64, i64) -> Option<f64>>;

impl World {
    /// The traffic of `from_ms..to_ms`.
    pub(crate) fn add(&mut self, from_ms: i64, to_ms: i64, minute: &Minute) {
        self.ranges.push((from_ms, to_ms, minute.clone()));
    }

    /// The same lower bound of every band in every period.
    pub(crate) fn expecting(self, lower: f64) -> Self {
        self.expecting_by(move |_, _| Some(lower))
    }

    /// A lower bound by the period.
    pub(crate) fn expecting_by(mut self, lower: impl Fn(i64, i64) -> Option<f64> + 'static) -> Self {
        self.expected = Some(Box::new(lower));
        self
    }

    /// Ends the last range.
    pub(crate) fn end(&mut self, at_ms: i64) {
        if let Some((_, to_ms, _)) = self.ranges.last_mut() {
            *to_ms = at_ms;
        }
    }
}

impl Readings for World {
    fn value(&self, metric: &Metric, statistic: Statistic, from_ms: i64, to_ms: i64) -> Option<f64> {
        let key = (metric.namespace.clone(), metric.name.clone(), metric.dimensions.clone());
        let mut values = Samples::new();
        for (begin_ms, end_ms, minute) in &self.ranges {
            let overlap_ms = to_ms.min(*end_ms) - from_ms.max(*begin_ms);
            if let (true, Some(samples)) = (overlap_ms > 0, minute.get(&key)) {
                let minutes = overlap_ms as f64 / MINUTE_MS as f64;
                values.extend(samples.iter().map(|(value, count)| (*value, count * minutes)));
            }
        }
        statistic.of(&values)
    }

    fn lower_bound(&self, _: &MetricAlarm, from_ms: i64, to_ms: i64) -> Option<f64> {
        self.expected.as_ref()?(from_ms, to_ms)
    }
}

/// A minute in which all is well, with so many webhooks per second over the deployment's sources. Strangers send a little
/// at any time. A metric without an event has no values, as in `CloudWatch`.
pub(crate) fn healthy(per_second: f64) -> Minute {
    let deployment = deployment();
    let webhooks = 60.0 * per_second;
    let mut minute = Minute::new();
    let mut put = |key: Key, samples: &[(f64, f64)]| {
        let samples: Samples = samples.iter().copied().filter(|(_, count)| *count > 0.0).collect();
        if !samples.is_empty() {
            minute.insert(key, samples);
        }
    };
    let named = [
        ("ApiName", "hooks"),
        ("Stage", "v1"),
        ("Method", "POST"),
        ("Resource", "/webhook/{source}"),
    ];
    let whole = [("ApiName", "hooks"), ("Stage", "v1")];
    let latency = [(0.5, 20.0), (0.4, 40.0), (0.09, 200.0), (0.01, 900.0)].map(|(share, ms)| (ms, share * webhooks));
    for (dimensions, strangers) in [(&named[..], 0.0), (&whole[..], 1.0)] {
        let api = |name: &str| key("AWS/ApiGateway", name, dimensions.iter().copied());
        put(api("Count"), &[(1.0, webhooks + strangers)]);
        put(api("5XXError"), &[(0.0, webhooks + strangers)]);
        put(api("4XXError"), &[(0.0, webhooks), (1.0, strangers)]);
        put(api("Latency"), &latency);
    }
    put(
        key("Tracehook/hooks", "AnswerTime", [("service", "validator")]),
        &latency,
    );
    put(
        key(
            "AWS/WAFV2",
            "BlockedRequests",
            [("WebACL", "hooks"), ("Region", "eu-west-1"), ("Rule", "ALL")],
        ),
        &[(1.0, 2.0)],
    );
    for kind in ["Visible", "NotVisible"] {
        let name = format!("ApproximateNumberOfMessages{kind}");
        put(
            key("AWS/SQS", &name, [("QueueName", "hooks-dead-letters")]),
            &[(0.0, 1.0)],
        );
    }
    put(
        key("AWS/Lambda", "ClaimedAccountConcurrency", []),
        &[(5.0 + per_second, 1.0)],
    );
    for (part, function) in &deployment.functions {
        let lambda = |name: &str| key("AWS/Lambda", name, [("FunctionName", function.name.as_str())]);
        put(lambda("Invocations"), &[(1.0, webhooks)]);
        put(lambda("Errors"), &[(0.0, webhooks)]);
        put(lambda("Throttles"), &[(0.0, webhooks)]);
        put(lambda("Duration"), &[(40.0, webhooks)]);
        if matches!(part.as_str(), "processor" | "reconciler") {
            put(lambda("AsyncEventAge"), &[(80.0, webhooks)]);
        }
    }
    let durable = |name: &str| key("AWS/Lambda", name, [("FunctionName", "hooks-processor")]);
    put(durable("DurableExecutionStarted"), &[(1.0, webhooks)]);
    put(durable("DurableExecutionSucceeded"), &[(1.0, webhooks)]);
    put(
        durable("DurableExecutionDuration"),
        &[(300.0, 0.99 * webhooks), (9000.0, 0.01 * webhooks)],
    );
    put(durable("DurableExecutionOperations"), &[(4.0, webhooks)]);
    put(durable("DurableExecutionStorageWrittenBytes"), &[(2000.0, webhooks)]);
    put(
        durable("ApproximateRunningDurableExecutionsUtilization"),
        &[(1.0, webhooks.min(1.0))],
    );
    let reconciler = |name: &str, dimensions: &[(&str, &str)]| {
        let service = [("service", "reconciler")];
        key("Tracehook/hooks", name, service.iter().chain(dimensions).copied())
    };
    // A sweep a minute, whatever the traffic; a webhook that is tried again is open for a while.
    let open = (webhooks / 600.0).floor();
    put(reconciler("Sweeps", &[("outcome", "complete")]), &[(1.0, 1.0)]);
    put(reconciler("WebhooksOpen", &[]), &[(open, 1.0)]);
    put(reconciler("OldestOpenAge", &[]), &[(90_000.0 * open.min(1.0), 1.0)]);
    for reason in ["not_started", "open_too_long"] {
        put(reconciler("WebhooksStuck", &[("reason", reason)]), &[(0.0, 1.0)]);
    }
    put(refused("unknown", "unknown_source"), &[(1.0, 1.0)]);
    let share = webhooks / deployment.sources.len() as f64;
    for source in deployment.sources.keys() {
        let of = |service: &str, name: &str| {
            key(
                "Tracehook/hooks",
                name,
                [("service", service), ("source", source.as_str())],
            )
        };
        put(refused(source, "signature_missing"), &[(1.0, 0.5)]);
        put(of("validator", "WebhooksReceived"), &[(1.0, share + 0.5)]);
        put(of("validator", "WebhooksVerified"), &[(1.0, share)]);
        put(of("validator", "WebhooksAccepted"), &[(1.0, share)]);
        put(of("validator", "Starts"), &[(1.0, share)]);
        // Handlers give up some events at any time.
        put(of("processor", "ExecutionsCompleted"), &[(1.0, 0.999 * share)]);
        put(of("processor", "WebhooksFailed"), &[(1.0, 0.001 * share)]);
    }
    minute
}

fn refused(source: &str, reason: &str) -> Key {
    key(
        "Tracehook/hooks",
        "WebhooksRejected",
        [("service", "validator"), ("source", source), ("reason", reason)],
    )
}
