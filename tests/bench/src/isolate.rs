//! Hides the machine's separate debug files from the measured functions.
//!
//! The engine captures a stack trace of every failed step. Where `/usr/lib/debug` holds debug files of the C library, the
//! capture reads them into memory for good; a deployed function has none. So the bench runs itself once more in a mount
//! namespace of its own in which that directory is empty.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

const DEBUG_FILES: &str = "/usr/lib/debug";

/// Set for the second run.
const MARK: &str = "TRACEHOOK_BENCH_ISOLATED";

/// Does not return where the second run takes over. Where it cannot, the figures of memory are larger.
pub(crate) fn hide_debug_files() {
    if std::env::var_os(MARK).is_some() || !Path::new(DEBUG_FILES).is_dir() {
        return;
    }
    let Ok(this) = std::env::current_exe() else { return };
    let in_namespace = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
        command
    };
    let hide = format!("mount -t tmpfs tmpfs {DEBUG_FILES}");
    if in_namespace(&hide).status().is_ok_and(|status| status.success()) {
        // Returns only when it fails.
        let _ = in_namespace(&format!("{hide} && exec \"$0\" \"$@\""))
            .arg(this)
            .args(std::env::args_os().skip(1))
            .env(MARK, "1")
            .exec();
    }
    eprintln!("{DEBUG_FILES} cannot be hidden: memory after failures is measured with it");
}
