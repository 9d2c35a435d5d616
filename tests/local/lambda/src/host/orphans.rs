//! Processes that a killed host could not end: recorded by id, ended by the next host on the same directory.
//!
//! An idle process ends by itself when its Runtime API connection closes; this is for the busy ones.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names the state directory in a sandbox's environment, so that a host ends its own processes only.
pub(super) const MARK: &str = "TRACEHOOK_LOCAL_STATE_DIRECTORY";

/// The process of that id, if it can be one.
pub(super) fn process(pid: u32) -> Option<rustix::process::Pid> {
    i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw)
}

/// Notes a process. A note that cannot be written is missed only after a crash of the host.
pub(super) fn remember(directory: &Path, pid: u32) {
    let _ = fs::write(notes(directory).join(pid.to_string()), "");
}

/// Drops the note of a process that has ended.
pub(super) fn forget(directory: &Path, pid: u32) {
    let _ = fs::remove_file(notes(directory).join(pid.to_string()));
}

/// Ends what is noted and still one of the binaries with this directory in its environment, and forgets all notes.
pub(super) fn kill(directory: &Path, binaries: &[&Path]) -> io::Result<()> {
    fs::create_dir_all(notes(directory))?;
    for note in fs::read_dir(notes(directory))? {
        let note = note?;
        let pid = note.file_name().to_string_lossy().parse::<u32>().ok();
        if let Some(process) = pid.filter(|pid| is_ours(*pid, directory, binaries)).and_then(process) {
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
        fs::remove_file(note.path())?;
    }
    Ok(())
}

fn is_ours(pid: u32, directory: &Path, binaries: &[&Path]) -> bool {
    let Ok(executable) = fs::read_link(format!("/proc/{pid}/exe")) else {
        return false;
    };
    let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else {
        return false;
    };
    // A binary that was built anew shows as deleted.
    let executable = executable.to_string_lossy();
    let executable = Path::new(executable.trim_end_matches(" (deleted)"));
    let mark = format!("{MARK}={}", directory.display());
    let known = binaries
        .iter()
        .any(|binary| *binary == executable || fs::canonicalize(binary).is_ok_and(|canonical| canonical == executable));
    known
        && environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == mark.as_bytes())
}

fn notes(directory: &Path) -> PathBuf {
    directory.join("sandboxes")
}
