//! Whatever its environment says, the function starts or says why not.

#![cfg(test)]

mod configuration;
