//! Reads an object once, as it comes.

use aws_smithy_types::byte_stream::ByteStream;
use sha2::{Digest as _, Sha256};
use tracehook_core::record::PayloadDigest;

use super::answer::Answer;

/// The connection broke before the object was there.
#[derive(Debug)]
pub(super) struct Broken;

/// The bytes, when they are so many and have that digest. Nothing beyond the expected length is held.
///
/// # Errors
/// When the connection breaks.
pub(super) async fn download(answer: Answer, bytes: u64, sha256: &PayloadDigest) -> Result<Option<Vec<u8>>, Broken> {
    let Ok(expected) = usize::try_from(bytes) else {
        return Ok(None);
    };
    if answer.body.content_length().is_some_and(|length| length != bytes) {
        return Ok(None);
    }
    let (mut body, mut digest) = (Vec::with_capacity(expected), Sha256::new());
    let mut stream = ByteStream::new(answer.body);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Broken)?;
        if chunk.len() > expected - body.len() {
            return Ok(None);
        }
        digest.update(&chunk);
        body.extend_from_slice(&chunk);
    }
    let is_whole = body.len() == expected && digest.finalize()[..] == sha256[..];
    Ok(is_whole.then_some(body))
}
