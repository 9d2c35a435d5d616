//! Every change of a genuine request that must be refused, with the code of its refusal.

use tracehook_core::signature::SignatureError::{self, Malformed, Mismatch, Missing, Stale};
use tracehook_core::{Rejection, SourceConfig};
use tracehook_test_support::Delivery;

use crate::judged::{Verdict, verdict};
use crate::vector::Vector;

/// A vector with its source as the validator reads it.
pub(crate) struct Genuine {
    pub(crate) vector: Vector,
    pub(crate) source: SourceConfig,
}

/// A changed request.
pub(crate) struct Change {
    pub(crate) what: String,
    pub(crate) delivery: Delivery,
    /// How it is refused.
    pub(crate) code: &'static str,
}

/// A changed request, and the errors that fit the change.
type Changed = (String, Delivery, &'static [SignatureError]);

/// Changes of what nobody signs, which are accepted: an item without a use or another signature in front of the one that
/// counts, white space around a token that is the whole body, and a field of the query beside the signed one.
const UNSIGNED: [(&str, &str); 8] = [
    ("dialpad-1", "body: a line break after the body"),
    ("wix-1", "body: a line break after the body"),
    ("finch-s1", "Finch-Signature with another letter at 0"),
    ("orb-s2", "X-Orb-Signature with another letter at 0"),
    ("standard-webhooks-s1", "webhook-signature with another letter at 0"),
    ("upollo-1", "Upollo-Signature with another letter at 0"),
    ("worldpay-1", "Event-Signature with another letter at 0"),
    ("mercadopago-s1", "another query"),
];

impl Genuine {
    pub(crate) fn delivery(&self) -> Delivery {
        self.vector.to(&self.vector.id)
    }

    pub(crate) fn verdict(&self, delivery: &Delivery) -> Verdict {
        self.verdict_at(delivery, self.vector.at)
    }

    pub(crate) fn verdict_at(&self, delivery: &Delivery, at: i64) -> Verdict {
        verdict(&self.source, &self.vector.secret, delivery, at)
    }

    /// The headers without which it is refused.
    fn needed(&self) -> Vec<(&str, &str)> {
        let headers = self.vector.headers.iter();
        let is_needed = |(name, _): &(&String, &String)| self.verdict(&self.delivery().without(name)).is_err();
        headers
            .filter(is_needed)
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    /// All changes. `others` are requests of others, from which a header is taken.
    pub(crate) fn changes(&self, others: &[&Genuine]) -> Vec<Change> {
        let needed = self.needed();
        let mut changes = self.bodies();
        changes.extend(self.headers(&needed));
        changes.extend(self.swapped(&needed, others));
        changes.extend(self.queries());
        let (accepted, refused): (Vec<_>, Vec<_>) = changes
            .into_iter()
            .partition(|(_, delivery, _)| self.verdict(delivery).is_ok());
        let accepted: Vec<_> = accepted.iter().map(|(what, ..)| what.as_str()).collect();
        let unsigned = UNSIGNED.iter().filter(|(id, _)| *id == self.vector.id);
        assert_eq!(
            accepted,
            unsigned.map(|(_, what)| *what).collect::<Vec<_>>(),
            "{}",
            self.vector.id
        );
        assert!(!refused.is_empty(), "{}: nothing of it is needed", self.vector.id);
        refused.into_iter().map(|change| self.judged(change)).collect()
    }

    fn judged(&self, (what, delivery, expected): Changed) -> Change {
        let error = self.verdict(&delivery).expect_err(&what);
        assert!(expected.contains(&error), "{}: {what}: {error}", self.vector.id);
        let code = Rejection::from(error).code();
        Change { what, delivery, code }
    }

    fn bodies(&self) -> Vec<Changed> {
        let body = self.vector.body.as_bytes();
        let mut changes = vec![("a line break after the body", [body, b"\n"].concat())];
        if !body.is_empty() {
            changes.push(("no body", Vec::new()));
            for (what, at) in [("first", 0), ("middle", body.len() / 2), ("last", body.len() - 1)] {
                let mut changed = body.to_vec();
                changed[at] ^= 1;
                changes.push((what, changed));
            }
        }
        if !self.source.verify().covers_body() {
            changes = parts_changed(&self.vector.body);
            changes.push(("no body", Vec::new()));
            let is_needed =
                |(_, body): &(&str, Vec<u8>)| self.verdict(&self.delivery().with_body(body.as_slice())).is_err();
            changes.retain(is_needed);
        }
        let changed = changes.into_iter().map(|(what, body)| {
            let delivery = self.delivery().with_body(body);
            (format!("body: {what}"), delivery, &[Missing, Malformed, Mismatch][..])
        });
        changed.collect()
    }

    /// Each header that is needed: absent, empty, cut, changed, and twice.
    fn headers(&self, needed: &[(&str, &str)]) -> Vec<Changed> {
        let mut changes: Vec<Changed> = Vec::new();
        for (name, value) in needed {
            let (name, delivery) = (*name, self.delivery());
            let without = delivery.clone().without(name);
            changes.push((format!("without {name}"), without, &[Missing, Mismatch]));
            let twice = delivery.clone().and(name, "another");
            changes.push((format!("{name} twice"), twice, &[Malformed, Mismatch]));
            for at in [0, value.len() * 3 / 4] {
                let changed = with_another_letter(value, at);
                let changed = delivery.clone().with(name, &changed);
                let what = format!("{name} with another letter at {at}");
                changes.push((what, changed, &[Missing, Malformed, Mismatch, Stale]));
            }
            let cut = value.trim_end_matches('=');
            let cut = cut.get(..cut.len().saturating_sub(1)).unwrap_or_default();
            for (what, value) in [("empty", ""), ("another text", "x"), ("cut", cut)] {
                let changed = delivery.clone().with(name, value);
                changes.push((format!("{name} is {what}"), changed, &[Missing, Malformed, Mismatch]));
            }
        }
        changes
    }

    /// Two needed headers in each other's place, or one from somebody else.
    fn swapped(&self, needed: &[(&str, &str)], others: &[&Genuine]) -> Option<Changed> {
        let delivery = self.delivery();
        let (what, delivery) = match needed {
            [] => return None,
            [(one, first), (two, second), ..] if first != second => (
                format!("{one} and {two} swapped"),
                delivery.with(one, second).with(two, first),
            ),
            [(name, value), ..] => {
                let theirs = others.iter().find_map(|other| {
                    let other = &other.vector;
                    let is_of_another = (&other.secret, &other.body) != (&self.vector.secret, &self.vector.body);
                    let other = other.headers.get(*name).filter(|_| is_of_another)?;
                    (other != value).then_some(other)
                });
                let theirs = theirs.cloned().unwrap_or_else(|| value.chars().rev().collect());
                (format!("{name} of somebody else"), delivery.with(name, theirs))
            }
        };
        Some((what, delivery, &[Missing, Malformed, Mismatch, Stale]))
    }

    /// A query that is needed: absent, and changed.
    fn queries(&self) -> Vec<Changed> {
        let delivery = self.delivery();
        let path = delivery.path().to_owned();
        let Some((bare, query)) = path.split_once('?') else {
            return Vec::new();
        };
        let without = delivery.clone().to(bare);
        if self.verdict(&without).is_ok() {
            return Vec::new();
        }
        let other = with_another_letter(query, query.len() - 1);
        let changed = delivery.to(&format!("{bare}?{other}"));
        let errors: &[_] = &[Missing, Malformed, Mismatch];
        vec![
            ("no query".to_owned(), without, errors),
            ("another query".to_owned(), changed, errors),
        ]
    }
}

/// The body with one of its texts changed, each in turn: what proves a request may stand in it.
fn parts_changed(body: &str) -> Vec<(&'static str, Vec<u8>)> {
    let texts = body.split(['"', '&', '=']).filter(|text| text.len() >= 10);
    let changed = texts.map(|text| {
        let other = with_another_letter(text, text.len() / 2);
        ("another text in it", body.replacen(text, &other, 1).into_bytes())
    });
    changed.collect()
}

/// A text with another letter at a place.
fn with_another_letter(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    if let Some(byte) = bytes.get_mut(at) {
        *byte = if *byte == b'y' { b'z' } else { b'y' };
    }
    String::from_utf8(bytes).unwrap()
}
