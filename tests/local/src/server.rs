//! Serves requests on a listener whose connections can be dropped in the middle of one.

use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The connection is closed without an answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("dropped by a planned fault")]
pub(crate) struct Dropped;

/// A handler of the requests of a listener.
pub(crate) trait Answers: Clone + Send + Sync + 'static {
    /// Answers one.
    ///
    /// # Errors
    /// When the connection is to be closed without an answer.
    fn answer(&self, request: Request<Body>) -> impl Future<Output = Result<Response, Dropped>> + Send;
}

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener, answers: impl Answers) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, answers.clone()));
            }
            // Out of descriptors, for example: the connections that end give some back.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, answers: impl Answers) {
    // Small requests and answers: waiting to fill a packet would cost tens of milliseconds each.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        let answers = answers.clone();
        async move { answers.answer(request.map(Body::new)).await }
    });
    // An error ends this connection, which is what a dropped answer is.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
