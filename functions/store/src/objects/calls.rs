//! Signed calls of S3 through the AWS SDK's own orchestration: its tries, waits, timeouts, connections and interceptors.

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::{AwsErrorCodeClassifier, TRANSIENT_ERRORS};
use aws_sigv4::http_request::SignableBody;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};
use bytes::Bytes;
use http::{Method, Request};
use tracehook_core::record::PayloadDigest;

use super::answer::{Answer, Answers};
use super::endpoint::endpoint;
use super::error::S3Error;

/// What the client of a bucket calls with.
#[derive(Debug, Clone)]
pub(super) struct Calls {
    aws: SdkConfig,
    bucket: String,
    endpoint: String,
    interceptor: SharedInterceptor,
}

/// One call. Cloned for each try, which shares the body.
#[derive(Clone)]
pub(super) struct Call {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    /// The digest of the body, which the caller knows: it is not computed again for the signature.
    sha256: Option<PayloadDigest>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Call({} {})", self.method, self.path)
    }
}

impl Call {
    pub(super) fn get(key: &str) -> Self {
        Self::new(Method::GET, key)
    }

    pub(super) fn put(key: &str) -> Self {
        Self::new(Method::PUT, key)
    }

    fn new(method: Method, key: &str) -> Self {
        Self {
            method,
            path: format!("/{key}"),
            headers: Vec::new(),
            body: Bytes::new(),
            sha256: None,
        }
    }

    pub(super) fn body(self, body: Bytes, sha256: &PayloadDigest) -> Self {
        Self {
            body,
            sha256: Some(*sha256),
            ..self
        }
    }

    pub(super) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn request(self) -> Result<HttpRequest, aws_smithy_runtime_api::box_error::BoxError> {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        Ok(HttpRequest::try_from(request.body(SdkBody::from(self.body))?)?)
    }
}

impl Calls {
    pub(super) fn new(aws: &SdkConfig, bucket: &str, interceptor: SharedInterceptor) -> Self {
        Self {
            endpoint: endpoint(aws, bucket),
            bucket: bucket.to_owned(),
            aws: aws.clone(),
            interceptor,
        }
    }

    /// `/BUCKET/KEY`, as the source of a copy is named.
    pub(super) fn path_in_bucket(&self, key: &str) -> String {
        format!("/{}/{key}", self.bucket)
    }

    /// Sends a call until a try succeeds or another one does not help. `timeouts` go before those of all clients.
    pub(super) async fn send(
        &self,
        operation: &'static str,
        call: Call,
        timeouts: TimeoutConfig,
    ) -> Result<Answer, SdkError<S3Error, HttpResponse>> {
        let timeouts = match self.aws.timeout_config() {
            Some(shared) => timeouts.to_builder().take_unset_from(shared.to_builder()).build(),
            None => timeouts,
        };
        let retries = self.aws.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let answers = Answers {
            of_an_object: operation == "GetObject",
        };
        let error_codes = AwsErrorCodeClassifier::<S3Error>::builder()
            .transient_errors([TRANSIENT_ERRORS, &["InternalError"]].concat());
        let mut operation = Operation::builder()
            .service_name("S3")
            .operation_name(operation)
            .endpoint_url(&self.endpoint)
            .standard_retry(&retries)
            .retry_classifier(TransientErrorClassifier::<S3Error>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(error_codes.build())
            .timeout_config(timeouts)
            // Whole calls are bounded.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .with_connection_poisoning()
            .interceptor(self.interceptor.clone())
            .runtime_plugin(self.client(call.sha256));
        if let Some(version) = self.aws.behavior_version() {
            operation = operation.behavior_version(version);
        }
        operation
            .serializer(Call::request)
            .deserializer_impl::<Answer, S3Error>(answers)
            .build()
            .invoke(call)
            .await
    }

    /// The HTTP client, the clock and the signature of a call whose body has that digest.
    fn client(&self, sha256: Option<PayloadDigest>) -> StaticRuntimePlugin {
        let mut options = SigningOptions::default();
        // S3's own form of the signature. Source: AWS IAM User Guide, "Create a signed AWS API request".
        options.double_uri_encode = false;
        options.normalize_uri_path = false;
        options.content_sha256_header = true;
        options.payload_override = sha256.map(|sha256| SignableBody::Precomputed(hex::encode(sha256)));
        let mut config = Layer::new("s3");
        config.store_put(AuthSchemeOptionResolverParams::new(()));
        config.store_put(SigV4OperationSigningConfig {
            region: self.aws.region().cloned().map(SigningRegion::from),
            region_set: None,
            name: Some(SigningName::from_static("s3")),
            signing_options: options,
        });
        let mut components = RuntimeComponentsBuilder::new("s3")
            .with_http_client(self.aws.http_client())
            .with_sleep_impl(self.aws.sleep_impl())
            .with_time_source(self.aws.time_source())
            .with_auth_scheme(SigV4AuthScheme::new())
            .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID])));
        if let Some(cache) = self.aws.identity_cache() {
            components = components.with_identity_cache(Some(cache));
        }
        if let Some(credentials) = self.aws.credentials_provider() {
            components.set_identity_resolver(SCHEME_ID, credentials);
        }
        StaticRuntimePlugin::new()
            .with_config(config.freeze())
            .with_runtime_components(components)
    }
}
