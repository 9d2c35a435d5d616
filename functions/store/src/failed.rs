//! The records of a source that failed, timed out or were stopped, or that are open.
//!
//! There is no index for them: it would be charged with every webhook, for a question that an operator asks seldom. So
//! the table is scanned, payloads included: half a read unit per 4 KB, which at 10 GB is about 1.3 million units.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use tracehook_core::{Record, SourceName, Status, Timestamp};

use crate::Store;
use crate::error::StoreError;
use crate::item::record;
use crate::names::*;
use crate::value::{Item, text, time};

/// The records to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedFilter {
    /// Of this source.
    pub source: SourceName,
    /// Ended at this time or later.
    pub since: Timestamp,
    /// Ended before this time.
    pub until: Timestamp,
    /// Those that are open and have last moved in that time, in place of those that ended. Whether they wait is not judged
    /// here.
    pub waiting: bool,
}

/// A place in the scan, `TOKEN/ITEM`. A made-up cursor starts the scan elsewhere and does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanCursor(String);

/// The text is no [`ScanCursor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of an earlier answer")]
pub struct InvalidCursor;

impl std::str::FromStr for ScanCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        match text.split_once('/') {
            Some((token, item)) if !token.is_empty() && !item.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(InvalidCursor),
        }
    }
}

impl std::fmt::Display for ScanCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl ScanCursor {
    /// The place right behind the state of a record.
    #[must_use]
    pub fn behind(record: &Record) -> Self {
        Self(format!("{}/{STATE}", record.token))
    }

    fn of(key: &Item) -> Option<Self> {
        let part = |name: &str| key.get(name)?.as_s().ok();
        Some(Self(format!("{}/{}", part(TOKEN)?, part(ITEM)?)))
    }

    fn key(&self) -> Item {
        let (token, item) = self.0.split_once('/').unwrap_or_default();
        Item::from([(TOKEN.into(), text(token)), (ITEM.into(), text(item))])
    }
}

impl Store {
    /// A page of the scan, which may be empty with more behind it. `limit` bounds the items that are read.
    ///
    /// # Errors
    /// When the call fails or a record cannot be read.
    pub async fn failed_page(
        &self,
        filter: &FailedFilter,
        after: Option<&ScanCursor>,
        limit: Option<i32>,
    ) -> Result<(Vec<Record>, Option<ScanCursor>), StoreError> {
        let chosen: Vec<_> = if filter.waiting {
            Status::ALL.into_iter().filter(|status| !status.is_terminal()).collect()
        } else {
            vec![Status::Failed, Status::TimedOut, Status::Stopped]
        };
        let names: Vec<_> = (0..chosen.len()).map(|n| format!(":status{n}")).collect();
        let mut values = Item::from([
            (":state".to_owned(), text(STATE)),
            (":source".to_owned(), text(&filter.source)),
            (":since".to_owned(), time(filter.since)),
            (":until".to_owned(), time(filter.until)),
        ]);
        values.extend(names.iter().cloned().zip(chosen.iter().map(text)));
        let answer = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression(format!(
                "#item = :state AND #source = :source AND #status IN ({}) AND #updated >= :since AND #updated < :until",
                names.join(", ")
            ))
            .expression_attribute_names("#item", ITEM)
            .expression_attribute_names("#source", SOURCE)
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_names("#updated", LAST_UPDATED)
            .set_expression_attribute_values(Some(values))
            .set_exclusive_start_key(after.map(ScanCursor::key))
            .set_limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let records = answer.items().iter().map(record).collect::<Result<_, _>>()?;
        Ok((records, answer.last_evaluated_key.as_ref().and_then(ScanCursor::of)))
    }
}
