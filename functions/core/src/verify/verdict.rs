//! Which of several verdicts counts.

use crate::signature::SignatureError;

/// The better of two results: an acceptance, else the error that came furthest.
pub(crate) fn better(one: Result<(), SignatureError>, other: Result<(), SignatureError>) -> Result<(), SignatureError> {
    if rank(other) > rank(one) { other } else { one }
}

/// The worse of two results.
pub(crate) fn worse(one: Result<(), SignatureError>, other: Result<(), SignatureError>) -> Result<(), SignatureError> {
    if rank(other) < rank(one) { other } else { one }
}

const fn rank(result: Result<(), SignatureError>) -> u8 {
    match result {
        Err(SignatureError::Missing) => 0,
        Err(SignatureError::Malformed) => 1,
        Err(SignatureError::Mismatch) => 2,
        Err(SignatureError::Stale) => 3,
        Ok(()) => 4,
    }
}
