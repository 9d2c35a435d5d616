//! The links and origins in the answers of a function behind the gateway.

use tracehook_core::env::Env;
use tracehook_core::gateway::Cors;
use tracehook_core::link::{DEFAULT_TRACE_TOOL, LinkTemplate};

/// The links and origins in the answers of a function behind the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// `AWS_REGION`, which Lambda sets: for links to consoles.
    pub region: String,
    /// `TRACE_URL_TEMPLATE`: a tool by its name, or a URL with placeholders; see [`LinkTemplate::trace`].
    pub trace_link: LinkTemplate,
    /// `CORS_ALLOW_ORIGIN`.
    pub cors: Cors,
}

impl Http {
    /// Reads the variables of this group. `None` when one is bad.
    pub fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Self> {
        let region: Option<String> = env.required("AWS_REGION");
        let known_region = region.as_deref().unwrap_or_default();
        let trace_link = env.optional_with("TRACE_URL_TEMPLATE", |text| LinkTemplate::trace(text, known_region));
        let allow_origin = env.optional_with("CORS_ALLOW_ORIGIN", |text| Ok(text.to_owned()));
        let trace_link = trace_link?.or_else(|| LinkTemplate::trace(DEFAULT_TRACE_TOOL, known_region).ok());
        Some(Self {
            trace_link: trace_link?,
            region: region?,
            cors: Cors {
                allow_origin: allow_origin?,
            },
        })
    }
}
