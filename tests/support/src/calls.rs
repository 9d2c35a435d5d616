//! The IAM actions of the AWS operations that a client sends.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// An interceptor that notes every operation that is sent, whatever its answer.
#[derive(Debug, Clone, Default)]
pub struct Sent(Arc<Mutex<BTreeSet<String>>>);

impl Sent {
    /// The actions since the last call, in order of their names.
    ///
    /// # Panics
    /// When another thread panicked while it noted one.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap()).into_iter().collect()
    }
}

impl Intercept for Sent {
    fn name(&self) -> &'static str {
        "Sent"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = config.load::<Metadata>().unwrap();
        let service = call.service().to_ascii_lowercase();
        // Not every action has the name of its operation.
        let actions = match call.name() {
            "Invoke" => &["InvokeFunction"][..],
            "CopyObject" => &["GetObject", "PutObject"],
            operation => &[operation],
        };
        let actions = actions.iter().map(|action| format!("{service}:{action}"));
        self.0.lock().unwrap().extend(actions);
        Ok(())
    }
}
