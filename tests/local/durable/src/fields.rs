//! Lengths, characters and sizes of an update's fields. They are the service model's; the size of a result is
//! documented beside it.

use crate::{Fault, OperationType, OperationUpdate};

const MAX_ERROR_BYTES: usize = 32_768;
const MAX_PAYLOAD_BYTES: usize = 6_291_456;
/// What a step or a child context may leave: 256 KB. SDKs do not check it for steps.
const MAX_RESULT_BYTES: usize = 262_144;

pub(crate) fn check(update: &OperationUpdate) -> Result<(), Fault> {
    if !is_word(&update.id, 64) {
        return Err(Fault::invalid(
            "An operation's Id must be 1 to 64 characters of a-z, A-Z, 0-9, - and _.",
        ));
    }
    let words = [(&update.parent_id, "ParentId", 64), (&update.sub_type, "SubType", 32)];
    for (text, field, limit) in words {
        if text.as_ref().is_some_and(|text| !is_word(text, limit)) {
            return Err(Fault::invalid(format!(
                "{field} must be 1 to {limit} characters of a-z, A-Z, 0-9, - and _."
            )));
        }
    }
    let printable =
        |name: &String| (1..=256).contains(&name.len()) && name.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if update.name.as_ref().is_some_and(|name| !printable(name)) {
        return Err(Fault::invalid("Name must be 1 to 256 printable ASCII characters."));
    }
    if update
        .error
        .as_ref()
        .is_some_and(|error| error.size_bytes() > MAX_ERROR_BYTES)
    {
        return Err(Fault::invalid(format!(
            "Error object size must be less than {MAX_ERROR_BYTES} bytes."
        )));
    }
    let limit = match update.supported_type()? {
        OperationType::Execution => MAX_PAYLOAD_BYTES,
        OperationType::Step | OperationType::Context | OperationType::Wait => MAX_RESULT_BYTES,
    };
    if update.payload.as_ref().is_some_and(|payload| payload.len() > limit) {
        return Err(Fault::invalid(format!("Payload size must be at most {limit} bytes.")));
    }
    Ok(())
}

fn is_word(text: &str, limit: usize) -> bool {
    (1..=limit).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
