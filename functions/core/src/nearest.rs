//! The name that somebody meant who has mistyped it.

/// The nearest of the known names: one letter in three is another one at most.
pub(crate) fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let written: Vec<char> = written.to_lowercase().chars().take(64).collect();
    let most = (written.len() / 3).max(1);
    let far = |name: &&str| distance(&written, &name.chars().collect::<Vec<_>>());
    let nearest = known.into_iter().map(|name| (far(&name), name)).min()?;
    (nearest.0 <= most && nearest.0 < written.len()).then_some(nearest.1)
}

/// The letters that are put in, left out or replaced between two texts. Letters in another order count as one.
fn distance(one: &[char], other: &[char]) -> usize {
    let sorted = |letters: &[char]| {
        let mut letters = letters.to_vec();
        letters.sort_unstable();
        letters
    };
    if one != other && sorted(one) == sorted(other) {
        return 1;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut left = at + 1;
        let mut next = vec![left];
        for ((known, diagonal), above) in other.iter().zip(&row).zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(letter != known)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_has_a_near_one_and_another_word_has_none() {
        let known = [
            "signature",
            "signed",
            "timestamp",
            "hash",
            "key",
            "body_hash",
            "github",
            "stripe",
        ];
        for (written, expected) in [
            ("signatrue", Some("signature")),
            ("signd", Some("signed")),
            ("Stripe", Some("stripe")),
            ("ahsh", Some("hash")),
            ("kez", Some("key")),
            ("bodyhash", Some("body_hash")),
            ("githubb", Some("github")),
            ("time", None),
            ("colour", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known), expected, "{written}");
        }
        assert_eq!(nearest("hash", []), None);
    }
}
