//! Faults of a router that serves one operation: the receiver of spans.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::{Request, StatusCode};
use tower::ServiceExt as _;

use tracehook_local_lambda::faults::{Effect, Faults, Phase, Seen};

use crate::server::{Answers, Dropped};

/// A router whose requests fail as planned. The caller is not known, so rules that name a function do not hit it.
#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    router: Router,
    faults: Faults,
    operation: &'static str,
}

impl Faulty {
    /// A router all of whose requests are this operation to the rules.
    #[must_use]
    pub(crate) const fn new(router: Router, faults: Faults, operation: &'static str) -> Self {
        Self {
            router,
            faults,
            operation,
        }
    }

    async fn happen(&self, phase: Phase) -> Result<Option<Response>, Dropped> {
        let seen = Seen {
            operation: self.operation,
            function: "",
            steps: &[],
        };
        match self.faults.next(seen, phase) {
            Some(Effect::Status { status, .. }) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                Ok(Some(status.into_response()))
            }
            Some(Effect::Throttle) => Ok(Some(StatusCode::TOO_MANY_REQUESTS.into_response())),
            Some(Effect::Drop) => Err(Dropped),
            Some(Effect::Hang) => std::future::pending().await,
            Some(Effect::DelayMs(delay)) => {
                tokio::time::sleep(Duration::from_millis(delay)).await;
                Ok(None)
            }
            // A rule with another effect is about no request.
            Some(_) | None => Ok(None),
        }
    }
}

impl Answers for Faulty {
    async fn answer(&self, request: Request<Body>) -> Result<Response, Dropped> {
        if let Some(answer) = self.happen(Phase::Before).await? {
            return Ok(answer);
        }
        let answered = self.router.clone().oneshot(request).await;
        let answer = answered.unwrap_or_else(|never| match never {});
        Ok(self.happen(Phase::After).await?.unwrap_or(answer))
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::post;
    use tokio::net::TcpListener;

    use super::*;
    use tracehook_local_lambda::faults::EXPORT as OPERATION;

    async fn served(faults: &Faults) -> (String, tokio::task::JoinHandle<()>) {
        let router = Router::new().route("/", post(|| async { "stored" }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let faulty = Faulty::new(router, faults.clone(), OPERATION);
        (url, tokio::spawn(crate::server::serve(listener, faulty)))
    }

    #[tokio::test]
    async fn a_receiver_refuses_drops_and_hangs_as_planned_and_then_works_again() {
        let faults = Faults::default();
        let (url, server) = served(&faults).await;
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let plan = |effect: &str| {
            let rule = format!(r#"{{"rules": [{{"operation": "{OPERATION}", "effect": {effect}}}]}}"#);
            faults.add(serde_json::from_str(&rule).unwrap());
        };
        plan(r#"{"status": 503, "code": "Unavailable"}"#);
        let refused = client.post(&url).send().await.unwrap();
        assert_eq!(refused.status(), 503);
        plan(r#"{"drop": true}"#);
        assert!(client.post(&url).send().await.is_err(), "the connection ends");
        plan(r#"{"delay_ms": 1}"#);
        let late = client.post(&url).send().await.unwrap();
        assert_eq!(late.text().await.unwrap(), "stored");
        plan(r#"{"hang": true}"#);
        let hanging = client.post(&url).timeout(Duration::from_millis(200)).send().await;
        assert!(hanging.unwrap_err().is_timeout());
        let after = client.post(&url).send().await.unwrap();
        assert_eq!(after.text().await.unwrap(), "stored");
        server.abort();
    }
}
