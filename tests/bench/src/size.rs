//! Size of each function: the binary, and the zip of it.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::FUNCTIONS;
use crate::report::Report;

pub(crate) fn measure(report: &mut Report, binaries: &Path) -> Result<()> {
    for function in FUNCTIONS {
        let path = binaries.join(function);
        let bytes = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        let mut zipped = DeflateEncoder::new(Vec::new(), Compression::best());
        zipped.write_all(&bytes)?;
        report.add(format!("{function}: binary"), megabytes(bytes.len()), "MB");
        report.add_at_most(
            format!("{function}: zipped"),
            megabytes(zipped.finish()?.len()),
            "MB",
            5.0,
        );
    }
    Ok(())
}

fn megabytes(bytes: usize) -> f64 {
    u32::try_from(bytes).map_or(f64::NAN, |bytes| f64::from(bytes) / 1e6)
}
