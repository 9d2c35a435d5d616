//! Deployment packages: the same files make the same bytes.

#![cfg(test)]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use tracehook_infrastructure::path;

fn pack(directory: &Path, binary: &str, age: Duration, schemas: &[&str]) -> Vec<u8> {
    let file = directory.join("built-binary");
    fs::write(&file, binary).unwrap();
    File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(SystemTime::now() - age)
        .unwrap();
    let known = directory.join("known");
    fs::create_dir_all(&known).unwrap();
    for name in schemas {
        fs::write(known.join(name), "{}").unwrap();
    }
    let package = directory.join("processor/bootstrap.zip");
    let status = Command::new(path("functions/packaging/pack"))
        .args([&file, &package, &known])
        .status()
        .unwrap();
    assert!(status.success());
    fs::read(package).unwrap()
}

#[test]
fn the_same_files_make_the_same_package_wherever_and_whenever_they_were_built() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let schemas = ["shop.json", "github.json"];
    let first = pack(here.path(), "code", Duration::ZERO, &schemas);
    let second = pack(
        there.path(),
        "code",
        Duration::from_secs(100_000),
        &["github.json", "shop.json"],
    );
    assert_eq!(first, second);
    assert_ne!(first, pack(here.path(), "other code", Duration::ZERO, &schemas));
    assert_ne!(second, pack(there.path(), "code", Duration::ZERO, &["more.json"]));
}

#[test]
fn a_package_has_the_binary_as_lambda_wants_it_and_the_schemas_alone() {
    let directory = tempfile::tempdir().unwrap();
    pack(directory.path(), "code", Duration::ZERO, &["shop.json", "notes.txt"]);
    let listing = "import stat, sys, zipfile\nfor entry in zipfile.ZipFile(sys.argv[1]).infolist(): print(entry.filename, stat.filemode(entry.external_attr >> 16))";
    let output = Command::new("python3")
        .args(["-c", listing])
        .arg(directory.path().join("processor/bootstrap.zip"))
        .output()
        .unwrap();
    let entries = String::from_utf8(output.stdout).unwrap();
    assert_eq!(entries, "bootstrap -rwxr-xr-x\nschemas/shop.json -rw-r--r--\n");
}

#[test]
fn a_release_is_made_of_commits_alone() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::create_dir(at.join("functions")).unwrap();
    fs::copy(path("functions/release"), at.join("functions/release")).unwrap();
    let status = Command::new("git").arg("-C").arg(at).args(["init", "-q"]).status();
    assert!(status.unwrap().success());
    let output = Command::new(at.join("functions/release")).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && text.contains("make release: there are changes"),
        "{text}"
    );
}
