//! Applies an accepted update to an operation. The update has passed the rules of `validate`.

use crate::update::Action;
use crate::{Details, Fault, Operation, OperationStatus, OperationType, OperationUpdate};

/// The operation after the update.
pub(crate) fn apply(current: Option<&Operation>, update: &OperationUpdate, now_ms: i64) -> Result<Operation, Fault> {
    let operation_type = update.supported_type()?;
    let action = update.parsed_action()?;
    let status = status_after(action, operation_type);
    let closed = matches!(
        status,
        OperationStatus::Succeeded | OperationStatus::Failed | OperationStatus::Cancelled
    );
    Ok(Operation {
        id: update.id.clone(),
        parent_id: keep(update.parent_id.as_deref(), current, |operation| {
            operation.parent_id.as_deref()
        }),
        name: keep(update.name.as_deref(), current, |operation| operation.name.as_deref()),
        operation_type,
        sub_type: keep(update.sub_type.as_deref(), current, |operation| {
            operation.sub_type.as_deref()
        }),
        start_ms: current.map_or(now_ms, |operation| operation.start_ms),
        end_ms: closed.then_some(now_ms),
        status,
        details: details(current, update, operation_type, action, now_ms),
    })
}

fn status_after(action: Action, operation_type: OperationType) -> OperationStatus {
    match action {
        Action::Start => OperationStatus::Started,
        Action::Succeed => OperationStatus::Succeeded,
        Action::Fail => OperationStatus::Failed,
        Action::Cancel => OperationStatus::Cancelled,
        Action::Retry if operation_type == OperationType::Step => OperationStatus::Pending,
        Action::Retry => OperationStatus::Started,
    }
}

fn details(
    current: Option<&Operation>,
    update: &OperationUpdate,
    operation_type: OperationType,
    action: Action,
    now_ms: i64,
) -> Details {
    // A start begins anew: whatever it carries is no result.
    let (result, error) = if action == Action::Start {
        (None, None)
    } else {
        (update.payload.clone(), update.error.clone())
    };
    match operation_type {
        OperationType::Execution | OperationType::Step => {
            let attempts = match current.map(|operation| &operation.details) {
                Some(Details::Step { attempt, .. }) => *attempt,
                _ => 0,
            };
            // A start keeps the number: only the end of a try counts it, or a crash would spend a retry.
            let attempt = if action == Action::Start {
                attempts
            } else {
                attempts + 1
            };
            let delay_seconds = update
                .step_options
                .as_ref()
                .and_then(|options| options.next_attempt_delay_seconds);
            let next_attempt_ms =
                (action == Action::Retry).then(|| after_seconds(now_ms, delay_seconds.unwrap_or_default()));
            Details::Step {
                attempt,
                next_attempt_ms,
                result,
                error,
            }
        }
        OperationType::Wait => {
            if let Some(Details::Wait { scheduled_end_ms }) = current.map(|operation| &operation.details) {
                Details::Wait {
                    scheduled_end_ms: *scheduled_end_ms,
                }
            } else {
                let seconds = update
                    .wait_options
                    .as_ref()
                    .and_then(|options| options.wait_seconds)
                    .unwrap_or_default();
                Details::Wait {
                    scheduled_end_ms: after_seconds(now_ms, seconds),
                }
            }
        }
        OperationType::Context => Details::Context {
            replay_children: update
                .context_options
                .as_ref()
                .and_then(|options| options.replay_children)
                .unwrap_or_default(),
            result,
            error,
        },
    }
}

fn after_seconds(now_ms: i64, seconds: i64) -> i64 {
    now_ms.saturating_add(seconds.saturating_mul(1000))
}

/// The sent value, or the stored one: the function's SDK replaces its record with the answer, so nothing may vanish.
fn keep(
    sent: Option<&str>,
    current: Option<&Operation>,
    stored: impl Fn(&Operation) -> Option<&str>,
) -> Option<String> {
    sent.or_else(|| current.and_then(stored)).map(str::to_owned)
}
