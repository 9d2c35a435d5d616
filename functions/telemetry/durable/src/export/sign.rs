//! AWS Signature Version 4 for X-Ray's OTLP endpoint, with the function's role.

use std::time::SystemTime;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use http::Request;

/// The service's name in the signature.
const SERVICE: &str = "xray";

/// A request could not be signed. Holds nothing of the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotSigned;

/// Gets the credentials from the provider for every request, because they change while the process runs.
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
    pub(super) async fn sign<B>(&self, request: &mut Request<B>, now: SystemTime) -> Result<(), NotSigned>
    where
        B: AsRef<[u8]> + Send + Sync,
    {
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
            SignableBody::Bytes(request.body().as_ref()),
        )
        .map_err(|_| NotSigned)?;
        let (instructions, _) = sign(signable, &parameters).map_err(|_| NotSigned)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use aws_credential_types::Credentials;
    use aws_credential_types::provider::error::CredentialsError;
    use aws_credential_types::provider::future;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vectors {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Case {
        name: String,
        url: String,
        region: String,
        body: String,
        headers: Vec<(String, String)>,
        access_key: String,
        secret_key: String,
        session_token: Option<String>,
        epoch_seconds: u64,
        authorization: String,
        date: String,
        security_token: Option<String>,
    }

    fn request(url: &str) -> Request<Vec<u8>> {
        Request::post(url).body(Vec::new()).unwrap()
    }

    fn header<'a>(request: &'a Request<Vec<u8>>, name: &str) -> Option<&'a str> {
        request.headers().get(name).map(|value| value.to_str().unwrap())
    }

    /// The fixture names the implementation that made the vectors.
    #[tokio::test]
    async fn requests_are_signed_as_another_implementation_signs_them() {
        let vectors: Vectors = serde_json::from_str(include_str!("../../tests/fixtures/sigv4.json")).unwrap();
        assert!(vectors.cases.len() >= 4);
        for case in vectors.cases {
            let credentials = Credentials::new(case.access_key, case.secret_key, case.session_token, None, "test");
            let signer = Signer::new(SharedCredentialsProvider::new(credentials), case.region);
            let mut request = request(&case.url);
            for (name, value) in &case.headers {
                request
                    .headers_mut()
                    .insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
            }
            *request.body_mut() = (0..case.body.len() / 2)
                .map(|n| u8::from_str_radix(&case.body[n * 2..n * 2 + 2], 16).unwrap())
                .collect();
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(case.epoch_seconds);
            signer.sign(&mut request, at).await.unwrap();
            assert_eq!(
                header(&request, "authorization"),
                Some(&*case.authorization),
                "{}",
                case.name
            );
            assert_eq!(header(&request, "x-amz-date"), Some(&*case.date), "{}", case.name);
            assert_eq!(
                header(&request, "x-amz-security-token"),
                case.security_token.as_deref(),
                "{}",
                case.name
            );
        }
    }

    /// Provides other credentials each time, and none the third time.
    #[derive(Debug)]
    struct Changing(AtomicUsize);

    impl ProvideCredentials for Changing {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let n = self.0.fetch_add(1, Ordering::SeqCst);
            future::ProvideCredentials::ready(if n == 2 {
                Err(CredentialsError::not_loaded_no_source())
            } else {
                Ok(Credentials::new(
                    format!("AKID{n}"),
                    "secret",
                    Some(format!("token{n}")),
                    None,
                    "test",
                ))
            })
        }
    }

    #[tokio::test]
    async fn credentials_that_change_while_running_are_used_as_they_are() {
        let signer = Signer::new(
            SharedCredentialsProvider::new(Changing(AtomicUsize::new(0))),
            "eu-west-1".into(),
        );
        for n in [0, 1, 2, 3] {
            let mut request = request("https://xray.eu-west-1.amazonaws.com/v1/traces");
            let signed = signer.sign(&mut request, SystemTime::now()).await;
            if n == 2 {
                assert_eq!(signed, Err(NotSigned));
                continue;
            }
            let authorization = header(&request, "authorization").unwrap();
            assert!(
                authorization.contains(&format!("Credential=AKID{n}/")),
                "{authorization}"
            );
            assert!(
                authorization.contains("/eu-west-1/xray/aws4_request"),
                "{authorization}"
            );
            assert_eq!(header(&request, "x-amz-security-token"), Some(&*format!("token{n}")));
        }
    }

    #[test]
    fn the_signer_shows_no_secret() {
        let credentials = Credentials::new("AKID", "hunter2", Some("hunter3".into()), None, "test");
        let signer = Signer::new(SharedCredentialsProvider::new(credentials), "r".into());
        let shown = format!("{signer:?}");
        assert!(!shown.contains("hunter"), "{shown}");
    }
}
