//! Whatever its environment says, the function starts or says why not.

#[cfg(test)]
mod configuration;
#[cfg(test)]
#[path = "../../../core/tests/fuzz/fuzzing.rs"]
mod fuzzing;
