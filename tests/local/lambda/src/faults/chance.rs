//! Chance that can be repeated.

/// A well-mixed number of two (the finalizer of `SplitMix64`).
pub(super) const fn mixed(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Draws the try of that index: true with the chance `ratio`. The same seed and index always draw the same.
pub(super) fn draws(seed: u64, index: u64, ratio: f64) -> bool {
    /// 2^32.
    const BELOW: f64 = 4_294_967_296.0;
    let drawn = u32::try_from(mixed(seed, index) >> 32).unwrap_or(u32::MAX);
    f64::from(drawn) < ratio * BELOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_kept_by_every_seed_and_the_same_seed_repeats() {
        for seed in 0..20 {
            let draw = || (0..10_000).map(move |index| draws(seed, index, 0.05));
            let hits = draw().filter(|hit| *hit).count();
            assert!((400..=600).contains(&hits), "seed {seed}: {hits} of 10000");
            assert!(draw().eq(draw()));
        }
        assert!((0..1000).all(|index| draws(7, index, 1.0)));
        assert!(!(0..1000).any(|index| draws(7, index, 0.0)));
    }
}
