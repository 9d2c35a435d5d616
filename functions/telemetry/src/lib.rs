//! What a function says about itself: JSON log lines on standard output, without payloads, secrets or signatures.
//!
//! The one place where a function's output is set up, so that every function's lines have the same form.

mod logs;
mod panics;

/// Sets up the logs of this process. Call it once, first.
///
/// `LOG_LEVEL` is `error`, `warn`, `info` (the default), `debug` or `trace`, and applies to tracehook's own lines;
/// libraries are heard from `warn` on, because some show whole requests below that.
pub fn init() {
    panics::install();
    logs::install(std::env::var("LOG_LEVEL").ok().as_deref());
}
