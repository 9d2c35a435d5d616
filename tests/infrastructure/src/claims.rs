//! What the documents claim, and what holds each claim.
//!
//! Contract: a document is split by rule (`document`), a table of ours has an entry for each claim (`entry`), and an entry
//! names proofs that exist (`proof`). Whether a proof proves the claim is judged by whoever writes the entry.

pub mod document;
pub mod entry;
pub mod proof;
