//! The result of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::ledger::Promise;
use crate::producers;
use crate::secrets::Outcome;

/// The facts that decide about a run; webhooks by token.
pub(crate) struct Verdict {
    /// The ledger's lines, and those whose bytes are not there under their token.
    pub promises: usize,
    pub lost: Vec<Promise>,
    pub accepted: usize,
    pub repeats: u64,
    pub hits: BTreeMap<String, u64>,
    pub sandboxes_killed: BTreeMap<String, u64>,
    /// Answers to strangers by status.
    pub strangers: BTreeMap<u16, u64>,
    pub secrets: Outcome,
    pub unleashed: Duration,
    pub settled: Duration,
    /// The status answer at the end; none for a webhook that is still open.
    pub ends: Vec<(String, Option<Value>)>,
    pub running: Vec<String>,
    pub keys: Vec<(String, BTreeSet<String>)>,
    /// Effects, and calls that repeated one.
    pub effects: (usize, u64),
    pub roots: Vec<(String, usize)>,
}

impl Verdict {
    fn by_status(&self) -> BTreeMap<String, usize> {
        let mut by_status = BTreeMap::new();
        for (_, end) in &self.ends {
            let name = end.as_ref().and_then(|end| end["status"].as_str()).unwrap_or("open");
            *by_status.entry(name.to_owned()).or_default() += 1;
        }
        by_status
    }

    /// # Panics
    /// When a promise was broken.
    pub(crate) fn hold(&self, webhooks: u64) {
        assert_eq!(
            self.accepted as u64,
            producers::expected(webhooks),
            "everything was accepted in the end"
        );
        assert!(
            self.promises as u64 >= webhooks,
            "each 2xx has a line: {}",
            self.promises
        );
        assert!(self.lost.is_empty(), "lost: {:?}", self.lost);
        assert!(
            self.secrets.late.is_empty(),
            "rightly signed and refused after {:?}",
            self.secrets.late
        );
        assert!(self.secrets.accepted > 0, "nobody has used the new secret");
        let taken = self.strangers.keys().filter(|status| **status < 400).count();
        assert_eq!(taken, 0, "strangers were answered {:?}", self.strangers);
        assert!(self.strangers.contains_key(&401), "{:?}", self.strangers);
        let stuck: Vec<_> = self.ends.iter().filter(|(_, end)| end.is_none()).collect();
        assert!(stuck.is_empty(), "stuck: {stuck:?}");
        assert!(self.running.is_empty(), "executions that still run: {:?}", self.running);
        for ((token, end), (_, keys)) in self.ends.iter().zip(&self.keys) {
            let end = end.as_ref().unwrap();
            // No fault is permanent: every other end would be a false one.
            assert_eq!(end["status"], "completed", "{end}");
            assert_eq!(keys.len(), 1, "{token}: one effect under one key, not {keys:?}: {end}");
        }
        let without: Vec<_> = self.roots.iter().filter(|(_, roots)| *roots != 1).collect();
        assert!(without.is_empty(), "traces without exactly one root: {without:?}");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one_root = self.roots.iter().filter(|(_, roots)| *roots == 1).count();
        writeln!(
            f,
            "accepted {} with {} promises, of these lost {}; deliveries without a final answer {}",
            self.accepted,
            self.promises,
            self.lost.len(),
            self.repeats
        )?;
        writeln!(f, "  sandboxes killed {:?}, service killed 2", self.sandboxes_killed)?;
        writeln!(
            f,
            "  answers to strangers {:?}; after the rotation {} accepted under the new secret, {} refused within 2 s, {} later",
            self.strangers,
            self.secrets.accepted,
            self.secrets.early,
            self.secrets.late.len()
        )?;
        for (rule, hits) in &self.hits {
            writeln!(f, "  {hits:>6} × {rule}")?;
        }
        writeln!(
            f,
            "  under faults {:.1?}, then settled in {:.1?}",
            self.unleashed, self.settled
        )?;
        writeln!(
            f,
            "  ends {:?}, executions that still run {}",
            self.by_status(),
            self.running.len()
        )?;
        writeln!(
            f,
            "  effects {}, repeats that were dropped {}",
            self.effects.0, self.effects.1
        )?;
        write!(f, "  traces with exactly one root {one_root} of {}", self.roots.len())
    }
}
