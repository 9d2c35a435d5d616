//! The clock that the times of records, log lines and spans are read from.
//!
//! Contract: it is the system's clock, ahead by the time that the local service has moved its clock on, which all its
//! processes read from one file, so that outages of hours are rehearsed in minutes. It never goes back. The file is named
//! by `CLOCK_OFFSET_FILE`, a variable of the process and of no configuration: no deployment sets it, and no request, event
//! or payload reaches it. Budgets, timeouts and paces are not read from here: they stay on the monotonic clock.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tracehook_core::Timestamp;

/// The variable with the path of the file; without it this is the system's clock.
pub(crate) const OFFSET_FILE: &str = "CLOCK_OFFSET_FILE";

static OFFSET: OnceLock<Offset> = OnceLock::new();

/// A file whose first eight bytes are the lead in milliseconds, little-endian.
#[derive(Debug)]
struct Offset {
    file: File,
    /// The longest lead that was read.
    seen_ms: AtomicU64,
}

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from(system_now())
}

/// Now, in the system's type.
#[must_use]
pub fn system_now() -> SystemTime {
    let now = SystemTime::now();
    now.checked_add(lead()).unwrap_or(now)
}

/// How far this clock is ahead of the system's.
#[must_use]
pub fn lead() -> Duration {
    OFFSET.get().map_or(Duration::ZERO, Offset::lead)
}

/// Follows the file at `path` from now on, if there is one. A second call in one process changes nothing.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn follow(path: Option<&str>) -> io::Result<()> {
    if let Some(path) = path {
        let _ = OFFSET.set(Offset::open(path)?);
    }
    Ok(())
}

impl Offset {
    fn open(path: &str) -> io::Result<Self> {
        let file = File::open(path)?;
        let seen_ms = AtomicU64::new(read(&file)?);
        Ok(Self { file, seen_ms })
    }

    /// The lead as the file has it now; the longest so far when that is shorter or cannot be read.
    fn lead(&self) -> Duration {
        let now_ms = read(&self.file).unwrap_or_default();
        let before_ms = self.seen_ms.fetch_max(now_ms, Ordering::Relaxed);
        Duration::from_millis(now_ms.max(before_ms))
    }
}

fn read(file: &File) -> io::Result<u64> {
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lead_is_what_the_file_says_and_never_shrinks() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("clock");
        assert!(Offset::open(path.to_str().unwrap()).is_err(), "there is no file");
        std::fs::write(&path, [0; 7]).unwrap();
        assert!(Offset::open(path.to_str().unwrap()).is_err(), "the file is too short");

        std::fs::write(&path, 250_u64.to_le_bytes()).unwrap();
        let offset = Offset::open(path.to_str().unwrap()).unwrap();
        assert_eq!(offset.lead(), Duration::from_millis(250));
        for (written, lead) in [(10_800_000_u64, 10_800_000), (7, 10_800_000), (10_800_001, 10_800_001)] {
            let file = File::options().write(true).open(&path).unwrap();
            file.write_all_at(&written.to_le_bytes(), 0).unwrap();
            assert_eq!(offset.lead(), Duration::from_millis(lead));
        }
        File::create(&path).unwrap();
        assert_eq!(
            offset.lead(),
            Duration::from_millis(10_800_001),
            "an empty file says nothing"
        );
    }

    #[test]
    fn without_a_file_it_is_the_clock_of_the_system() {
        follow(None).unwrap();
        assert_eq!(lead(), Duration::ZERO);
        let (before, now, after) = (SystemTime::now(), system_now(), SystemTime::now());
        assert!(before <= now && now <= after);
    }
}
