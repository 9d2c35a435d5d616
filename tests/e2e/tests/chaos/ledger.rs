//! The sender's ledger: a file with a line for each 2xx, written before anything else happens with the answer. Losses are
//! judged by it alone.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, Write as _};
use std::sync::Mutex;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracehook_core::Timestamp;

/// One 2xx.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Promise {
    pub number: u64,
    pub token: String,
    /// The SHA-256 of the body that was sent, in hex.
    pub digest: String,
    pub at_ms: i64,
}

pub(crate) struct Ledger(Mutex<File>);

impl Default for Ledger {
    fn default() -> Self {
        Self(Mutex::new(tempfile::tempfile().unwrap()))
    }
}

impl Ledger {
    /// Writes the token that was promised for a body.
    pub(crate) fn write(&self, number: u64, token: &str, body: &str) {
        let promise = Promise {
            number,
            token: token.to_owned(),
            digest: hex::encode(Sha256::digest(body)),
            at_ms: Timestamp::from(SystemTime::now()).epoch_ms(),
        };
        let line = serde_json::to_string(&promise).unwrap() + "\n";
        self.0.lock().unwrap().write_all(line.as_bytes()).unwrap();
    }

    /// Every promise, in the order of the answers.
    pub(crate) fn promises(&self) -> Vec<Promise> {
        let mut file = self.0.lock().unwrap();
        file.rewind().unwrap();
        let lines = BufReader::new(&mut *file).lines();
        lines
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect()
    }
}
