//! Pages of operations, bounded by bytes and by number.

use std::sync::Arc;

use crate::{Details, Execution, Fault, Operation, OperationStatus, OperationType};

/// Bytes of payload in one page (official emulator: 5 MiB; an invocation carries at most 6).
pub(crate) const PAGE_BYTES: usize = 5 * 1024 * 1024;
const DEFAULT_ITEMS: usize = 100;
const MAX_ITEMS: usize = 1000;

/// Some of the operations, and where the next page begins.
#[derive(Clone, Debug)]
pub struct Page {
    /// In the order of their start, the EXECUTION operation first.
    pub operations: Vec<Arc<Operation>>,
    /// None when nothing is left.
    pub next_marker: Option<String>,
}

impl Execution {
    /// `GetDurableExecutionState`: a page of the state; changes nothing.
    ///
    /// # Errors
    /// [`Fault::StaleToken`] unless `token` is the current one; [`Fault::InvalidParameter`] for a marker that does not
    /// belong to this state.
    pub fn state_page(&self, token: &str, marker: Option<&str>, max_items: Option<usize>) -> Result<Page, Fault> {
        if !self.is_current_token(token) {
            return Err(Fault::StaleToken);
        }
        let max_items = max_items.unwrap_or(DEFAULT_ITEMS).clamp(1, MAX_ITEMS);
        let start = match marker.filter(|marker| !marker.is_empty()) {
            None => 0,
            Some(marker) => self
                .marker_position(marker)
                .ok_or_else(|| Fault::invalid("Invalid marker"))?,
        };
        Ok(self.page(self.visible().skip(start), start, max_items))
    }

    /// The first page of the state, as the envelope carries it.
    pub(crate) fn first_page(&self) -> Page {
        self.page(self.visible(), 0, usize::MAX)
    }

    pub(crate) fn page<'a>(
        &self,
        operations: impl Iterator<Item = &'a Arc<Operation>>,
        start: usize,
        max_items: usize,
    ) -> Page {
        let mut page = Page {
            operations: Vec::new(),
            next_marker: None,
        };
        let mut bytes = 0_usize;
        for operation in operations {
            let size = operation.size_bytes();
            // A page is never empty, so an operation above the limit still moves on.
            if !page.operations.is_empty() && (bytes + size > PAGE_BYTES || page.operations.len() >= max_items) {
                page.next_marker = Some(format!(
                    "{}:{}",
                    self.core.token_sequence,
                    start + page.operations.len()
                ));
                break;
            }
            bytes += size;
            page.operations.push(Arc::clone(operation));
        }
        page
    }

    /// Everything a replay needs: the children of a closed context are left out unless it has `ReplayChildren`.
    fn visible(&self) -> impl Iterator<Item = &Arc<Operation>> {
        self.operations().filter(|operation| !self.is_folded(operation))
    }

    fn is_folded(&self, operation: &Operation) -> bool {
        let mut parent = operation.parent_id.as_deref();
        while let Some(context) = parent.and_then(|id| self.operation(id)) {
            let closed = matches!(context.status, OperationStatus::Succeeded | OperationStatus::Failed);
            let keeps_children = matches!(
                context.details,
                Details::Context {
                    replay_children: true,
                    ..
                }
            );
            if context.operation_type == OperationType::Context && closed && !keeps_children {
                return true;
            }
            parent = context.parent_id.as_deref();
        }
        false
    }

    fn marker_position(&self, marker: &str) -> Option<usize> {
        let (sequence, position) = marker.split_once(':')?;
        let position = position.parse::<usize>().ok()?;
        let belongs = sequence.parse() == Ok(self.core.token_sequence) && position <= self.visible().count();
        belongs.then_some(position)
    }
}
