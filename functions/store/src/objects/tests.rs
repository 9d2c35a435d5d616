//! The calls of the bucket over connections with scripted answers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::retry::RetryConfig;
use aws_types::region::Region;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

const KEY: &str = "payloads/00/11";
const BODY: &[u8] = b"sixteen bytes ..";
const TRIES: u32 = 3;

/// What happens to one call.
#[derive(Debug, Clone, Copy)]
enum Then {
    Answers(u16, &'static str),
    IsLost,
    Hangs,
}

/// Answers one call after the other as it is told, and keeps them. The last answer stays.
#[derive(Debug, Clone)]
struct Scripted {
    answers: Arc<Mutex<VecDeque<Then>>>,
    calls: Arc<Mutex<Vec<HttpRequest>>>,
}

impl Scripted {
    fn new(answers: &[Then]) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            calls: Arc::default(),
        }
    }

    fn objects(&self) -> Objects {
        let connector = self.clone();
        let http = http_client_fn(move |_: &HttpConnectorSettings, _| SharedHttpConnector::new(connector.clone()));
        Objects::new(&aws(http).build(), "hooks-payloads", Nothing)
    }

    fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }
}

impl HttpConnector for Scripted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.calls.lock().unwrap().push(request);
        let mut answers = self.answers.lock().unwrap();
        let next = answers.front().copied().unwrap();
        if answers.len() > 1 {
            answers.pop_front();
        }
        match next {
            Then::Answers(status, body) => {
                HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body.into())))
            }
            Then::IsLost => HttpConnectorFuture::ready(Err(ConnectorError::io("lost".into()))),
            Then::Hangs => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

#[derive(Debug)]
struct Nothing;

impl Intercept for Nothing {
    fn name(&self) -> &'static str {
        "Nothing"
    }
}

fn aws(http: SharedHttpClient) -> aws_types::sdk_config::Builder {
    let credentials = Credentials::new("AKIDEXAMPLE", "hunter2", None, None, "test");
    SdkConfig::builder()
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http)
        .sleep_impl(TokioSleep::new())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(TRIES)
                .with_initial_backoff(Duration::from_millis(1)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(Duration::from_secs(2))
                .operation_timeout(Duration::from_millis(4500))
                .build(),
        )
}

fn digest() -> PayloadDigest {
    Sha256::digest(BODY).into()
}

async fn put(objects: &Objects) -> Result<(), StoreError> {
    objects.put(KEY, Bytes::from_static(BODY), &digest()).await
}

async fn get(objects: &Objects) -> Result<Option<Bytes>, StoreError> {
    objects.get(KEY, BODY.len() as u64, &digest()).await
}

const fn refusal(status: u16, document: &'static str) -> Then {
    Then::Answers(status, document)
}

