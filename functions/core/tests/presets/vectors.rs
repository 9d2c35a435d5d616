//! The vectors, and who made them.

use std::collections::BTreeMap;

use serde::Deserialize;
use tracehook_core::preset;

/// A request that a producer's own code, its documentation or an independent implementation has made, or that was constructed
/// from the producer's rule.
#[derive(Deserialize)]
pub(crate) struct Vector {
    pub(crate) id: String,
    pub(crate) provider: String,
    /// Who made it.
    pub(crate) origin: String,
    pub(crate) secret: String,
    #[serde(default = "post")]
    pub(crate) method: String,
    /// The public URL, with its query.
    pub(crate) url: Option<String>,
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

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

pub(crate) fn all() -> Vec<Vector> {
    let texts = [
        include_str!("../sources/vectors.json"),
        include_str!("../sources/vectors-signed.json"),
    ];
    let read = |text| serde_json::from_str::<Vectors>(text).unwrap().vectors;
    texts.into_iter().flat_map(read).collect()
}

/// Who made a preset's vectors, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Maker {
    /// The producer's documentation or tests, or somebody else's.
    Published,
    /// The producer's library, or the one that it uses.
    Library,
    /// We, from the rule.
    Constructed,
}

/// The best maker of each producer's vectors.
pub(crate) fn makers() -> BTreeMap<String, Maker> {
    let mut makers = BTreeMap::new();
    for vector in all().into_iter().filter(|vector| vector.refuse.is_none()) {
        let maker = match vector.origin.split([':', ' ']).next() {
            Some("published" | "third-party") => Maker::Published,
            Some("signed") => Maker::Library,
            _ => Maker::Constructed,
        };
        let best = makers.entry(vector.provider).or_insert(maker);
        *best = maker.min(*best);
    }
    makers
}

/// The vectors of presets.
pub(crate) fn of_presets() -> Vec<Vector> {
    let is_shipped = |vector: &Vector| preset::find(&vector.provider).is_some();
    all().into_iter().filter(is_shipped).collect()
}
