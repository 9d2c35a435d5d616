//! When the document is read, on a clock that the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_secretsmanager::Config;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use tokio::time::advance;
use tracehook_core::secret::Secret;

use super::*;

/// A secrets service whose current value names the number of its rotations, and that can be away.
#[derive(Debug, Clone, Default)]
struct Service {
    rotations: Arc<AtomicUsize>,
    reads: Arc<AtomicUsize>,
    away: Arc<AtomicUsize>,
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let answer = |status: u16, body: serde_json::Value| {
            HttpConnectorFuture::ready(Ok(HttpResponse::new(
                status.try_into().unwrap(),
                body.to_string().into(),
            )))
        };
        let error = |status, code: &str| answer(status, serde_json::json!({"__type": code}));
        if self.away.load(Ordering::SeqCst) > 0 {
            return error(500, "InternalServiceError");
        }
        let rotations = self.rotations.load(Ordering::SeqCst);
        let shown = if request.contains("AWSCURRENT") {
            self.reads.fetch_add(1, Ordering::SeqCst);
            rotations
        } else if rotations > 0 {
            rotations - 1
        } else {
            return error(400, "ResourceNotFoundException");
        };
        let document =
            serde_json::json!({"tokenKey": "0123456789abcdef", "sources": {"github": format!("s{shown}")}}).to_string();
        answer(200, serde_json::json!({"SecretString": document}))
    }
}

impl Service {
    fn cache(&self) -> SecretCache {
        let service = self.clone();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(service.clone())))
            .build();
        SecretCache::new(Client::from_conf(config), "tracehook".into())
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

fn live(bundle: &SecretBundle) -> Vec<Secret> {
    bundle.of(&"github".parse().unwrap()).to_vec()
}

#[tokio::test(start_paused = true)]
async fn a_failed_verification_reads_again_but_at_most_every_thirty_seconds() {
    let service = Service::default();
    let cache = service.cache();
    assert_eq!(live(&cache.bundle().await.unwrap()), [Secret::new("s0")]);
    service.rotations.store(1, Ordering::SeqCst);
    for _ in 0..100 {
        assert!(cache.refreshed().await.is_none(), "wrong signatures cause no reads");
    }
    assert_eq!(service.reads(), 1);
    advance(REFRESH_EVERY).await;
    let fresh = cache.refreshed().await.unwrap();
    assert_eq!(live(&fresh), [Secret::new("s1"), Secret::new("s0")]);
    assert!(cache.refreshed().await.is_none());
    assert_eq!(service.reads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_was_taken_back_stops_working_within_the_maximum_age() {
    let service = Service::default();
    let cache = service.cache();
    cache.bundle().await.unwrap();
    service.rotations.store(5, Ordering::SeqCst);
    advance(MAX_AGE.checked_sub(Duration::from_secs(1)).unwrap()).await;
    assert_eq!(live(&cache.bundle().await.unwrap()), [Secret::new("s0")]);
    advance(Duration::from_secs(1)).await;
    assert_eq!(
        live(&cache.bundle().await.unwrap()),
        [Secret::new("s5"), Secret::new("s4")]
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_known_stays_good_while_the_service_is_away() {
    let service = Service::default();
    let cache = service.cache();
    service.away.store(1, Ordering::SeqCst);
    assert_eq!(cache.bundle().await.unwrap_err(), Rejection::SecretsUnavailable);
    service.away.store(0, Ordering::SeqCst);
    cache.bundle().await.unwrap();
    service.away.store(1, Ordering::SeqCst);
    advance(MAX_AGE).await;
    assert_eq!(live(&cache.bundle().await.unwrap()), [Secret::new("s0")]);
}
