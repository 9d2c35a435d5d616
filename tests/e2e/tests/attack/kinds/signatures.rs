//! Forged signatures, of a shared key and of a public one.

use ed25519_dalek::{Signer as _, SigningKey};
use tracehook_test_support::sign;

use super::forged::{FORGED, Forged, guesses, header_of, named, prefix_of, with_proof};
use super::genuine::{BODY, Kind, bare, digest};

pub(super) fn of_shared_key(kind: &Kind, kinds: &[Kind]) -> Vec<Forged> {
    let header = header_of(kind);
    let mut all = Vec::new();
    for guess in guesses(kind, kinds) {
        let (signed, values) = match kind.name {
            "timed" => (format!("17672256.{FORGED}"), "t=17672256,v1="),
            "hashed" => (digest(FORGED), ""),
            _ => (FORGED.to_owned(), "sha256="),
        };
        let value = format!("{values}{}", sign(&guess, signed.as_bytes()));
        let delivery = bare(kind.name, FORGED)
            .with("X-Body-Hash", digest(FORGED))
            .with(header, value);
        all.push((format!("signed with {guess:?}"), delivery));
    }
    let captured = &kind.proof.last().unwrap().1;
    let forged = |what: &str, value: String| (what.to_owned(), value);
    all.extend(match kind.name {
        "timed" => {
            let signature = captured.split("v1=").nth(1).unwrap();
            named(
                header,
                [
                    forged("another time", format!("t=17672257,v1={signature}")),
                    forged("a part of the time", format!("t=176722,v1={signature}")),
                    forged("no time", format!("v1={signature}")),
                    forged("an empty time", format!("t=,v1={signature}")),
                    forged("two times", format!("t=17672256,t=1,v1={signature}")),
                    forged("another version", format!("t=17672256,v0={signature}")),
                    forged("half of the signature", format!("t=17672256,v1={}", &signature[..32])),
                ],
                kind,
                BODY,
            )
        }
        "hashed" => vec![
            (
                "the hash of another body".to_owned(),
                with_proof(kind, FORGED).with("X-Body-Hash", digest(FORGED)),
            ),
            (
                "the captured hash with another body".to_owned(),
                with_proof(kind, FORGED),
            ),
            (
                "both hashes".to_owned(),
                with_proof(kind, FORGED).and("X-Body-Hash", digest(FORGED)),
            ),
            ("no hash".to_owned(), with_proof(kind, FORGED).without("X-Body-Hash")),
            (
                "half of the hash".to_owned(),
                with_proof(kind, BODY).with("X-Body-Hash", &digest(BODY)[..32]),
            ),
            (
                "the body for its hash".to_owned(),
                with_proof(kind, BODY).with("X-Body-Hash", BODY),
            ),
        ],
        _ => named(
            header,
            [
                forged("half of it", captured[..39].to_owned()),
                forged("one digit more", format!("{captured}0")),
                forged("another hash", captured.replace("sha256=", "sha1=")),
                forged("twice", format!("{captured}{captured}")),
            ],
            kind,
            BODY,
        ),
    });
    // Another part of the request than what is to be signed: a source whose signature covers less gives none here.
    for (what, signed) in [
        ("nothing", String::new()),
        ("the path", format!("/webhook/{}", kind.name)),
        ("the name", kind.name.to_owned()),
    ] {
        for other in kinds
            .iter()
            .filter(|other| other.way()["kind"] == "hmac" && other.name != kind.name)
        {
            let value = format!("{}{}", prefix_of(kind), sign(other.secret(), signed.as_bytes()));
            all.push((
                format!("{what}, signed by {}", other.name),
                bare(kind.name, FORGED).with(header, value),
            ));
        }
    }
    all
}

pub(super) fn of_public_key(kind: &Kind) -> Vec<Forged> {
    let header = header_of(kind);
    let stranger = SigningKey::from_bytes(&[1; 32]);
    let own = stranger.sign(FORGED.as_bytes()).to_bytes();
    let public = hex::decode(kind.secret()).unwrap();
    let captured = &kind.proof[0].1;
    let forged = |what: &str, value: String| (what.to_owned(), value);
    let mut all = named(
        header,
        [
            forged("another key", hex::encode(own)),
            forged("zeros", "0".repeat(128)),
            forged("the neutral point and zero", format!("01{}", "0".repeat(126))),
            forged("an HMAC with the public key", sign(kind.secret(), FORGED.as_bytes())),
            forged("the public key twice", hex::encode(public.repeat(2))),
            forged("half of the captured one", captured[..64].to_owned()),
            forged("the captured one and more", format!("{captured}00")),
        ],
        kind,
        FORGED,
    );
    // The same point with a number that is larger than the group: two texts of one signature.
    let mut large = hex::decode(captured).unwrap();
    let group = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut carry = 0;
    for (byte, more) in large[32..].iter_mut().zip(group) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        [*byte, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
    all.extend(named(
        header,
        [forged("a larger number", hex::encode(large))],
        kind,
        BODY,
    ));
    all
}
