//! Amazon S3 on one machine: buckets with objects, put, copied, read and deleted by calls with the bucket in the path.
//!
//! Contract: an object that was answered is on disk and survives `kill -9` (or in memory, where the state is); it is
//! replaced whole or not at all. Digests that a call names are verified as S3 verifies them. There is no IAM: every caller
//! may do everything, also list, so that an object that is not there is `NoSuchKey`. What is not served is refused with
//! `NotImplemented`. Source: Amazon S3 API Reference.

mod call;
mod digests;
mod objects;
mod refusal;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Request, StatusCode};
use tokio::net::TcpListener;

use call::{Call, Operation};
use digests::Sha256;
use objects::{Name, Object, Objects};
use refusal::Refusal;
pub use refusal::error;

/// The largest object of one call is 5 GB; nothing here is as large as this.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// The service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct S3(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    buckets: Vec<String>,
    objects: Objects,
    keep: Duration,
    now: fn() -> SystemTime,
}

/// The name of the operation that a request asks for, for example `PutObject`.
#[must_use]
pub fn operation<B>(request: &Request<B>) -> &'static str {
    Operation::of(request.method(), request.uri(), request.headers()).map_or("unknown", Operation::name)
}

impl S3 {
    /// The service with these buckets, whose objects expire after `keep`, in a directory or in memory without one.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn open(directory: Option<&Path>, buckets: &[&str], keep: Duration) -> anyhow::Result<Self> {
        Self::timed_by(SystemTime::now, directory, buckets, keep)
    }

    /// The same with another clock than the machine's, for the age of objects.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn timed_by(
        now: fn() -> SystemTime,
        directory: Option<&Path>,
        buckets: &[&str],
        keep: Duration,
    ) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Inner {
            buckets: buckets.iter().map(|&bucket| bucket.to_owned()).collect(),
            objects: Objects::open(directory, buckets)?,
            keep,
            now,
        })))
    }

    /// Answers one call.
    pub async fn answer(&self, request: Request<Body>) -> Response {
        let is_head = request.method() == http::Method::HEAD;
        match self.answer_or_refuse(request).await {
            Ok(response) => response,
            // There is no body to say it in.
            Err(refusal) if is_head => refusal.status().into_response(),
            Err(refusal) => refusal.response(),
        }
    }

    /// Serves calls on a listener until it is dropped.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        let answer = move |request: Request<Body>| {
            let s3 = self.clone();
            async move { s3.answer(request).await }
        };
        axum::serve(listener, axum::Router::new().fallback(answer)).await
    }

    /// Deletes what has expired, and returns how much that was. Blocks.
    #[must_use]
    pub fn expire(&self, now: SystemTime) -> usize {
        self.0.objects.expire(now, self.0.keep)
    }

    async fn answer_or_refuse(&self, request: Request<Body>) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        let call = Call::of(&parts)?;
        if !self.0.buckets.contains(&call.name.bucket) {
            return Err(Refusal::NoSuchBucket);
        }
        match call.operation {
            Operation::Put => self.put(call.name, &parts.headers, body).await,
            Operation::Copy => self.copy(call.name, &parts.headers).await,
            Operation::Get => Ok(found(&self.read(call.name).await?, &parts.headers, true)),
            Operation::Head => Ok(found(&self.read(call.name).await?, &parts.headers, false)),
            Operation::Delete => {
                self.blocking(move |objects| objects.delete(&call.name)).await?;
                Ok(StatusCode::NO_CONTENT.into_response())
            }
        }
    }

    async fn put(&self, name: Name, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
        if !headers.contains_key(http::header::CONTENT_LENGTH) {
            return Err(Refusal::MissingContentLength);
        }
        let body = to_bytes(body, MAX_BODY_BYTES)
            .await
            .map_err(|_| Refusal::IncompleteBody)?;
        let digest = Sha256::of(&body);
        digests::verify(headers, digest)?;
        let now = (self.0.now)();
        self.blocking(move |objects| objects.put(&name, &body, now)).await?;
        Ok((
            [("ETag", digest.etag()), ("x-amz-request-id", request_id())],
            Body::empty(),
        )
            .into_response())
    }

    async fn copy(&self, to: Name, headers: &HeaderMap) -> Result<Response, Refusal> {
        let from = call::copy_source(headers)?;
        if from == to
            && headers
                .get("x-amz-metadata-directive")
                .is_none_or(|value| value != "REPLACE")
        {
            return Err(Refusal::CopyOntoItself);
        }
        let object = self.read(from).await?;
        let etag = Sha256::of(&object.body).etag();
        let now = (self.0.now)();
        self.blocking(move |objects| objects.put(&to, &object.body, now))
            .await?;
        let result = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CopyObjectResult><ETag>{etag}</ETag></CopyObjectResult>"
        );
        Ok((
            [
                ("Content-Type", "application/xml".to_owned()),
                ("x-amz-request-id", request_id()),
            ],
            result,
        )
            .into_response())
    }

    async fn read(&self, name: Name) -> Result<Object, Refusal> {
        self.blocking(move |objects| objects.get(&name))
            .await?
            .ok_or(Refusal::NoSuchKey)
    }

    /// Files are read and written on threads that nothing else waits for.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Objects) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let inner = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&inner.objects)).await;
        done.ok().and_then(Result::ok).ok_or(Refusal::InternalError)
    }
}

fn found(object: &Object, headers: &HeaderMap, with_body: bool) -> Response {
    let digest = Sha256::of(&object.body);
    let mut response = Response::builder()
        .header("Content-Length", object.body.len())
        .header("Content-Type", "binary/octet-stream")
        .header("ETag", digest.etag())
        .header("Last-Modified", httpdate::fmt_http_date(object.modified))
        .header("x-amz-request-id", request_id());
    if headers.get("x-amz-checksum-mode").is_some_and(|mode| mode == "ENABLED") {
        response = response.header("x-amz-checksum-sha256", digest.base64());
    }
    let body = if with_body {
        Body::from(object.body.clone())
    } else {
        Body::empty()
    };
    response
        .body(body)
        .unwrap_or_else(|_| Refusal::InternalError.response())
}

pub(crate) fn request_id() -> String {
    uuid::Uuid::new_v4().simple().to_string().to_uppercase()
}
