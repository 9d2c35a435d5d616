//! Forgeries: nobody who lacks the live secret is accepted, by any kind, whatever headers and bodies are sent.

use std::cell::Cell;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::Index;
use tracehook_test_support::fuzzing::{bytes, fuzz};

use crate::attack::{attack, attacked};
use crate::body::bodies;
use crate::kinds::{Kind, kinds};

/// The longest time for one verification, in a build without optimisation and on a machine with other work.
const LONGEST: Duration = Duration::from_secs(2);

#[test]
fn nobody_without_the_live_secret_is_accepted_by_any_kind() {
    let (kinds, bodies) = (kinds(), bodies());
    assert!(kinds.len() > 40, "{} kinds", kinds.len());
    let (tried, longest) = (Cell::new(0_u32), Cell::new(Duration::ZERO));
    // Few kinds are tokens, which have attacks of their own.
    let families = ["hmac", "jwt", "token", "basic", "ed25519", "ecdsa"].map(|family| {
        let of_family = kinds.iter().filter(|kind| kind.name.starts_with(family));
        of_family.collect::<Vec<_>>()
    });
    let cases = (0..families.len(), any::<Index>(), bytes(&bodies), attack());
    fuzz("forged", bodies.len(), 1_600, cases, |(family, kind, body, attack)| {
        let kind = kind.get(&families[family]);
        let genuine = kind.genuine(body);
        let shown = format!("{}: {attack:?}", kind.name);
        let Some(sent) = attacked(kind, &genuine, attack) else {
            return;
        };
        let begun = Instant::now();
        let verdict = kind.verdict(&sent, &[&kind.secret]);
        longest.set(longest.get().max(begun.elapsed()));
        assert!(verdict.is_err(), "{shown} is accepted: {sent:?}");
        tried.set(tried.get() + 1);
    });
    assert!(tried.get() > 400, "{tried:?}");
    assert!(longest.get() < LONGEST, "{longest:?}");
}

#[test]
fn every_kind_accepts_its_producer_with_the_live_secret_and_with_no_other() {
    let (kinds, bodies) = (kinds(), bodies());
    let cases = (any::<Index>(), bytes(&bodies), any::<Index>());
    fuzz("genuine", bodies.len(), 300, cases, |(kind, body, other)| {
        let kind = kind.get(&kinds);
        let sent = kind.genuine(body);
        let dead = "dead-secret-0123456789";
        assert_eq!(kind.verdict(&sent, &[&kind.secret]), Ok(()), "{}: {sent:?}", kind.name);
        assert_eq!(
            kind.verdict(&sent, &[dead, &kind.secret]),
            Ok(()),
            "{}: a rolled secret",
            kind.name
        );
        let stranger = other.get(&kinds);
        // Kinds of one family have the same key.
        let family = |kind: &Kind| kind.name.split([' ', '-']).next().unwrap().to_owned();
        let is_another = family(stranger) != family(kind);
        for secrets in [&[][..], &[dead], &[&stranger.secret]] {
            if secrets != [&stranger.secret] || is_another {
                assert!(kind.verdict(&sent, secrets).is_err(), "{} with {secrets:?}", kind.name);
            }
        }
    });
}
