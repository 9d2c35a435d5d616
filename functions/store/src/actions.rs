//! The IAM actions that each method of [`Store`](crate::Store) needs.

/// [`Store::create`](crate::Store::create): two writes, and a read of the state when the payload is there already.
pub const CREATE: &[&str] = &["dynamodb:GetItem", "dynamodb:PutItem"];

/// [`Store::state`](crate::Store::state).
pub const STATE: &[&str] = &["dynamodb:GetItem"];

/// [`Store::reopen`](crate::Store::reopen).
pub const REOPEN: &[&str] = &["dynamodb:PutItem"];

/// [`Store::payload_expiry`](crate::Store::payload_expiry).
pub const PAYLOAD_EXPIRY: &[&str] = &["dynamodb:GetItem"];

/// [`Store::webhook`](crate::Store::webhook): a query, and a read of a payload that the query did not hold.
pub const WEBHOOK: &[&str] = &["dynamodb:GetItem", "dynamodb:Query"];

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

/// [`Store::keep_payload`](crate::Store::keep_payload).
pub const KEEP_PAYLOAD: &[&str] = &["dynamodb:UpdateItem"];

/// [`Store::open_page`](crate::Store::open_page).
pub const OPEN_PAGE: &[&str] = &["dynamodb:Query"];

/// [`Store::sweep_cursor`](crate::Store::sweep_cursor) and [`Store::set_sweep_cursor`](crate::Store::set_sweep_cursor).
pub const SWEEP_CURSOR: &[&str] = &["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"];

/// [`Store::failed_page`](crate::Store::failed_page).
pub const FAILED_PAGE: &[&str] = &["dynamodb:Scan"];
