//! The state directory as its owner's alone.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::Context as _;
use rustix::fs::Mode;

/// The starts of the names that the service gives to what it keeps there.
const OURS: [&str; 9] = [
    "aws.env",
    "clock",
    "dynamodb.db",
    "example-header",
    "lambda.db",
    "objects",
    "sandboxes",
    "secrets.",
    "traces.db",
];

/// Makes the directory where there is none, takes it and the state in it from everybody but its owner, and makes what this
/// process and its children write from now on their owner's alone.
///
/// # Errors
/// When the directory cannot be made, or what is in it is not this user's.
pub(crate) fn keep(directory: &Path) -> anyhow::Result<()> {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
        .create(directory)
        .and_then(|()| close_state(directory))
        .with_context(|| format!("keep {} to its owner", directory.display()))
}

/// An earlier version made files that everybody could read. What somebody else keeps in the directory stays as it is.
fn close_state(directory: &Path) -> std::io::Result<()> {
    // The directory first: nobody looks into it while its files are closed.
    take(directory)?;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if OURS
            .iter()
            .any(|ours| entry.file_name().to_string_lossy().starts_with(ours))
        {
            close(&entry.path())?;
        }
    }
    Ok(())
}

/// Links lead elsewhere and are left alone.
fn close(path: &Path) -> std::io::Result<()> {
    let about = fs::symlink_metadata(path)?;
    if about.is_symlink() {
        return Ok(());
    }
    take(path)?;
    if about.is_dir() {
        for entry in fs::read_dir(path)? {
            close(&entry?.path())?;
        }
    }
    Ok(())
}

fn take(path: &Path) -> std::io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode();
    fs::set_permissions(path, Permissions::from_mode(mode & 0o700))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_closed_and_what_a_link_leads_to_is_left_alone() {
        let outside = tempfile::NamedTempFile::new().unwrap();
        fs::set_permissions(outside.path(), Permissions::from_mode(0o644)).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        fs::create_dir_all(state.join("objects/bucket")).unwrap();
        fs::write(state.join("objects/bucket/key"), "payload").unwrap();
        std::os::unix::fs::symlink(outside.path(), state.join("objects/link")).unwrap();
        for file in ["dynamodb.db", "dynamodb.db-wal", "notes.txt"] {
            fs::write(state.join(file), "").unwrap();
            fs::set_permissions(state.join(file), Permissions::from_mode(0o644)).unwrap();
        }
        for path in ["", "objects", "objects/bucket"] {
            fs::set_permissions(state.join(path), Permissions::from_mode(0o755)).unwrap();
        }
        fs::set_permissions(state.join("objects/bucket/key"), Permissions::from_mode(0o664)).unwrap();

        keep(&state).unwrap();
        fs::write(state.join("later"), "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for path in ["", "objects", "objects/bucket"] {
            assert_eq!(mode(&state.join(path)), 0o700, "{path}");
        }
        for path in ["objects/bucket/key", "dynamodb.db", "dynamodb.db-wal", "later"] {
            assert_eq!(mode(&state.join(path)), 0o600, "{path}");
        }
        assert_eq!(mode(&state.join("notes.txt")), 0o644, "it is nothing of the service");
        assert_eq!(mode(outside.path()), 0o644);
    }
}
