//! Flushes telemetry between two events of the Lambda runtime.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lambda_runtime::LambdaInvocation;
use lambda_runtime::tower::{Layer, Service};

use crate::Telemetry;

/// Flushes after an invocation's response was posted. Lambda keeps the sandbox awake until the runtime asks for the next
/// event, so this needs no extension and does not delay the response.
#[derive(Debug, Clone)]
pub struct FlushLayer(Telemetry);

impl FlushLayer {
    pub(crate) const fn new(telemetry: Telemetry) -> Self {
        Self(telemetry)
    }
}

impl<S> Layer<S> for FlushLayer {
    type Service = Flush<S>;

    fn layer(&self, inner: S) -> Flush<S> {
        Flush {
            inner,
            telemetry: self.0.clone(),
        }
    }
}

/// The service of a [`FlushLayer`].
#[derive(Debug)]
pub struct Flush<S> {
    inner: S,
    telemetry: Telemetry,
}

impl<S: Service<LambdaInvocation>> Service<LambdaInvocation> for Flush<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Flushing<S::Future, S::Response, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        Flushing {
            invocation: Some(Box::pin(self.inner.call(invocation))),
            telemetry: self.telemetry.clone(),
            result: None,
            flush: None,
        }
    }
}

/// One invocation and the flush after it.
#[expect(missing_debug_implementations, reason = "futures have none")]
pub struct Flushing<F, T, E> {
    invocation: Option<Pin<Box<F>>>,
    telemetry: Telemetry,
    result: Option<Result<T, E>>,
    flush: Option<Pin<Box<dyn Future<Output = ()>>>>,
}

// Only boxed fields are pinned.
impl<F, T, E> Unpin for Flushing<F, T, E> {}

impl<F: Future<Output = Result<T, E>>, T, E> Future for Flushing<F, T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(invocation) = &mut self.invocation {
            self.result = Some(ready!(invocation.as_mut().poll(context)));
            // Dropped before the flush, so that every span in it has ended.
            self.invocation = None;
            let telemetry = self.telemetry.clone();
            self.flush = Some(Box::pin(async move { telemetry.flush().await }));
        }
        if let Some(flush) = &mut self.flush {
            ready!(flush.as_mut().poll(context));
        }
        self.result.take().map_or(Poll::Pending, Poll::Ready)
    }
}
