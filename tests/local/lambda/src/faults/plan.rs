//! Several rules with one seed.

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::chance::mixed;
use super::rule::Rule;

/// A plan, as a file and `/local/faults` hold it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Of the rules that have none of their own; drawn when unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// In the order in which they are looked at.
    pub rules: Vec<Rule>,
}

impl Plan {
    /// Reads a file in JSON.
    ///
    /// # Errors
    /// When it cannot be read, or is not a plan.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("the faults in {}", path.display()))
    }

    /// Gives every rule a seed, and returns the plan's seed.
    pub(super) fn seeded(self) -> (u64, Vec<Rule>) {
        let seed = self.seed.unwrap_or_else(drawn);
        let seeded = self.rules.into_iter().zip(0..).map(|(rule, index)| Rule {
            seed: rule.seed.or_else(|| Some(short(mixed(seed, index)))),
            ..rule
        });
        (seed, seeded.collect())
    }
}

/// As JSON takes it everywhere: programs that read numbers as floating point keep 53 bits.
const fn short(seed: u64) -> u64 {
    seed >> 32
}

fn drawn() -> u64 {
    short(uuid::Uuid::new_v4().as_u64_pair().0)
}
