//! The environment of a sandbox: what Lambda sets, and nothing of the host's own.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::sandbox::Sandbox;
use super::{Function, Setup, lock, orphans};
use crate::names;

/// All variables. The function's own are laid on top, so they can replace anything.
pub(super) fn of(
    setup: &Setup,
    function: &Function,
    sandbox: &Sandbox,
    runtime_api: SocketAddr,
) -> BTreeMap<String, String> {
    let options = &function.options;
    let root = options
        .binary
        .parent()
        .map(|directory| directory.display().to_string())
        .unwrap_or_default();
    let mut variables: BTreeMap<String, String> = [
        ("AWS_ACCESS_KEY_ID", sandbox.access_key_id.clone()),
        ("AWS_SECRET_ACCESS_KEY", names::hex_digits(32)),
        ("AWS_SESSION_TOKEN", sandbox.session_token.clone()),
        ("AWS_REGION", setup.region.clone()),
        ("AWS_DEFAULT_REGION", setup.region.clone()),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", options.name.clone()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", options.memory_mb.to_string()),
        // One set of sandboxes serves every qualifier; on AWS each version has its own.
        ("AWS_LAMBDA_FUNCTION_VERSION", names::VERSION.to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", options.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", sandbox.log_stream.clone()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
        ("LAMBDA_TASK_ROOT", root),
        ("TZ", ":UTC".to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if let Some(directory) = &setup.state_directory {
        variables.insert(orphans::MARK.to_owned(), directory.display().to_string());
    }
    variables.extend(lock(&function.environment).clone());
    variables
}
