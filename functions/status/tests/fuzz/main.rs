//! On any environment the function starts or gives the reason why not.

#![cfg(test)]

mod configuration;
