//! Whatever arrives, the domain neither panics nor takes what it must not: properties over a corpus and its mutations.

#[cfg(test)]
mod body;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod json;
#[cfg(test)]
mod names;
#[cfg(test)]
mod signature;
