//! A request with its verdict, as the files of vectors have it.

use std::collections::BTreeMap;

use serde::Deserialize;
use tracehook_test_support::Delivery;

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

/// A request of a producer, and what has to become of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Vector {
    /// Its name, and that of its source.
    pub(crate) id: String,
    pub(crate) provider: String,
    /// Who made it.
    pub(crate) origin: String,
    pub(crate) secret: String,
    #[serde(default = "post")]
    method: String,
    /// The public URL, with its query.
    url: Option<String>,
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: String,
    /// The time of receipt, in epoch seconds.
    #[serde(default = "then")]
    pub(crate) at: i64,
    /// Why it must not be accepted.
    pub(crate) refuse: Option<String>,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
}

fn post() -> String {
    "POST".to_owned()
}

/// The time of the vectors that say none.
fn then() -> i64 {
    1_767_225_600
}

pub(crate) fn all() -> Vec<Vector> {
    let texts = [
        include_str!("../../../../functions/core/tests/sources/vectors.json"),
        include_str!("../../../../functions/core/tests/sources/vectors-signed.json"),
    ];
    let read = |text| serde_json::from_str::<Vectors>(text).unwrap().vectors;
    texts.into_iter().flat_map(read).collect()
}

impl Vector {
    /// Scheme, host and path as the producer has them.
    pub(crate) fn public_url(&self) -> Option<&str> {
        self.url.as_deref()?.split('?').next()
    }

    /// The request to a source.
    pub(crate) fn to(&self, source: &str) -> Delivery {
        let query = self.url.as_deref().and_then(|url| url.split_once('?'));
        let path = match query {
            None => format!("/webhook/{source}"),
            Some((_, query)) => format!("/webhook/{source}?{query}"),
        };
        let delivery = Delivery::new(&path, self.body.as_bytes()).method(&self.method);
        let headers = self.headers.iter();
        headers.fold(delivery, |delivery, (name, value)| delivery.with(name, value))
    }

    /// True if it is not made by us from the producer's rule.
    pub(crate) fn is_foreign(&self) -> bool {
        !self.origin.starts_with("constructed")
    }
}
