//! The operation and the object of a request.

use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;

use crate::objects::Name;
use crate::refusal::Refusal;

/// The longest key, in bytes.
const MAX_KEY_BYTES: usize = 1024;

/// Headers that ask for something that is not served.
const NOT_SERVED: [&str; 12] = [
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "content-md5",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha1",
    "x-amz-trailer",
    "x-amz-copy-source-range",
];

/// The operations that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Put,
    Copy,
    Get,
    Head,
    Delete,
}

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    pub(crate) name: Name,
}

impl Operation {
    /// Its name in S3's model.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Put => "PutObject",
            Self::Copy => "CopyObject",
            Self::Get => "GetObject",
            Self::Head => "HeadObject",
            Self::Delete => "DeleteObject",
        }
    }

    /// The operation on an object. A query makes it another one: a list, a tag, a part.
    pub(crate) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        if uri.query().is_some_and(|query| !query.starts_with("x-id=")) || name(uri).is_none() {
            return None;
        }
        match *method {
            Method::PUT if headers.contains_key("x-amz-copy-source") => Some(Self::Copy),
            Method::PUT => Some(Self::Put),
            Method::GET => Some(Self::Get),
            Method::HEAD => Some(Self::Head),
            Method::DELETE => Some(Self::Delete),
            _ => None,
        }
    }
}

impl Call {
    pub(crate) fn of(parts: &Parts) -> Result<Self, Refusal> {
        let operation = Operation::of(&parts.method, &parts.uri, &parts.headers).ok_or(Refusal::NotImplemented)?;
        if NOT_SERVED.iter().any(|header| parts.headers.contains_key(*header)) {
            return Err(Refusal::NotImplemented);
        }
        let name = name(&parts.uri).ok_or(Refusal::NotImplemented)?;
        if name.key.len() > MAX_KEY_BYTES {
            return Err(Refusal::KeyTooLong);
        }
        Ok(Self { operation, name })
    }
}

/// The source of a copy, `/BUCKET/KEY` with the key percent-encoded.
pub(crate) fn copy_source(headers: &HeaderMap) -> Result<Name, Refusal> {
    let source = headers.get("x-amz-copy-source").and_then(|value| value.to_str().ok());
    source.and_then(in_path).ok_or(Refusal::InvalidArgument)
}

/// The bucket is in the path, and the key is what follows it.
fn name(uri: &Uri) -> Option<Name> {
    in_path(uri.path())
}

fn in_path(path: &str) -> Option<Name> {
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let path = path.strip_prefix('/').unwrap_or(&path);
    let (bucket, key) = path.split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then(|| Name {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_follows_from_method_path_and_headers() {
        let operation = |method: Method, uri: &str, copy: bool| {
            let mut headers = HeaderMap::new();
            if copy {
                headers.insert("x-amz-copy-source", "/b/k".parse().unwrap());
            }
            Operation::of(&method, &uri.parse().unwrap(), &headers).map(Operation::name)
        };
        for (method, uri, copy, expected) in [
            (Method::PUT, "/b/payloads/1", false, Some("PutObject")),
            (Method::PUT, "/b/payloads/1?x-id=PutObject", false, Some("PutObject")),
            (Method::PUT, "/b/k", true, Some("CopyObject")),
            (Method::GET, "/b/k", false, Some("GetObject")),
            (Method::HEAD, "/b/k", false, Some("HeadObject")),
            (Method::DELETE, "/b/k", false, Some("DeleteObject")),
            (Method::GET, "/b?list-type=2", false, None),
            (Method::GET, "/b/k?tagging", false, None),
            (Method::GET, "/b/", false, None),
            (Method::GET, "/", false, None),
            (Method::POST, "/b/k", false, None),
        ] {
            assert_eq!(operation(method.clone(), uri, copy), expected, "{method} {uri}");
        }
    }

    #[test]
    fn a_source_is_a_bucket_and_a_decoded_key() {
        for (source, key) in [
            ("/b/a%2Fc", Some("a/c")),
            ("b/a/c", Some("a/c")),
            ("/b", None),
            ("/b/%ff", None),
        ] {
            let headers = HeaderMap::from_iter([("x-amz-copy-source".parse().unwrap(), source.parse().unwrap())]);
            let name = copy_source(&headers).ok();
            assert_eq!(
                name.as_ref().map(|name| (&*name.bucket, &*name.key)),
                key.map(|key| ("b", key)),
                "{source}"
            );
        }
    }
}
