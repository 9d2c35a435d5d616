//! AWS Signature Version 4 for X-Ray's OTLP endpoint, with the function's role.

use std::time::SystemTime;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use http::Request;

/// The service's name in the signature.
const SERVICE: &str = "xray";

/// A request could not be signed. Says nothing of the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotSigned;

/// Asks for the credentials at every request: the provider knows when they change.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    credentials: SharedCredentialsProvider,
    region: String,
}

impl Signer {
    pub(super) const fn new(credentials: SharedCredentialsProvider, region: String) -> Self {
        Self { credentials, region }
    }

    /// Adds the signature's headers.
    pub(super) async fn sign(&self, request: &mut Request<Vec<u8>>, now: SystemTime) -> Result<(), NotSigned> {
        let credentials = self.credentials.provide_credentials().await.map_err(|_| NotSigned)?;
        let identity: Identity = credentials.into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time(now)
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| NotSigned)?
            .into();
        let uri = request.uri().to_string();
        let headers = request
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let signable = SignableRequest::new(
            request.method().as_str(),
            uri.as_str(),
            headers,
            SignableBody::Bytes(request.body()),
        )
        .map_err(|_| NotSigned)?;
        let (instructions, _) = sign(signable, &parameters).map_err(|_| NotSigned)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}
