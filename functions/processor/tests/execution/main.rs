//! Executions of the processor against a real table, with the SDK's own runner as the durable service.

#[cfg(test)]
mod failures;
#[cfg(test)]
mod spans;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod world;
