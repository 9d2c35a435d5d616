//! The bucket of a deployment's large payloads.

use tracehook_core::env::Env;

/// The bucket of a deployment's large payloads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// `PAYLOAD_BUCKET`: its name; without one the table keeps every payload.
    pub name: Option<String>,
}

impl Bucket {
    /// Reads the variables of this group. `None` when one is bad.
    pub fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Self> {
        let name = env.optional_with("PAYLOAD_BUCKET", |name| {
            // Source: Amazon S3 User Guide, "General purpose bucket naming rules"; a dot would break TLS.
            let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if (3..=63).contains(&name.len()) && name.bytes().all(is_part) {
                Ok(name.to_owned())
            } else {
                Err("must be the name of a bucket: 3 to 63 lower-case letters, digits and hyphens".to_owned())
            }
        });
        Some(Self { name: name? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_a_name_or_none() {
        let read = |name: &str| {
            let mut env = Env::new(|_| Some(name.to_owned()));
            Bucket::read(&mut env).map(|bucket| bucket.name)
        };
        assert_eq!(read("hooks-payloads-1"), Some(Some("hooks-payloads-1".to_owned())));
        assert_eq!(read(""), Some(None));
        for wrong in ["ab", "Hooks", "hooks.payloads", "hooks/payloads", &"x".repeat(64)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
