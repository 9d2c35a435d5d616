//! The store against a real table.

#[cfg(test)]
mod advance;
#[cfg(test)]
mod create;
#[cfg(test)]
mod harness;
