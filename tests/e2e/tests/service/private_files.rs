//! What the service keeps is its owner's alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use tracehook_test_support::{Delivery, Service};

/// Every path below a directory, itself included.
fn walk(path: &Path, found: &mut Vec<PathBuf>) {
    found.push(path.to_owned());
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), found);
        }
    }
}

fn all(service: &Service) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&service.path("state"), &mut found);
    found.push(service.path("ready.json"));
    found
}

/// Payloads below and above what the table keeps.
async fn work(service: &Service) {
    for bytes in [10, 100_000] {
        let body = format!(r#"{{"fill": "{}"}}"#, "x".repeat(bytes));
        let answer = service.send(&Delivery::github("push", body)).await.unwrap();
        service.end_of(&answer.token().unwrap()).await.unwrap();
    }
}

fn open(paths: &[PathBuf]) -> Vec<String> {
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let is_open = |path: &&PathBuf| mode(path) != if path.is_dir() { 0o700 } else { 0o600 };
    let open = paths.iter().filter(is_open);
    open.map(|path| format!("{} {:o}", path.display(), mode(path)))
        .collect()
}

#[tokio::test]
async fn no_file_of_the_service_can_be_read_by_another_user() {
    let mut service = Service::start().await.unwrap();
    work(&service).await;
    let paths = all(&service);
    for name in [
        "dynamodb.db",
        "lambda.db",
        "lambda.db-wal",
        "traces.db",
        "secrets.json",
        "aws.env",
        "clock",
        "objects",
        "sandboxes",
    ] {
        assert!(
            paths.iter().any(|path| path.ends_with(name)),
            "{name} is not among {paths:?}"
        );
    }
    assert!(
        paths
            .iter()
            .any(|path| path.to_string_lossy().contains("objects/tracehook-payloads/")),
        "{paths:?}"
    );
    assert_eq!(open(&paths), Vec::<String>::new());

    // As an earlier version left them.
    service.kill().unwrap();
    for path in &paths {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    assert_eq!(open(&paths).len(), paths.len(), "the check sees them");
    service.restart().await.unwrap();
    work(&service).await;
    assert_eq!(open(&all(&service)), Vec::<String>::new());
}
