//! Presets: sources of known producers.

/// The fields of a source, as JSON, that a preset sets. Absent for a name that is no preset's.
#[must_use]
pub fn find(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Why a producer that people look for has no preset yet.
#[must_use]
pub fn missing(_name: &str) -> Option<&'static str> {
    None
}

/// The names of all presets.
#[must_use]
pub fn names() -> impl ExactSizeIterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

const PRESETS: [(&str, &str); 4] = [
    (
        "github",
        r#"{"id": ["header:X-GitHub-Delivery+header:X-GitHub-Hook-ID", "header:X-GitHub-Delivery"],
            "event": ["header:X-GitHub-Event"],
            "subject": ["json:/repository/full_name", "json:/organization/login", "json:/sender/login"],
            "keep_headers": ["X-GitHub-Event", "X-GitHub-Delivery", "X-GitHub-Hook-ID",
                "X-GitHub-Hook-Installation-Target-Type", "X-GitHub-Hook-Installation-Target-ID",
                "X-GitHub-Enterprise-Host", "User-Agent"],
            "verify": [{"kind": "hmac", "hash": "sha256", "signed": "{body}",
                "signature": {"from": ["header:X-Hub-Signature-256"], "items": ["sha256={sig}", "{sig}"], "encoding": "hex"}}]}"#,
    ),
    (
        "hmac-sha256",
        r#"{"id": ["header:X-Webhook-Id"],
            "event": ["json:/type", "json:/event_type", "json:/event", "header:X-Webhook-Event"],
            "subject": ["json:/source"],
            "keep_headers": ["X-Webhook-Id", "X-Webhook-Event", "User-Agent"],
            "verify": [{"kind": "hmac", "hash": "sha256", "signed": "{body}",
                "signature": {"from": ["header:X-Webhook-Signature"], "items": ["sha256={sig}", "{sig}"], "encoding": "hex"}}]}"#,
    ),
    (
        "none",
        r#"{"id": ["header:X-Webhook-Id"],
            "event": ["json:/type", "json:/event_type", "json:/event", "header:X-Webhook-Event"],
            "subject": ["json:/source"],
            "keep_headers": ["X-Webhook-Id", "X-Webhook-Event", "User-Agent"],
            "verify": [{"kind": "none"}]}"#,
    ),
    (
        "standard-webhooks",
        r#"{"id": ["header:webhook-id"], "event": ["json:/type"],
            "verify": [{"kind": "hmac", "hash": "sha256", "key": "whsec",
                "signed": "{header:webhook-id}.{timestamp}.{body}",
                "signature": {"from": ["header:webhook-signature"], "split": [" "], "items": ["v1,{sig}"], "encoding": "base64"},
                "timestamp": {"from": "header:webhook-timestamp", "format": "s", "tolerance": 300}}]}"#,
    ),
];
