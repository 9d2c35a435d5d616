//! A line that sends a webhook, signed when it is asked for.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use tracehook_core::secret::Secret;
use tracehook_core::{SourceConfig, Timestamp};
use tracehook_local_lambda::clock;

use crate::config::{Config, DEVELOPMENT_SECRET, Source, read_source};

/// The file of the state directory with the header of an example whose secret stands there in clear.
const HEADER_FILE: &str = "example-header";

/// What an example is made of.
#[derive(Clone, Debug)]
pub struct Examples {
    /// The API, `http://127.0.0.1:PORT`.
    pub url: String,
    /// The state directory; in memory when unset.
    pub state: Option<PathBuf>,
    /// The configuration.
    pub config: Config,
}

impl Examples {
    /// Of a service at this address.
    #[must_use]
    pub fn new(url: &str, state: Option<PathBuf>, config: &Config) -> Self {
        let (url, config) = (url.to_owned(), config.clone());
        Self { url, state, config }
    }

    /// A line for the first source that one can be made for, signed now, or the reason why there is none. It never shows a
    /// secret.
    #[must_use]
    pub fn text(&self) -> String {
        // A named producer before the deliveries of nobody in particular.
        let (mut named, mut own): (Vec<_>, Vec<_>) =
            self.config.sources.iter().partition(|(name, _)| *name != "default");
        named.append(&mut own);
        let mut reasons = Vec::new();
        for (name, source) in named {
            match self.of(name, source) {
                Ok(text) => return text,
                Err(reason) => reasons.push(format!("{name}: {reason}")),
            }
        }
        format!("  no line can be made ({})", reasons.join("; "))
    }

    fn of(&self, name: &str, source: &Source) -> Result<String, String> {
        let secret = source.secret.as_ref().and_then(|secret| secret.first());
        let read = read_source(name, source).ok_or("it is refused")?;
        if secret.is_none() && read.needs_secret() {
            return Err("its secret is not in the configuration".to_owned());
        }
        let usable = secret.and_then(|secret| Secret::of_source(secret).ok());
        let now = Timestamp::from_epoch_ms(clock::now_ms());
        let id = uuid::Uuid::new_v4().to_string();
        let example = read
            .example(usable.as_ref(), now, &id)
            .map_err(|reason| reason.to_string())?;
        let mut headers = example.headers.iter();
        let mut line = format!("  curl -s {}/webhook/{name}", self.url);
        if example.is_secret {
            let file = headers.next().map(|(name, value)| self.header_file(name, value));
            let file = file.transpose()?.ok_or("it has no header")?;
            line.push_str(&format!(" -H {}", quoted(&format!("@{}", file.display()))));
        }
        for (name, value) in headers {
            line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
        }
        let content_type = quoted(&format!("Content-Type: {}", example.content_type));
        line.push_str(&format!(" -H {content_type} -d {}", quoted(&example.body)));
        if let Some(seconds) = example.seconds {
            line.push_str(&format!(
                "\n\nIts time is signed: it is accepted for {seconds} s, and {}/ shows one of now until the first webhook.",
                self.url
            ));
        }
        if secret == Some(DEVELOPMENT_SECRET) {
            line.push_str(&own_file(&self.url, name, &read));
        }
        Ok(line)
    }

    /// Writes the header of a secret where only the owner of the state reads it.
    fn header_file(&self, name: &str, value: &str) -> Result<PathBuf, String> {
        let state = self.state.as_deref().ok_or("it would show the secret")?;
        let path = std::path::absolute(state.join(HEADER_FILE)).map_err(|error| error.to_string())?;
        write(&path, &format!("{name}: {value}\n"))
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        Ok(path)
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).write(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// A line for a file, where the script `sign` makes the signature.
fn own_file(url: &str, name: &str, source: &SourceConfig) -> String {
    source.verify().hex_header().map_or_else(String::new, |(header, prefix)| {
        format!(
            "\n\nor a file of your own, from another terminal:\n\n  f=push.json; curl -s {url}/webhook/{name} -H \"{header}: {prefix}$(SECRET={DEVELOPMENT_SECRET} functions/validator/sign < $f)\" --data-binary @$f"
        )
    })
}

/// A text as one word of the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples(sources: &[(&str, &str, &str)], state: Option<&Path>) -> Examples {
        let sources = sources
            .iter()
            .map(|(name, preset, secret)| ((*name).to_owned(), Source::of(preset, secret)));
        Examples {
            url: "http://127.0.0.1:1".to_owned(),
            state: state.map(Path::to_owned),
            config: Config {
                sources: sources.collect(),
                ..Config::development()
            },
        }
    }

    #[test]
    fn the_first_source_that_a_line_can_be_made_for_is_shown_and_no_secret_is() {
        let directory = tempfile::tempdir().unwrap();
        let secret = "a-secret-of-16-bytes";
        let kept = Some(directory.path());
        for (sources, state, expected) in [
            (
                &[("default", "hmac-sha256", secret), ("hub", "github", secret)][..],
                None,
                "/webhook/hub ",
            ),
            (
                &[("a", "sendgrid", secret), ("b", "github", secret)],
                None,
                "/webhook/b ",
            ),
            (
                &[("a", "github", "short"), ("b", "stripe", secret)],
                None,
                "/webhook/b ",
            ),
            (&[("a", "gitlab", secret), ("b", "github", secret)], None, "/webhook/b "),
            (&[("a", "gitlab", secret), ("b", "github", secret)], kept, "/webhook/a "),
            (
                &[("a", "gitlab", secret)],
                None,
                "no line can be made (a: it would show the secret)",
            ),
            (
                &[("a", "sendgrid", "short")],
                kept,
                "no line can be made (a: it has no secret that can be used)",
            ),
            (&[("open", "none", "")], None, "/webhook/open "),
        ] {
            let text = examples(sources, state).text();
            assert!(text.contains(expected), "{text}");
            assert!(!text.contains(secret), "{text}");
        }
        let header = std::fs::read_to_string(directory.path().join(HEADER_FILE)).unwrap();
        assert_eq!(header, format!("X-Gitlab-Token: {secret}\n"));
    }

    #[test]
    fn a_line_whose_time_is_signed_says_for_how_long_it_works() {
        let text = examples(&[("pay", "stripe", "a-secret-of-16-bytes")], None).text();
        assert!(
            text.contains("Stripe-Signature: t=") && text.contains("accepted for 300 s"),
            "{text}"
        );
        assert!(
            !examples(&[("hub", "github", "a-secret-of-16-bytes")], None)
                .text()
                .contains(" s, and")
        );
    }

    #[test]
    fn the_development_secret_has_a_line_for_a_file() {
        let text = examples(&[("hub", "github", DEVELOPMENT_SECRET)], None).text();
        assert!(text.contains("x-hub-signature-256: sha256=$(SECRET="), "{text}");
    }
}