const SLOW_DOWN: Then = refusal(503, "<Error><Code>SlowDown</Code></Error>");
const INTERNAL: Then = refusal(500, "<Error><Code>InternalError</Code></Error>");
const IDLE: Then = refusal(400, "<Error><Code>RequestTimeout</Code></Error>");
const DENIED: Then = refusal(403, "<Error><Code>AccessDenied</Code></Error>");
const NO_BUCKET: Then = refusal(404, "<Error><Code>NoSuchBucket</Code></Error>");
const NO_KEY: Then = refusal(404, "<Error><Code>NoSuchKey</Code></Error>");
const STORED: Then = Then::Answers(200, "");
const FOUND: Then = Then::Answers(200, "sixteen bytes ..");
const COPIED: Then = Then::Answers(200, "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>");
const FAILED_COPY: Then = refusal(200, "<Error><Code>InternalError</Code></Error>");

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_and_then_unavailable() {
    for (fault, code) in [
        (SLOW_DOWN, "S3 SlowDown"),
        (INTERNAL, "S3 InternalError"),
        (IDLE, "S3 RequestTimeout"),
        (refusal(502, "not S3"), "S3 unknown"),
        (Then::IsLost, "S3 connection"),
    ] {
        let scripted = Scripted::new(&[fault, fault, STORED]);
        assert_eq!(put(&scripted.objects()).await, Ok(()), "{code}");
        assert_eq!(scripted.calls(), 3, "{code}");
        let scripted = Scripted::new(&[fault, FOUND]);
        assert_eq!(
            get(&scripted.objects()).await,
            Ok(Some(Bytes::from_static(BODY))),
            "{code}"
        );
        let unavailable = StoreError::Unavailable(code.to_owned());
        let scripted = Scripted::new(&[fault]);
        assert_eq!(put(&scripted.objects()).await, Err(unavailable.clone()));
        assert_eq!(scripted.calls() as u64, u64::from(TRIES), "{code}");
        assert_eq!(get(&Scripted::new(&[fault]).objects()).await, Err(unavailable.clone()));
        assert_eq!(Scripted::new(&[fault]).objects().renew(KEY).await, Err(unavailable));
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_does_not_answer_is_given_up_while_the_producer_still_waits() {
    let began = tokio::time::Instant::now();
    let hangs = Scripted::new(&[Then::Hangs]);
    assert_eq!(
        put(&hangs.objects()).await,
        Err(StoreError::Unavailable("S3 timeout".to_owned()))
    );
    assert_eq!(began.elapsed(), UPLOAD);
    let once = Scripted::new(&[Then::Hangs, STORED]);
    assert_eq!(put(&once.objects()).await, Ok(()));
    assert_eq!(once.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_is_refused_at_once() {
    for (fault, code) in [(DENIED, "S3 AccessDenied"), (NO_BUCKET, "S3 NoSuchBucket")] {
        let refused = StoreError::Refused(code.to_owned());
        let scripted = Scripted::new(&[fault]);
        assert_eq!(put(&scripted.objects()).await, Err(refused.clone()));
        assert_eq!(get(&scripted.objects()).await, Err(refused.clone()));
        assert_eq!(scripted.objects().renew(KEY).await, Err(refused));
        assert_eq!(scripted.calls(), 3, "{code}: one try of each");
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_gone_is_told_and_no_error() {
    let scripted = Scripted::new(&[NO_KEY]);
    assert_eq!(get(&scripted.objects()).await, Ok(None));
    assert_eq!(scripted.objects().renew(KEY).await, Ok(false));
    assert_eq!(scripted.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_object_with_other_bytes_is_damaged() {
    for body in ["", "sixteen bytes .", "sixteen bytes ...", "SIXTEEN BYTES .."] {
        let scripted = Scripted::new(&[Then::Answers(200, body)]);
        assert_eq!(get(&scripted.objects()).await, Err(StoreError::Damaged), "{body}");
        assert_eq!(scripted.calls(), 1, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_fails_after_its_answer_began_is_tried_again() {
    let scripted = Scripted::new(&[FAILED_COPY, COPIED]);
    assert_eq!(scripted.objects().renew(KEY).await, Ok(true));
    assert_eq!(scripted.calls(), 2);
    let scripted = Scripted::new(&[FAILED_COPY]);
    let failed = StoreError::Unavailable("S3 InternalError".to_owned());
    assert_eq!(scripted.objects().renew(KEY).await, Err(failed));
}

/// Answers the first requests with half an object and closes, and then with all of it.
async fn breaking(halves: u32) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let sent = if number < halves { &BODY[..8] } else { BODY };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                BODY.len()
            );
            stream.write_all(&[head.as_bytes(), sent].concat()).await.unwrap();
        }
    });
    url
}

#[tokio::test]
async fn an_object_that_breaks_off_is_read_again_from_its_beginning() {
    let http = http_client_fn(|settings, _| {
        let connector = Connector::builder().connector_settings(settings.clone());
        SharedHttpConnector::new(connector.sleep_impl(TokioSleep::new()).build_http())
    });
    for (halves, expected) in [
        (DOWNLOADS - 1, Ok(Some(Bytes::from_static(BODY)))),
        (DOWNLOADS, Err(StoreError::Unavailable("S3 connection".to_owned()))),
    ] {
        let aws = aws(http.clone()).endpoint_url(breaking(halves).await);
        let objects = Objects::new(&aws.build(), "hooks-payloads", Nothing);
        assert_eq!(get(&objects).await, expected);
    }
}

#[derive(Deserialize)]
struct Vectors {
    key: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    operation: String,
    url: String,
    body: String,
    headers: Vec<(String, String)>,
    token: Option<String>,
    epoch_seconds: u64,
    authorization: String,
    content_sha256: String,
    date: String,
}

/// The fixture names the implementation that made the vectors.
#[tokio::test]
async fn calls_are_those_of_another_implementation_with_its_signatures() {
    let vectors: Vectors = serde_json::from_str(include_str!("../../tests/fixtures/s3-signatures.json")).unwrap();
    assert_eq!(vectors.cases.len(), 8);
    for case in vectors.cases {
        let answer = match &*case.operation {
            "GetObject" => FOUND,
            "CopyObject" => COPIED,
            _ => STORED,
        };
        let scripted = Scripted::new(&[answer]);
        let connector = scripted.clone();
        let http = http_client_fn(move |_: &HttpConnectorSettings, _| SharedHttpConnector::new(connector.clone()));
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let credentials = Credentials::new("AKIDEXAMPLE", secret, case.token.clone(), None, "test");
        let mut aws = aws(http)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .time_source(StaticTimeSource::new(
                UNIX_EPOCH + Duration::from_secs(case.epoch_seconds),
            ));
        if case.url.starts_with("http://127.0.0.1:4566/") {
            aws = aws.endpoint_url("http://127.0.0.1:4566");
        }
        let objects = Objects::new(&aws.build(), "hooks-payloads", Nothing);
        match &*case.operation {
            "PutObject" => {
                let digest = Sha256::digest(&case.body).into();
                objects
                    .put(&vectors.key, Bytes::from(case.body.clone()), &digest)
                    .await
                    .unwrap();
            }
            "GetObject" => drop(objects.get(&vectors.key, 16, &digest()).await.unwrap()),
            _ => assert!(objects.renew(&vectors.key).await.unwrap()),
        }
        let calls = scripted.calls.lock().unwrap();
        let [call] = &calls[..] else {
            panic!("{}: {calls:?}", case.name)
        };
        assert_eq!(call.uri(), case.url, "{}", case.name);
        assert_eq!(
            call.body().bytes().unwrap_or_default(),
            case.body.as_bytes(),
            "{}",
            case.name
        );
        let own = [
            ("authorization".to_owned(), case.authorization),
            ("x-amz-content-sha256".to_owned(), case.content_sha256),
            ("x-amz-date".to_owned(), case.date),
        ];
        for (name, value) in own.into_iter().chain(case.headers) {
            assert_eq!(call.headers().get(&name), Some(&*value), "{}: {name}", case.name);
        }
        assert_eq!(
            call.headers().get("x-amz-security-token"),
            case.token.as_deref(),
            "{}",
            case.name
        );
    }
}

#[test]
fn neither_the_bucket_s_client_nor_a_call_shows_a_secret_or_a_body() {
    let scripted = Scripted::new(&[STORED]);
    let shown = format!("{:?}", scripted.objects());
    assert!(shown.contains("AKIDEXAMPLE") && !shown.contains("hunter2"), "{shown}");
    let call = Call::put(KEY).body(Bytes::from_static(BODY), &digest());
    assert_eq!(format!("{call:?}"), format!("Call(PUT /{KEY})"));
}
