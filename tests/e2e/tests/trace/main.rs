//! The spans of webhooks, as a tracing backend receives them.

#[cfg(test)]
mod backend;
#[cfg(test)]
mod broken;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod forward;
#[cfg(test)]
mod links;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod redriven;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod spans;
#[cfg(test)]
mod whole;
