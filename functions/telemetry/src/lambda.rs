//! Flushes telemetry between two events of the Lambda runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use lambda_runtime::LambdaInvocation;
use lambda_runtime::tower::{Layer, Service};

use crate::Telemetry;

/// What is left of an event's work once its response was posted.
pub type Rest = Pin<Box<dyn Future<Output = ()>>>;

/// Gives the rest of the latest event's work.
type RestOfWork = Arc<dyn Fn() -> Rest + Send + Sync>;

/// Does the rest of the work and flushes after an invocation's response was posted. Lambda keeps the sandbox awake until the
/// runtime asks for the next event, so this needs no extension and does not delay the response.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "functions have none")]
pub struct FlushLayer {
    telemetry: Telemetry,
    rest: RestOfWork,
}

impl FlushLayer {
    pub(crate) const fn new(telemetry: Telemetry, rest: RestOfWork) -> Self {
        Self { telemetry, rest }
    }
}

impl<S> Layer<S> for FlushLayer {
    type Service = Flush<S>;

    fn layer(&self, inner: S) -> Flush<S> {
        Flush {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service of a [`FlushLayer`].
#[expect(missing_debug_implementations, reason = "functions have none")]
pub struct Flush<S> {
    inner: S,
    layer: FlushLayer,
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
            layer: self.layer.clone(),
            result: None,
            flush: None,
        }
    }
}

/// One invocation and the flush after it.
#[expect(missing_debug_implementations, reason = "futures have none")]
pub struct Flushing<F, T, E> {
    invocation: Option<Pin<Box<F>>>,
    layer: FlushLayer,
    result: Option<Result<T, E>>,
    flush: Option<Rest>,
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
            let (rest, telemetry) = ((self.layer.rest)(), self.layer.telemetry.clone());
            self.flush = Some(Box::pin(async move {
                rest.await;
                telemetry.flush().await;
            }));
        }
        if let Some(flush) = &mut self.flush {
            ready!(flush.as_mut().poll(context));
        }
        self.result.take().map_or(Poll::Pending, Poll::Ready)
    }
}
