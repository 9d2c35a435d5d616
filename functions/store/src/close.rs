//! A conditional update that ends a record in place of its processor.

use tracehook_core::record::{Closing, ExecutionId};
use tracehook_core::{ExecutionToken, Record, Status, Timestamp};

use crate::Store;
use crate::error::StoreError;
use crate::names::*;
use crate::update::{Update, refusing_record};
use crate::value::{error_value, text, time};

/// Outcome of [`Store::close`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// This call closed the record.
    Now,
    /// The record has ended or belongs to another execution; the record as it is.
    Refused(Box<Record>),
    /// There is no such record.
    Unknown,
}

impl Store {
    /// Closes the record of `token` if it is open and belongs to `execution`. A record without an ARN is recognised by
    /// the name, and gets the ARN.
    ///
    /// # Errors
    /// When the call fails or the record cannot be read.
    pub async fn close(
        &self,
        token: &ExecutionToken,
        execution: ExecutionId<'_>,
        closing: &Closing,
        at: Timestamp,
    ) -> Result<Closed, StoreError> {
        let open = Status::ALL.into_iter().filter(|status| !status.is_terminal());
        let mut update = Update::of(execution.name, open);
        update.set(STATUS, text(closing.status));
        update.set(LAST_UPDATED, time(at));
        update.set(EXECUTION_ARN, text(execution.arn));
        update.only_if_absent_or_same(EXECUTION_ARN);
        if let Some(error) = &closing.error {
            update.set(ERROR, error_value(error));
        }
        update.leave_open_index();
        let Err(error) = update.call(self, token).send().await else {
            return Ok(Closed::Now);
        };
        Ok(match refusing_record(&error)? {
            Some(current) => Closed::Refused(Box::new(current)),
            None => Closed::Unknown,
        })
    }
}
