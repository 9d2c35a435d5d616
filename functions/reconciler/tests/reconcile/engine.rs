//! A scripted durable service that records the calls to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_lambda::{Client, Config};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tracehook_core::Timestamp;

use crate::world::ago;

/// Executions by name, with their state.
#[derive(Debug, Default)]
struct Known {
    executions: BTreeMap<String, &'static str>,
    /// Names, in the order of their accepted starts.
    starts: Vec<String>,
    /// Reads of executions.
    reads: usize,
    /// When every execution began; now, if it is not set.
    began: Option<Timestamp>,
    away: bool,
    refuses: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct FakeEngine(Arc<Mutex<Known>>);

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:lambda:eu-west-1:000000000000:function:p:1/durable-execution/{name}/id")
}

impl FakeEngine {
    /// Sets the state of an execution.
    pub(crate) fn reports(&self, name: &str, state: &'static str) {
        self.0.lock().unwrap().executions.insert(name.to_owned(), state);
    }

    /// Sets when every execution began.
    pub(crate) fn began(&self, at: Timestamp) {
        self.0.lock().unwrap().began = Some(at);
    }

    /// Every call fails, or none.
    pub(crate) fn away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }

    /// Every start is refused, or none.
    pub(crate) fn refuses_starts(&self, refuses: bool) {
        self.0.lock().unwrap().refuses = refuses;
    }

    /// Forgets every execution.
    pub(crate) fn forget(&self) {
        self.0.lock().unwrap().executions.clear();
    }

    pub(crate) fn starts(&self) -> Vec<String> {
        self.0.lock().unwrap().starts.clone()
    }

    /// The names of the executions that were stopped.
    pub(crate) fn stopped(&self) -> Vec<String> {
        let known = self.0.lock().unwrap();
        let stopped = known.executions.iter().filter(|(_, state)| **state == "STOPPED");
        stopped.map(|(name, _)| name.clone()).collect()
    }

    pub(crate) fn reads(&self) -> usize {
        self.0.lock().unwrap().reads
    }

    pub(crate) fn client(&self) -> Client {
        let engine = self.clone();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(engine.clone())))
            .build();
        Client::from_conf(config)
    }
}

impl HttpConnector for FakeEngine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut known = self.0.lock().unwrap();
        let answer = |status: u16, kind: &str, body: Value| {
            let mut response = HttpResponse::new(status.try_into().unwrap(), body.to_string().into());
            response.headers_mut().insert("x-amzn-errortype", kind.to_owned());
            HttpConnectorFuture::ready(Ok(response))
        };
        if known.away {
            return answer(500, "ServiceException", json!({}));
        }
        let uri = percent_decode_str(request.uri()).decode_utf8().unwrap().into_owned();
        let began = known.began.unwrap_or_else(|| ago(0)).epoch_seconds();
        let shown = |name: &str, state: &str| {
            json!({"DurableExecutionArn": arn(name), "DurableExecutionName": name, "FunctionArn": "f",
                "Status": state, "StartTimestamp": began})
        };
        if uri.contains("/invocations") {
            if known.refuses {
                return answer(403, "AccessDeniedException", json!({}));
            }
            let name = request
                .headers()
                .get("x-amz-durable-execution-name")
                .unwrap()
                .to_owned();
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let token = body["executionToken"].as_str().unwrap();
            assert!(name.contains(token) && body.as_object().unwrap().len() == 1, "{body}");
            known.executions.entry(name.clone()).or_insert("RUNNING");
            known.starts.push(name);
            return answer(202, "", json!({}));
        }
        if let Some(arn) = uri
            .split_once("/durable-executions/")
            .and_then(|(_, rest)| rest.strip_suffix("/stop"))
        {
            let name = arn
                .split("/durable-execution/")
                .nth(1)
                .unwrap()
                .split('/')
                .next()
                .unwrap()
                .to_owned();
            known.executions.insert(name, "STOPPED");
            return answer(200, "", json!({"StopTimestamp": began}));
        }
        known.reads += 1;
        if let Some((_, name)) = uri.split_once("DurableExecutionName=") {
            assert!(
                uri.contains("/functions/p/durable-executions"),
                "without the alias: {uri}"
            );
            let found = known.executions.get(name).map(|state| shown(name, state));
            return answer(200, "", json!({"DurableExecutions": Vec::from_iter(found)}));
        }
        let name = uri
            .split("/durable-execution/")
            .nth(1)
            .unwrap()
            .split('/')
            .next()
            .unwrap();
        match known.executions.get(name) {
            Some(state) => answer(200, "", shown(name, state)),
            None => answer(404, "ResourceNotFoundException", json!({})),
        }
    }
}
