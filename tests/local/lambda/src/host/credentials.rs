//! The credentials that were given to functions.

use std::collections::HashMap;
use std::sync::Mutex;

use super::lock;
use super::sandbox::Sandbox;

/// By access key. A process is forgotten when it ends, but its last calls are still its own, so nothing is removed: an
/// entry is small, and a host runs for a session.
#[derive(Debug, Default)]
pub(super) struct Credentials(Mutex<HashMap<String, Given>>);

#[derive(Debug)]
struct Given {
    function: String,
    session_token: String,
}

impl Credentials {
    /// Before the process is spawned, so that its first call is known.
    pub(super) fn remember(&self, function: &str, sandbox: &Sandbox) {
        let given = Given {
            function: function.to_owned(),
            session_token: sandbox.session_token.clone(),
        };
        lock(&self.0).insert(sandbox.access_key_id.clone(), given);
    }

    /// The function that was given both.
    pub(super) fn function_of(&self, access_key_id: &str, session_token: &str) -> Option<String> {
        let given = lock(&self.0);
        let given = given.get(access_key_id)?;
        (given.session_token == session_token).then(|| given.function.clone())
    }
}
