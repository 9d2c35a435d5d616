//! What the domain says of a request, which the whole service has to answer.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tracehook_core::secret::Secret;
use tracehook_core::signature::{Delivery as Signed, SignatureError};
use tracehook_core::{SourceConfig, Timestamp};
use tracehook_test_support::Delivery;

pub(crate) type Verdict = Result<(), SignatureError>;

/// The verdict of a source with this secret on a request at that time, in epoch seconds.
pub(crate) fn verdict(source: &SourceConfig, secret: &str, delivery: &Delivery, at: i64) -> Verdict {
    let mut headers = HeaderMap::new();
    for (name, value) in delivery.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    let query = delivery.path().split_once('?').map_or("", |(_, query)| query);
    let signed = Signed {
        method: &Method::POST,
        query,
        headers: &headers,
        body: delivery.body(),
        received_at: Timestamp::from_epoch_ms(at * 1000),
    };
    source.verify().verify(&signed, &[Secret::new(secret)]).map(drop)
}
