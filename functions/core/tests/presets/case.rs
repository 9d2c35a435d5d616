//! A request and the preset that judges it.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use tracehook_core::Timestamp;
use tracehook_core::preset;
use tracehook_core::secret::Secret;
use tracehook_core::signature::{Delivery, SignatureError};
use tracehook_core::verify::{Faults, Setting, Verify};

use super::vectors::Vector;

/// A preset as a source uses it, with what the source must say beside it.
pub(crate) struct Case {
    name: String,
    pub(crate) verify: Verify,
    pub(crate) method: Method,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) at: i64,
    pub(crate) secrets: Vec<Secret>,
}

/// The preset's verification, and every fault that the reader finds in it.
pub(crate) fn read(name: &str, parameters: &BTreeMap<String, String>, url: Option<&str>) -> (Option<Verify>, Faults) {
    let source: Value = serde_json::from_str(preset::find(name).unwrap()).unwrap();
    let public_url = url.map(|url| url.split('?').next().unwrap().parse().unwrap());
    let setting = Setting {
        body: source["body"].as_str().unwrap().parse().unwrap(),
        public_url,
        parameters: parameters.clone(),
    };
    let mut faults = Faults::default();
    let verify = Verify::read("verify", &source["verify"], &setting, &mut faults);
    (verify, faults)
}

impl Case {
    /// A vector, judged by its producer's preset.
    pub(crate) fn of(vector: &Vector) -> Self {
        Self::judged_by(&vector.provider, vector)
    }

    /// A vector, judged by a preset.
    pub(crate) fn judged_by(preset: &str, vector: &Vector) -> Self {
        let (verify, faults) = read(preset, &vector.parameters, vector.url.as_deref());
        let header = |(name, value): (&String, &String)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        let query = vector
            .url
            .as_deref()
            .and_then(|url| url.split_once('?'))
            .map_or("", |(_, query)| query);
        Self {
            name: vector.id.clone(),
            verify: verify.unwrap_or_else(|| panic!("{}: {:?}", vector.id, faults.all())),
            method: vector.method.parse().unwrap(),
            query: query.to_owned(),
            headers: vector.headers.iter().map(header).collect(),
            body: vector.body.clone().into_bytes(),
            at: vector.at,
            secrets: vec![Secret::new(&vector.secret)],
        }
    }

    pub(crate) fn verdict(&self) -> Result<(), SignatureError> {
        let delivery = Delivery {
            method: &self.method,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
            received_at: Timestamp::from_epoch_ms(self.at * 1000),
        };
        self.verify.verify(&delivery, &self.secrets).map(drop)
    }

    pub(crate) fn refuses(&self, what: &str) {
        assert!(self.verdict().is_err(), "{}: {what} is accepted", self.name);
    }
}
