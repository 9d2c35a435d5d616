//! Installations in scripts, and what of them is not pinned.
//!
//! Contract: what is installed is what a lock file names by hash, or what a version and the registry's own checksums fix. A
//! command that is not known to do so is a finding.

/// Characters that separate words of a shell line and elements of a list in Python.
const SEPARATORS: &[char] = &['"', '\'', ',', '(', ')', '[', ']', '{', '}', '`', ';', '$'];

/// The installations in a script that are not pinned, each as its command.
#[must_use]
pub fn unpinned(script: &str) -> Vec<String> {
    let commands = commands(script);
    commands.iter().filter_map(|words| finding(words)).collect()
}

/// The logical lines without comments, as words. A Python list that names a command and the list that adds to it count as
/// one: `[*pip, "--require-hashes"]` behind `pip = [… "pip", "install"]`.
fn commands(script: &str) -> Vec<Vec<String>> {
    let joined = script.replace("\\\n", " ");
    let mut commands: Vec<Vec<String>> = Vec::new();
    for line in joined.lines() {
        let line = line.trim();
        if line.starts_with('#') || line.starts_with("//") {
            continue;
        }
        let words = line.split(|c: char| c.is_whitespace() || SEPARATORS.contains(&c));
        let words: Vec<_> = words.filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let continues = words.iter().any(|word| word.starts_with('*') && word.len() > 1);
        match commands.last_mut() {
            Some(last) if continues => last.extend(words),
            _ => commands.push(words),
        }
    }
    commands
}

fn finding(words: &[String]) -> Option<String> {
    let has = |word: &str| {
        words
            .iter()
            .any(|own| own == word || own.starts_with(&format!("{word}=")))
    };
    let is_pinned = match installer(words)? {
        Installer::Pip => has("--require-hashes"),
        Installer::Cargo => has("--locked") && has("--version") && !has("--git"),
        Installer::Go => has("-mod=readonly"),
        Installer::Debian => words
            .iter()
            .skip_while(|word| *word != "install")
            .skip(1)
            .filter(|word| !word.starts_with('-'))
            .all(|word| word.contains('=')),
        Installer::Download | Installer::Other => false,
    };
    (!is_pinned).then(|| words.join(" "))
}

/// What installs something.
enum Installer {
    Pip,
    Cargo,
    Go,
    Debian,
    /// A file from an address that is not on this machine.
    Download,
    /// A command that has no form which is pinned.
    Other,
}

fn installer(words: &[String]) -> Option<Installer> {
    words.iter().enumerate().find_map(|(at, word)| {
        let name = word.rsplit('/').next().unwrap_or(word);
        let arguments: Vec<_> = words.iter().skip(at + 1).map(String::as_str).collect();
        // The first word that is neither a flag nor the choice of a toolchain.
        let action = arguments
            .iter()
            .find(|word| !word.starts_with('-') && !word.starts_with('+'))
            .copied();
        let is = |actions: &[&str]| action.is_some_and(|action| actions.contains(&action));
        match name {
            "pip" | "pip3" if is(&["install", "download", "wheel"]) => Some(Installer::Pip),
            "uv" if is(&["pip", "sync", "tool", "add", "run"]) => Some(Installer::Pip),
            "cargo" if is(&["install"]) => Some(Installer::Cargo),
            "go" if is(&["build", "test", "mod"]) => Some(Installer::Go),
            "apt-get" | "apt" if is(&["install"]) => Some(Installer::Debian),
            "curl" | "wget" if arguments.iter().any(|word| is_elsewhere(word)) => Some(Installer::Download),
            "go" if is(&["install", "get", "run"]) => Some(Installer::Other),
            "npm" if is(&["install", "i", "add", "update", "exec"]) => Some(Installer::Other),
            "cargo" if is(&["binstall", "update"]) => Some(Installer::Other),
            "rustup" if is(&["update", "default", "toolchain", "self"]) => Some(Installer::Other),
            "terraform" if is(&["init"]) && arguments.contains(&"-upgrade") => Some(Installer::Other),
            "yarn" | "pnpm" | "gem" | "brew" | "apk" | "dnf" | "yum" | "docker" | "podman" if action.is_some() => {
                Some(Installer::Other)
            }
            "npx" | "pipx" | "uvx" | "easy_install" | "rustup-init" if action.is_some() => Some(Installer::Other),
            _ => None,
        }
    })
}

/// Whether a word is an address on the web; one in a variable, or on this machine, is not.
fn is_elsewhere(word: &str) -> bool {
    let rest = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !["127.0.0.1", "localhost", "::1"]
            .iter()
            .any(|host| rest.starts_with(host))
            && !rest.is_empty()
    })
}

/// The actions of a workflow that are not named by a commit: `uses: owner/name@ref`.
#[must_use]
pub fn loose_actions(workflow: &str) -> Vec<String> {
    let uses = workflow.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("- ");
        line.strip_prefix("uses:")?.split_whitespace().next().map(str::to_owned)
    });
    uses.filter(|action| !action.starts_with("./"))
        .filter(|action| {
            let commit = action.rsplit_once('@').map_or("", |(_, commit)| commit);
            commit.len() != 40 || !commit.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
        .collect()
}

/// The requirements of a file for pip that have no fixed version or no hash.
#[must_use]
pub fn loose_requirements(file: &str) -> Vec<String> {
    let joined = file.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter(|line| {
            let requirement = line.split(" --hash").next().unwrap_or(line);
            let version = requirement.split(';').next().unwrap_or(requirement).trim();
            let is_fixed = version.contains("==") && !version.contains('*');
            let hashes: Vec<_> = line.split("--hash=sha256:").skip(1).collect();
            let is_hash = |hash: &&str| {
                let digits = hash.split_whitespace().next().unwrap_or_default();
                digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            };
            !is_fixed || hashes.is_empty() || !hashes.iter().all(is_hash)
        })
        .map(|line| line.chars().take(60).collect())
        .collect()
}
