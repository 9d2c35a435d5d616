//! The metrics that a test records.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, LocalRecorderGuard, Metadata, Recorder,
    SharedString, Unit,
};

type Values = Arc<Mutex<BTreeMap<String, Vec<f64>>>>;

/// Collects the metrics of this thread until it is dropped.
pub struct Counting {
    values: Values,
    _current: LocalRecorderGuard<'static>,
}

impl std::fmt::Debug for Counting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Counting").finish_non_exhaustive()
    }
}

impl Counting {
    /// Starts collecting. The recorder is leaked: test processes are short.
    #[must_use]
    pub fn start() -> Self {
        let values = Values::default();
        let recorder: &'static Local = Box::leak(Box::new(Local(Arc::clone(&values))));
        Self {
            values,
            _current: metrics::set_default_local_recorder(recorder),
        }
    }

    /// The values recorded since the last call, by `Name` or `Name dimension=value …`.
    #[must_use]
    pub fn taken(&self) -> BTreeMap<String, Vec<f64>> {
        std::mem::take(&mut *self.values.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Local(Values);

struct One {
    name: String,
    values: Values,
}

impl One {
    fn of(key: &Key, values: &Values) -> Arc<Self> {
        let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
        Arc::new(Self {
            name: key.name().to_owned() + &labels.collect::<String>(),
            values: Arc::clone(values),
        })
    }

    fn add(&self, value: f64) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        values.entry(self.name.clone()).or_default().push(value);
    }
}

impl CounterFn for One {
    fn increment(&self, value: u64) {
        #[expect(clippy::cast_precision_loss, reason = "tests count little")]
        self.add(value as f64);
    }

    fn absolute(&self, _: u64) {}
}

impl HistogramFn for One {
    fn record(&self, value: f64) {
        self.add(value);
    }
}

impl Recorder for Local {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(One::of(key, &self.0))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(One::of(key, &self.0))
    }
}
