//! The IAM actions that each method of [`Store`](crate::Store) needs.

/// [`Store::configuration`](crate::Store::configuration): a read, and one more and a write for who reads a document first.
pub const CONFIGURATION: &[&str] = &["dynamodb:GetItem", "dynamodb:PutItem"];

/// [`Store::note_conflict`](crate::Store::note_conflict).
pub const NOTE_CONFLICT: &[&str] = &["dynamodb:UpdateItem"];

/// [`Store::create`](crate::Store::create): a read of the state, two writes, and an object for a large payload.
pub const CREATE: &[&str] = &["dynamodb:GetItem", "dynamodb:PutItem", "s3:PutObject"];

/// [`Store::state`](crate::Store::state).
pub const STATE: &[&str] = &["dynamodb:GetItem"];

/// [`Store::reopen`](crate::Store::reopen).
pub const REOPEN: &[&str] = &["dynamodb:PutItem", "s3:PutObject"];

/// [`Store::payload_expiry`](crate::Store::payload_expiry).
pub const PAYLOAD_EXPIRY: &[&str] = &["dynamodb:GetItem"];

/// [`Store::webhook`](crate::Store::webhook): a query, a read of a payload that the query did not hold, and of its object.
pub const WEBHOOK: &[&str] = &["dynamodb:GetItem", "dynamodb:Query", "s3:GetObject"];

/// [`Store::advance`](crate::Store::advance).
pub const ADVANCE: &[&str] = &["dynamodb:UpdateItem"];

/// [`Store::close`](crate::Store::close).
pub const CLOSE: &[&str] = &["dynamodb:UpdateItem"];

/// [`Store::note_start`](crate::Store::note_start).
pub const NOTE_START: &[&str] = &["dynamodb:UpdateItem"];

/// [`Store::note_wait`](crate::Store::note_wait).
pub const NOTE_WAIT: &[&str] = &["dynamodb:UpdateItem"];

/// [`Store::replace`](crate::Store::replace).
pub const REPLACE: &[&str] = &["dynamodb:PutItem"];

/// [`Store::keep_payload`](crate::Store::keep_payload): an update, and a copy of a payload's object onto itself.
pub const KEEP_PAYLOAD: &[&str] = &["dynamodb:UpdateItem", "s3:GetObject", "s3:PutObject"];

/// [`Store::open_page`](crate::Store::open_page).
pub const OPEN_PAGE: &[&str] = &["dynamodb:Query"];

/// [`Store::sweep_cursor`](crate::Store::sweep_cursor) and [`Store::move_sweep_cursor`](crate::Store::move_sweep_cursor).
pub const SWEEP_CURSOR: &[&str] = &["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"];

/// [`Store::failed_page`](crate::Store::failed_page).
pub const FAILED_PAGE: &[&str] = &["dynamodb:Scan"];
