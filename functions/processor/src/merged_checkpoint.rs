//! One checkpoint call per step instead of two.
//!
//! The SDK checkpoints the START of a step and waits for it before the body runs. For a step that runs at least once
//! this START protects nothing: without it, an interrupted step is run again, as it is with it. So a call that holds
//! nothing but such STARTs is answered here, and its updates travel with the next call of the execution, in which the
//! service accepts a STEP's START before another action of the same step, as the SDKs of other languages send it.
//! While a step runs, the record (`processing`, `startedAt`) shows it; the execution's history shows it when it ends.
//!
//! Must not be used for steps with `AtMostOncePerRetry`, whose START has to be recorded first.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::interceptors::{
    BeforeSerializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_lambda::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_lambda::error::BoxError;
use aws_sdk_lambda::operation::checkpoint_durable_execution::CheckpointDurableExecutionInput;
use aws_sdk_lambda::types::{OperationAction, OperationType, OperationUpdate};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use tracehook_runtime::aws::{self, SdkConfig};
use tracehook_telemetry::aws::NotSent;

use crate::spent_token::EndInvocation;

/// Marks a request that must not be sent; its value is the checkpoint token to answer with.
const HELD: &str = "x-tracehook-held";

/// A Lambda client for the durable SDK.
pub(crate) fn client(aws: &SdkConfig) -> Client {
    let mut config = aws::lambda(aws).interceptor(MergeStarts::default());
    if let Some(http) = aws.http_client() {
        config = config.http_client(http_client_fn(move |settings, components| {
            let answers = EndInvocation(http.http_connector(settings, components));
            SharedHttpConnector::new(AnswerHeld(SharedHttpConnector::new(answers)))
        }));
    }
    Client::from_conf(config.build())
}

/// Holds the STARTs of calls that hold nothing else, and puts them into the next call.
#[derive(Debug, Default)]
struct MergeStarts(Arc<Mutex<Option<HeldStarts>>>);

#[derive(Debug)]
struct HeldStarts {
    /// The execution's current token: a later call with another token is another invocation's.
    token: String,
    updates: Vec<OperationUpdate>,
}

#[derive(Debug)]
struct AnswerWith(String);

impl Storable for AnswerWith {
    type Storer = StoreReplace<Self>;
}

impl Intercept for MergeStarts {
    fn name(&self) -> &'static str {
        "MergeStarts"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(input) = context.input_mut().downcast_mut::<CheckpointDurableExecutionInput>() else {
            return Ok(());
        };
        let (Some(token), Some(updates)) = (input.checkpoint_token.clone(), input.updates.as_mut()) else {
            return Ok(());
        };
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = slot
            .take()
            .filter(|starts| starts.token == token)
            .map_or_else(Vec::new, |starts| starts.updates);
        if updates.iter().all(is_step_start) {
            held.append(updates);
            *slot = Some(HeldStarts {
                token: token.clone(),
                updates: held,
            });
            config.interceptor_state().store_put(AnswerWith(token));
            config.interceptor_state().store_put(NotSent);
        } else {
            held.append(updates);
            *updates = held;
        }
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(AnswerWith(token)) = config.load::<AnswerWith>() {
            context.request_mut().headers_mut().insert(HELD, token.clone());
        }
        Ok(())
    }
}

fn is_step_start(update: &OperationUpdate) -> bool {
    update.r#type == OperationType::Step
        && update.sub_type.as_deref() == Some("Step")
        && update.action == OperationAction::Start
}

/// Answers marked requests as the service would: nothing has changed, and the token is still good.
#[derive(Debug)]
struct AnswerHeld(SharedHttpConnector);

impl HttpConnector for AnswerHeld {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match request.headers().get(HELD) {
            None => self.0.call(request),
            Some(token) => {
                let body = serde_json::json!({"CheckpointToken": token, "NewExecutionState": {"Operations": []}});
                let ok = aws_smithy_runtime_api::http::StatusCode::try_from(200);
                HttpConnectorFuture::ready(
                    ok.map(|ok| HttpResponse::new(ok, body.to_string().into()))
                        .map_err(|error| aws_smithy_runtime_api::client::result::ConnectorError::user(error.into())),
                )
            }
        }
    }
}
