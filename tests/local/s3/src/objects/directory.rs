//! Objects as files: one directory for each bucket, one file for each object, named by its encoded key.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use axum::body::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Name, Object};

/// What a file's name holds as it is.
const IN_FILE_NAMES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');
/// The names of files that are being written, which no key encodes to.
const UNFINISHED: &str = ".new-";

#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    /// Opens the directory. What an earlier process did not finish is removed.
    pub(super) fn open(directory: &Path, buckets: &[&str]) -> anyhow::Result<Self> {
        for bucket in buckets {
            let bucket = directory.join(bucket);
            fs::create_dir_all(&bucket).with_context(|| format!("create {}", bucket.display()))?;
            for entry in fs::read_dir(&bucket)?.flatten() {
                if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                    let _ = fs::remove_file(entry.path());
                }
            }
        }
        Ok(Self(directory.to_owned()))
    }

    /// Written beside, brought to the disk, and moved into its place.
    pub(super) fn put(&self, name: &Name, body: &Bytes, now: SystemTime) -> io::Result<()> {
        let bucket = self.0.join(&name.bucket);
        let beside = bucket.join(format!("{UNFINISHED}{}", crate::request_id()));
        let written = File::create(&beside).and_then(|mut file| {
            file.write_all(body)?;
            file.set_modified(now)?;
            file.sync_all()?;
            fs::rename(&beside, self.path(name))?;
            File::open(&bucket)?.sync_all()
        });
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }

    pub(super) fn get(&self, name: &Name) -> io::Result<Option<Object>> {
        let read = File::open(self.path(name)).and_then(|mut file| {
            let (mut body, modified) = (Vec::new(), file.metadata()?.modified()?);
            file.read_to_end(&mut body)?;
            Ok(Object {
                body: body.into(),
                modified,
            })
        });
        found(read)
    }

    pub(super) fn delete(&self, name: &Name) -> io::Result<()> {
        found(fs::remove_file(self.path(name)))?;
        File::open(self.0.join(&name.bucket))?.sync_all()
    }

    pub(super) fn delete_where(&self, is_old: impl Fn(SystemTime) -> bool) -> io::Result<usize> {
        let mut deleted = 0;
        for bucket in fs::read_dir(&self.0)? {
            for object in fs::read_dir(bucket?.path())? {
                let object = object?;
                if is_old(object.metadata()?.modified()?) {
                    fs::remove_file(object.path())?;
                    deleted += 1;
                }
            }
        }
        Ok(deleted)
    }

    fn path(&self, name: &Name) -> PathBuf {
        let file = utf8_percent_encode(&name.key, IN_FILE_NAMES).to_string();
        self.0.join(&name.bucket).join(file)
    }
}

/// None for what is not there.
fn found<T>(done: io::Result<T>) -> io::Result<Option<T>> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
