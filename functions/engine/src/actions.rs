//! The IAM actions that each method of [`Engine`](crate::Engine) needs.

/// [`Engine::start`](crate::Engine::start).
pub const START: &[&str] = &["lambda:InvokeFunction"];

/// [`Engine::stop`](crate::Engine::stop).
pub const STOP: &[&str] = &["lambda:StopDurableExecution"];

/// [`Engine::execution_of`](crate::Engine::execution_of).
pub const READ: &[&str] = &["lambda:GetDurableExecution", "lambda:ListDurableExecutionsByFunction"];
