//! When the document is read and what is used of it, on a clock that the test moves.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::Config;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use tokio::time::advance;
use tracehook_core::secret::Secret;

use super::*;

/// A secrets service. The first version is the current one.
#[derive(Debug, Clone, Default)]
struct Service(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    versions: VecDeque<(usize, String)>,
    puts: usize,
    reads: Reads,
    failing: Vec<&'static str>,
}

/// Reads of the current and of the previous version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Reads(usize, usize);

/// A time that no read comes near.
fn in_time() -> Instant {
    Instant::now() + Duration::from_secs(1)
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let mut state = self.0.lock().unwrap();
        let (stage, place) = if request.contains(CURRENT) {
            state.reads.0 += 1;
            (CURRENT, 0)
        } else {
            state.reads.1 += 1;
            (PREVIOUS, 1)
        };
        let (status, body) = match state.versions.get(place) {
            _ if state.failing.contains(&stage) => (400, serde_json::json!({"__type": "ThrottlingException"})),
            Some((id, text)) => (
                200,
                serde_json::json!({"SecretString": text, "VersionId": format!("version-{id}")}),
            ),
            None => (400, serde_json::json!({"__type": "ResourceNotFoundException"})),
        };
        let response = HttpResponse::new(status.try_into().unwrap(), body.to_string().into());
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl Service {
    /// A service with a value for each secret of `github`, the last one current, and a cache that knows nothing.
    fn with(secrets: &[&str]) -> (Self, SecretCache) {
        let service = Self::default();
        for secret in secrets {
            service.put(secret);
        }
        let connector = service.clone();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(connector.clone())))
            .build();
        let sources = Sources::parse(r#"{"github":{"preset":"github"}}"#).unwrap();
        let cache = SecretCache::new(Client::from_conf(config), "tracehook".into(), sources.into());
        (service, cache)
    }

    fn put(&self, secret: &str) {
        self.put_document(
            &serde_json::json!({"tokenKey": "0123456789abcdef", "sources": {"github": secret}}).to_string(),
        );
    }

    fn put_document(&self, text: &str) {
        let mut state = self.0.lock().unwrap();
        state.puts += 1;
        let id = state.puts;
        state.versions.push_front((id, text.to_owned()));
    }

    fn fail(&self, stages: &[&'static str]) {
        self.0.lock().unwrap().failing = stages.to_vec();
    }

    /// The reads since the last time.
    fn reads(&self) -> Reads {
        std::mem::take(&mut self.0.lock().unwrap().reads)
    }
}

fn of(live: &Live) -> Vec<Secret> {
    live.bundle.of(&"github".parse().unwrap()).unwrap().to_vec()
}

const ONE: &str = "the-first-secret";
const TWO: &str = "the-second-secret";
const THREE: &str = "the-third-secret";

fn secrets(texts: &[&str]) -> Vec<Secret> {
    texts.iter().map(Secret::new).collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_while_signatures_are_good_and_the_previous_version_only_when_one_is_not() {
    let (service, cache) = Service::with(&[ONE, TWO]);
    for _ in 0..10 {
        assert_eq!(of(&cache.live(in_time()).await.unwrap()), secrets(&[TWO]));
        advance(Duration::from_secs(20)).await;
    }
    assert_eq!(service.reads(), Reads(1, 0));
    let both = cache.reread(in_time()).await.unwrap();
    assert_eq!((of(&both), both.is_complete), (secrets(&[TWO, ONE]), true));
    assert_eq!(service.reads(), Reads(1, 1));
    advance(Duration::from_secs(20)).await;
    assert_eq!(of(&cache.live(in_time()).await.unwrap()), secrets(&[TWO, ONE]));
    assert_eq!(service.reads(), Reads(0, 0));
}

#[tokio::test(start_paused = true)]
async fn wrong_signatures_cause_one_read_in_two_seconds_and_the_new_secret_is_taken_with_it() {
    let (service, cache) = Service::with(&[ONE]);
    for _ in 0..400 {
        let live = cache.reread(in_time()).await.unwrap();
        assert_eq!((of(&live), live.is_complete), (secrets(&[ONE]), true));
        advance(Duration::from_millis(50)).await;
    }
    assert_eq!(service.reads(), Reads(10, 1));
    service.put(TWO);
    advance(READ_EVERY).await;
    assert_eq!(of(&cache.reread(in_time()).await.unwrap()), secrets(&[TWO, ONE]));
    assert_eq!(service.reads(), Reads(1, 1), "the previous version has changed as well");
}

#[tokio::test(start_paused = true)]
async fn a_rotation_between_two_reads_loses_neither_secret() {
    let (service, cache) = Service::with(&[ONE, TWO]);
    cache.reread(in_time()).await.unwrap();
    advance(READ_EVERY).await;
    service.put(THREE);
    service.fail(&[PREVIOUS]);
    let live = cache.reread(in_time()).await.unwrap();
    assert_eq!(
        of(&live),
        secrets(&[THREE, TWO]),
        "the version that was current is the one before now"
    );
    assert!(!live.is_complete);
}

#[tokio::test(start_paused = true)]
async fn a_previous_version_that_cannot_be_read_is_not_none() {
    let (service, cache) = Service::with(&[ONE, TWO]);
    service.fail(&[PREVIOUS]);
    let unknown = cache.reread(in_time()).await.unwrap();
    assert_eq!(
        (of(&unknown), unknown.is_complete),
        (secrets(&[TWO]), false),
        "nobody can say what is wrong"
    );
    service.fail(&[]);
    advance(READ_EVERY).await;
    let known = cache.reread(in_time()).await.unwrap();
    assert_eq!((of(&known), known.is_complete), (secrets(&[TWO, ONE]), true));
    service.fail(&[PREVIOUS, CURRENT]);
    advance(REFRESH_AFTER).await;
    for live in [
        cache.live(in_time()).await.unwrap(),
        cache.reread(in_time()).await.unwrap(),
    ] {
        assert_eq!(
            (of(&live), live.is_complete),
            (secrets(&[TWO, ONE]), false),
            "what was known stays"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_read_is_remembered_as_long_as_a_good_one() {
    let (service, cache) = Service::with(&[ONE]);
    service.fail(&[CURRENT]);
    for _ in 0..100 {
        assert_eq!(cache.live(in_time()).await.unwrap_err(), Rejection::SecretsUnavailable);
        assert_eq!(
            cache.reread(in_time()).await.unwrap_err(),
            Rejection::SecretsUnavailable
        );
        advance(Duration::from_millis(50)).await;
    }
    assert_eq!(service.reads(), Reads(3, 0));
    service.fail(&[]);
    advance(READ_EVERY).await;
    cache.live(in_time()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_used_for_fifteen_minutes_and_not_longer() {
    let (service, cache) = Service::with(&[ONE, TWO]);
    cache.reread(in_time()).await.unwrap();
    service.fail(&[CURRENT, PREVIOUS]);
    service.reads();
    let mut waited = Duration::ZERO;
    while waited < MAX_AGE {
        assert_eq!(
            of(&cache.live(in_time()).await.unwrap()),
            secrets(&[TWO, ONE]),
            "{waited:?}"
        );
        advance(Duration::from_secs(1)).await;
        waited += Duration::from_secs(1);
    }
    let Reads(current, previous) = service.reads();
    assert!(
        current <= 21 && previous <= 21,
        "a refresh that fails is tried every 30 s: {current}, {previous}"
    );
    assert_eq!(cache.live(in_time()).await.unwrap_err(), Rejection::SecretsUnavailable);
    service.fail(&[PREVIOUS]);
    advance(READ_EVERY).await;
    let live = cache.reread(in_time()).await.unwrap();
    assert_eq!((of(&live), live.is_complete), (secrets(&[TWO]), false));
}

#[tokio::test(start_paused = true)]
async fn a_document_that_was_put_twice_revokes_the_secret_before_within_the_refresh() {
    for previous_is_known in [false, true] {
        let (service, cache) = Service::with(&[ONE]);
        cache.live(in_time()).await.unwrap();
        if previous_is_known {
            cache.reread(in_time()).await.unwrap();
        }
        service.put(TWO);
        service.put(TWO);
        advance(REFRESH_AFTER).await;
        assert_eq!(of(&cache.live(in_time()).await.unwrap()), secrets(&[TWO]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_that_cannot_be_used_closes_everything_until_the_next_one() {
    let (service, cache) = Service::with(&[ONE]);
    cache.live(in_time()).await.unwrap();
    service.put_document(r#"{"tokenKey":"short","sources":{}}"#);
    advance(REFRESH_AFTER).await;
    assert_eq!(
        cache.live(in_time()).await.unwrap_err(),
        Rejection::SecretsUnavailable,
        "no leaked secret lives on"
    );
    service.put(TWO);
    assert_eq!(cache.live(in_time()).await.unwrap_err(), Rejection::SecretsUnavailable);
    advance(READ_EVERY).await;
    let live = cache.reread(in_time()).await.unwrap();
    assert_eq!(
        (of(&live), live.is_complete),
        (secrets(&[TWO]), true),
        "what cannot be used is known to have no secret"
    );
}

#[tokio::test(start_paused = true)]
async fn a_secret_without_a_value_is_read_again_until_it_has_one() {
    let (service, cache) = Service::with(&[]);
    assert_eq!(cache.live(in_time()).await.unwrap_err(), Rejection::SecretsUnavailable);
    service.put(ONE);
    advance(READ_EVERY).await;
    let live = cache.reread(in_time()).await.unwrap();
    assert_eq!((of(&live), live.is_complete), (secrets(&[ONE]), true));
}
