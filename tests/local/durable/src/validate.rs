//! The rules that a batch of updates must keep. One broken rule refuses the whole batch.
//!
//! Rules and texts follow the official emulator; ranges are the service model's.

use std::collections::HashMap;

use crate::execution::Execution;
use crate::update::Action;
use crate::{Details, Fault, Operation, OperationStatus, OperationType, OperationUpdate, fields};

const DELAY_SECONDS: std::ops::RangeInclusive<i64> = 1..=31_622_400;

/// Checks what concerns the batch as a whole: types, actions, parents, repeated ids, sizes.
pub(crate) fn batch(execution: &Execution, updates: &[OperationUpdate]) -> Result<(), Fault> {
    let mut last_seen: HashMap<&str, (OperationType, Action)> = HashMap::new();
    let mut started: HashMap<&str, OperationType> = HashMap::new();
    let last = updates.len().saturating_sub(1);
    for (position, update) in updates.iter().enumerate() {
        let kind = update.supported_type()?;
        let action = update.parsed_action()?;
        fields::check(update)?;
        if kind == OperationType::Execution && position != last {
            return Err(Fault::invalid("An EXECUTION must be the last update of a checkpoint."));
        }
        if let Some((earlier_kind, earlier_action)) = last_seen.get(update.id.as_str()) {
            let start_then_other = matches!(earlier_kind, OperationType::Step | OperationType::Context)
                && *earlier_action == Action::Start
                && action != Action::Start;
            if !start_then_other {
                return Err(Fault::invalid(
                    "Cannot checkpoint multiple operations with the same ID.",
                ));
            }
        }
        if let Some(parent) = update.parent_id.as_deref() {
            let parent_kind = started
                .get(parent)
                .copied()
                .or_else(|| execution.operation(parent).map(|found| found.operation_type));
            if parent_kind != Some(OperationType::Context) {
                return Err(Fault::invalid("Invalid parent operation id."));
            }
        }
        if action == Action::Start {
            started.insert(&update.id, kind);
        }
        last_seen.insert(&update.id, (kind, action));
    }
    Ok(())
}

/// Checks one update against the operation's present state.
pub(crate) fn transition(current: Option<&Operation>, update: &OperationUpdate) -> Result<(), Fault> {
    let kind = update.supported_type()?;
    let action = update.parsed_action()?;
    if let Some(current) = current {
        same_metadata(current, kind, update)?;
    }
    match (kind, action) {
        (OperationType::Step, Action::Start | Action::Succeed | Action::Fail | Action::Retry)
        | (OperationType::Wait, Action::Start | Action::Cancel)
        | (OperationType::Context, Action::Start | Action::Succeed | Action::Fail)
        | (OperationType::Execution, Action::Succeed | Action::Fail) => {}
        _ => return Err(Fault::invalid("Invalid action for the given operation type.")),
    }
    match action {
        Action::Succeed if update.error.is_some() => {
            return Err(Fault::invalid("Cannot provide an Error for SUCCEED action."));
        }
        Action::Fail if update.payload.is_some() => {
            return Err(Fault::invalid("Cannot provide a Payload for FAIL action."));
        }
        _ => {}
    }
    let status = current.map(|operation| operation.status);
    match kind {
        OperationType::Step => step(status, action, update),
        OperationType::Wait => wait(status, action, update),
        OperationType::Context => context(status, action),
        OperationType::Execution => Ok(()),
    }
}

fn step(status: Option<OperationStatus>, action: Action, update: &OperationUpdate) -> Result<(), Fault> {
    use OperationStatus::{Ready, Started};
    match action {
        Action::Start if !matches!(status, None | Some(Ready)) => {
            Err(Fault::invalid("Invalid current STEP state to start."))
        }
        Action::Succeed | Action::Fail if !matches!(status, None | Some(Ready | Started)) => {
            Err(Fault::invalid("Invalid current STEP state to close."))
        }
        Action::Retry if !matches!(status, None | Some(Ready | Started)) => {
            Err(Fault::invalid("Invalid current STEP state to re-attempt."))
        }
        Action::Retry if update.error.is_some() && update.payload.is_some() => {
            Err(Fault::invalid("Cannot provide both error and payload to RETRY a STEP."))
        }
        Action::Retry => match update
            .step_options
            .as_ref()
            .and_then(|options| options.next_attempt_delay_seconds)
        {
            None => Err(Fault::invalid("Invalid StepOptions for the given action.")),
            Some(delay) => in_range("NextAttemptDelaySeconds", delay),
        },
        _ => Ok(()),
    }
}

fn wait(status: Option<OperationStatus>, action: Action, update: &OperationUpdate) -> Result<(), Fault> {
    match action {
        Action::Start if status.is_some() => Err(Fault::invalid("Cannot start a WAIT that already exist.")),
        Action::Start => match update.wait_options.as_ref().and_then(|options| options.wait_seconds) {
            None => Err(Fault::invalid("Invalid WaitOptions for the given action.")),
            Some(seconds) => in_range("WaitSeconds", seconds),
        },
        _ if status != Some(OperationStatus::Started) => Err(Fault::invalid(
            "Cannot cancel a WAIT that does not exist or has already completed.",
        )),
        _ => Ok(()),
    }
}

fn context(status: Option<OperationStatus>, action: Action) -> Result<(), Fault> {
    match action {
        Action::Start if status.is_some() => Err(Fault::invalid("Cannot start a CONTEXT that already exist.")),
        Action::Succeed | Action::Fail if !matches!(status, None | Some(OperationStatus::Started)) => {
            Err(Fault::invalid("Invalid current CONTEXT state to close."))
        }
        _ => Ok(()),
    }
}

/// Fields that an update leaves out are not compared: the stored values stay.
fn same_metadata(current: &Operation, kind: OperationType, update: &OperationUpdate) -> Result<(), Fault> {
    let differs = |sent: &Option<String>, stored: &Option<String>| sent.is_some() && sent != stored;
    let wrong = if current.operation_type != kind || matches!(current.details, Details::Execution { .. }) {
        "Inconsistent operation type."
    } else if differs(&update.sub_type, &current.sub_type) {
        "Inconsistent operation subtype."
    } else if differs(&update.name, &current.name) {
        "Inconsistent operation name."
    } else if differs(&update.parent_id, &current.parent_id) {
        "Inconsistent parent operation id."
    } else {
        return Ok(());
    };
    Err(Fault::invalid(wrong))
}

fn in_range(field: &str, seconds: i64) -> Result<(), Fault> {
    if DELAY_SECONDS.contains(&seconds) {
        return Ok(());
    }
    let (low, high) = (DELAY_SECONDS.start(), DELAY_SECONDS.end());
    Err(Fault::invalid(format!("{field} must be between {low} and {high}.")))
}
