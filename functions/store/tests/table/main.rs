//! The store against a real table.

#[cfg(test)]
mod actions;
#[cfg(test)]
mod advance;
#[cfg(test)]
mod close;
#[cfg(test)]
mod create;
#[cfg(test)]
mod pages;
