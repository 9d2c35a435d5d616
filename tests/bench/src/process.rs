//! Memory and CPU time of the functions' processes, from the kernel.

use std::fs;

use anyhow::{Context as _, Result};

/// Resident memory in MB (10^6 bytes).
pub(crate) fn resident_mb(pid: u64) -> Result<f64> {
    memory_mb(pid, "VmRSS:")
}

/// The most resident memory so far, in MB.
pub(crate) fn peak_mb(pid: u64) -> Result<f64> {
    memory_mb(pid, "VmHWM:")
}

fn memory_mb(pid: u64, name: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .with_context(|| format!("no {name}"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024.0 / 1e6)
}

/// User and system time so far, in seconds. Source: proc(5), fields 14 and 15 of `/proc/PID/stat`.
pub(crate) fn cpu_seconds(pid: u64) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the name in parentheses, which may hold spaces.
    let (_, after_name) = stat.rsplit_once(')').context("no name")?;
    let ticks: Vec<f64> = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    #[expect(clippy::cast_precision_loss, reason = "100 on every Linux")]
    let per_second = rustix::param::clock_ticks_per_second() as f64;
    Ok(ticks.iter().sum::<f64>() / per_second)
}
