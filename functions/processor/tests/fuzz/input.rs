//! Whole invocations, from the service's envelope to the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_durable_execution_sdk as durable;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tracehook_core::record::{ExecutionInput, StepName};
use tracehook_processor::retry::RetryPolicy;
use tracehook_processor::{Event, Handler, HandlerContext, HandlerError, Processor};
use tracehook_store::Store;
use tracehook_test_support::fuzzing::{bytes, corpus, fuzz};

use crate::services::{BODY, Services, TOKEN};

struct Counted(Arc<AtomicUsize>);

impl Handler for Counted {
    async fn handle(&self, event: &Event, context: &HandlerContext) -> Result<Value, HandlerError> {
        assert_eq!((&*event.body, context.token.to_string().as_str()), (BODY, TOKEN));
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(json!({"done": true}))
    }
}

#[test]
fn every_invocation_is_answered_and_only_the_stored_webhook_is_handled_by_its_own_execution() {
    let (services, calls) = (Services::default(), Arc::new(AtomicUsize::new(0)));
    let retry = RetryPolicy {
        retry_for: Duration::from_hours(24),
        max_tries: 3,
        initial_delay: Duration::from_secs(1),
        max_delay: Duration::from_secs(1),
        max_interrupted_tries: 3,
        mark_after: Duration::MAX,
    };
    let handler = Counted(Arc::clone(&calls));
    let processor = Arc::new(Processor::new(
        Store::new(services.table(), "tracehook"),
        retry,
        handler,
    ));
    let execute = move |input: ExecutionInput, context: durable::DurableContext| {
        let processor = Arc::clone(&processor);
        async move { processor.execute(input, context).await }
    };
    let options = durable::Options::builder()
        .lambda_client(services.lambda())
        .build()
        .unwrap();
    let function = durable::wrap(execute, options);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (ended, inputs) = (AtomicUsize::new(0), corpus("tests/corpus/inputs"));
    fuzz("durable input", inputs.len(), 3_000, bytes(&inputs), |input| {
        let Ok(payload) = serde_json::from_slice(&input) else {
            return;
        };
        let before = calls.load(Ordering::Relaxed);
        let moved = services.moves.load(Ordering::Relaxed);
        let answer = runtime.block_on(function(LambdaEvent::new(payload, Context::default())));
        let handled = calls.load(Ordering::Relaxed) - before;
        let moved = services.moves.load(Ordering::Relaxed) - moved;
        assert!(handled <= 1 && moved <= StepName::ALL.len());
        // An invocation that fails is repeated by the service; every other answer is one that it knows.
        if let Ok(answer) = answer {
            let answer = serde_json::to_value(answer).unwrap();
            let status = answer["Status"].as_str().unwrap();
            assert!(["SUCCEEDED", "FAILED", "PENDING"].contains(&status), "{answer}");
            ended.fetch_add(1, Ordering::Relaxed);
            assert!(handled == 0 || String::from_utf8_lossy(&input).contains(TOKEN));
            assert!(handled == 0 || moved > 0, "a handler runs after its record says so");
        }
    });
    assert!(calls.load(Ordering::Relaxed) > 0 && ended.load(Ordering::Relaxed) > calls.load(Ordering::Relaxed));
}
