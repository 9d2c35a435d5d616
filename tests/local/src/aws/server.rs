//! Serves calls on a listener whose connections can be dropped in the middle of one.

use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Aws;

/// Serves until it is dropped.
pub async fn serve(listener: TcpListener, aws: Aws) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, aws.clone()));
            }
            // Out of descriptors, for example: the connections that end give some back.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, aws: Aws) {
    // Small requests and answers: waiting to fill a packet would cost tens of milliseconds each.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let aws = aws.clone();
        async move { aws.answer(request.map(Body::new)).await }
    });
    // An error ends this connection, which is what a dropped answer is.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
