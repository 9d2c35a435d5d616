//! Where a bucket is reached.

use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

/// The URL under which the keys of the bucket stand, without a slash at its end.
///
/// An endpoint that the environment names (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`) has the bucket in the path, because
/// it is a program on an address of its own; AWS has it in the host's name.
pub(super) fn endpoint(aws: &SdkConfig, bucket: &str) -> String {
    if let Some(url) = override_of(aws) {
        return format!("{}/{bucket}", url.trim_end_matches('/'));
    }
    let region = aws.region().map_or("us-east-1", |region| region.as_ref());
    // Source: AWS General Reference, "Amazon S3 endpoints", and the same for China.
    let suffix = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    format!("https://{bucket}.s3.{region}.{suffix}")
}

/// The endpoint of S3 alone goes before that of all services.
fn override_of(aws: &SdkConfig) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    let of_service = aws.service_config().and_then(|config| config.load_config(key));
    of_service.or_else(|| aws.endpoint_url().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use aws_types::region::Region;
    use aws_types::service_config::LoadServiceConfig;

    use super::*;

    #[derive(Debug)]
    struct OfS3(&'static str);

    impl LoadServiceConfig for OfS3 {
        fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
            (key.service_id() == "S3" && key.env() == "AWS_ENDPOINT_URL").then(|| self.0.to_owned())
        }
    }

    #[test]
    fn aws_has_the_bucket_in_the_host_and_a_given_endpoint_in_the_path() {
        let aws = |region: &str| SdkConfig::builder().region(Region::new(region.to_owned()));
        for (aws, expected) in [
            (aws("eu-west-1"), "https://b.s3.eu-west-1.amazonaws.com"),
            (aws("cn-north-1"), "https://b.s3.cn-north-1.amazonaws.com.cn"),
            (
                aws("eu-west-1").endpoint_url("http://127.0.0.1:9/"),
                "http://127.0.0.1:9/b",
            ),
            (
                aws("eu-west-1")
                    .endpoint_url("http://127.0.0.1:9")
                    .service_config(OfS3("http://127.0.0.1:8/s3")),
                "http://127.0.0.1:8/s3/b",
            ),
        ] {
            assert_eq!(endpoint(&aws.build(), "b"), expected);
        }
    }
}
