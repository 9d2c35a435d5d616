//! Calls as a client sends them, on objects in memory and in files.

use std::path::Path;
use std::time::{Duration, SystemTime};

use axum::body::Bytes;

use super::*;

const DAY: Duration = Duration::from_hours(24);
const PATH: &str = "/hooks/payloads/0123/abcd";

fn open(directory: Option<&Path>) -> S3 {
    S3::open(directory, &["hooks"], 2 * DAY).unwrap()
}

fn sha256(body: &'static str) -> Sha256 {
    Sha256::of(&Bytes::from_static(body.as_bytes()))
}

fn put(path: &str, body: &'static str) -> http::request::Builder {
    Request::put(path)
        .header("Content-Length", body.len())
        .header("x-amz-content-sha256", sha256(body).hex())
        .header("x-amz-checksum-sha256", sha256(body).base64())
}

async fn sent(s3: &S3, request: http::request::Builder, body: &'static str) -> (u16, HeaderMap, String) {
    let response = s3.answer(request.body(Body::from(body)).unwrap()).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (
        parts.status.as_u16(),
        parts.headers,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

/// The status, and the code of an error.
async fn outcome(s3: &S3, request: http::request::Builder, body: &'static str) -> (u16, String) {
    let (status, _, text) = sent(s3, request, body).await;
    let code = text
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    (status, code.map(|(code, _)| code.to_owned()).unwrap_or_default())
}

#[tokio::test]
async fn an_object_is_read_as_it_was_put_until_it_is_deleted() {
    let directory = tempfile::tempdir().unwrap();
    for s3 in [open(None), open(Some(directory.path()))] {
        assert_eq!(
            outcome(&s3, Request::get(PATH), "").await,
            (404, "NoSuchKey".to_owned())
        );
        for body in ["first", "second, whole"] {
            assert_eq!(sent(&s3, put(PATH, body), body).await.0, 200);
            let (status, headers, read) =
                sent(&s3, Request::get(PATH).header("x-amz-checksum-mode", "ENABLED"), "").await;
            assert_eq!((status, read.as_str()), (200, body));
            let checksum = sha256(body).base64();
            assert_eq!(headers["x-amz-checksum-sha256"], checksum);
            assert!(headers.contains_key("etag") && headers.contains_key("last-modified"));
        }
        let (status, headers, read) = sent(&s3, Request::head(PATH), "").await;
        assert_eq!(
            (status, headers["content-length"].to_str().unwrap(), read.as_str()),
            (200, "13", "")
        );
        for _ in 0..2 {
            assert_eq!(sent(&s3, Request::delete(PATH), "").await.0, 204);
        }
        assert_eq!(sent(&s3, Request::head(PATH), "").await.0, 404);
    }
}

#[tokio::test]
async fn a_body_that_is_not_the_named_one_is_refused_and_not_stored() {
    let s3 = open(None);
    let other = sha256("another").base64();
    let with = |name: &str, value: &str| {
        let mut request = put(PATH, "body");
        let headers = request.headers_mut().unwrap();
        headers.insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        request
    };
    let without = |name: &str| {
        let mut request = put(PATH, "body");
        request.headers_mut().unwrap().remove(name);
        request
    };
    for (request, expected) in [
        (with("x-amz-checksum-sha256", &other), (400, "BadDigest")),
        (with("x-amz-checksum-sha256", "!"), (400, "InvalidRequest")),
        (
            with("x-amz-content-sha256", &"0".repeat(64)),
            (400, "XAmzContentSHA256Mismatch"),
        ),
        (
            with("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            (501, "NotImplemented"),
        ),
        (without("x-amz-content-sha256"), (400, "InvalidRequest")),
        (without("content-length"), (411, "MissingContentLength")),
        (with("if-none-match", "*"), (501, "NotImplemented")),
        (put("/other/key", "body"), (404, "NoSuchBucket")),
        (put("/hooks", "body"), (501, "NotImplemented")),
        (put("/hooks/key?tagging", "body"), (501, "NotImplemented")),
    ] {
        assert_eq!(outcome(&s3, request, "body").await, (expected.0, expected.1.to_owned()));
    }
    assert_eq!(outcome(&s3, Request::get(PATH), "").await.0, 404);
    assert_eq!(
        outcome(&s3, with("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), "body")
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_copy_onto_itself_has_to_change_something_and_makes_the_object_young() {
    let directory = tempfile::tempdir().unwrap();
    for s3 in [open(None), open(Some(directory.path()))] {
        let copy = || Request::put(PATH).header("x-amz-copy-source", PATH);
        let replace = || copy().header("x-amz-metadata-directive", "REPLACE");
        assert_eq!(outcome(&s3, replace(), "").await, (404, "NoSuchKey".to_owned()));
        sent(&s3, put(PATH, "body"), "body").await;
        assert_eq!(outcome(&s3, copy(), "").await, (400, "InvalidRequest".to_owned()));
        let before = SystemTime::now();
        std::thread::sleep(Duration::from_millis(20));
        let (status, _, text) = sent(&s3, replace(), "").await;
        assert!(status == 200 && text.contains("<CopyObjectResult>"), "{text}");
        assert_eq!(sent(&s3, Request::get(PATH), "").await.2, "body");
        assert_eq!(s3.expire(before + 2 * DAY), 0, "it is younger than that");
        assert_eq!(s3.expire(SystemTime::now() + 3 * DAY), 1);
        assert_eq!(outcome(&s3, Request::get(PATH), "").await.0, 404);
    }
}

#[tokio::test]
async fn an_object_is_as_old_as_the_clock_of_the_service_says() {
    fn in_five_days() -> SystemTime {
        SystemTime::now() + 5 * DAY
    }
    let directory = tempfile::tempdir().unwrap();
    for directory in [None, Some(directory.path())] {
        let s3 = S3::timed_by(in_five_days, directory, &["hooks"], 2 * DAY).unwrap();
        sent(&s3, put(PATH, "body"), "body").await;
        assert_eq!(s3.expire(SystemTime::now() + 6 * DAY), 0);
        assert_eq!(s3.expire(SystemTime::now() + 8 * DAY), 1);
    }
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart_and_what_was_not_finished_is_not() {
    let directory = tempfile::tempdir().unwrap();
    sent(&open(Some(directory.path())), put(PATH, "body"), "body").await;
    let unfinished = directory.path().join("hooks/.new-1");
    std::fs::write(&unfinished, "bo").unwrap();
    let s3 = open(Some(directory.path()));
    assert_eq!(sent(&s3, Request::get(PATH), "").await.2, "body");
    assert!(!unfinished.exists());
}
