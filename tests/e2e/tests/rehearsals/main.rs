//! Outages on the clock of the service: hours pass in minutes, and everything that waits does what it does at its time.
//!
//! A rehearsal prints its figures. `REHEARSAL_WEBHOOKS` makes it larger (12 when unset).

#![cfg(test)]

mod fix;
mod outage;
mod passing;
mod starts;
mod target;

/// The number of webhooks of a rehearsal.
fn webhooks() -> usize {
    let value = std::env::var("REHEARSAL_WEBHOOKS").ok();
    value.map_or(12, |value| value.parse().unwrap())
}

/// The most that happens in any second of these times, epoch seconds.
fn peak(seconds: impl IntoIterator<Item = i64>) -> usize {
    let mut counts = std::collections::BTreeMap::<i64, usize>::new();
    for second in seconds {
        *counts.entry(second).or_default() += 1;
    }
    counts.into_values().max().unwrap_or_default()
}
