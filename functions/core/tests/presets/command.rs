//! The command that lists the presets and shows one.

use std::process::{Command, Output};

fn presets(arguments: &[&str]) -> Output {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let cargo = [
        "run",
        "--quiet",
        "--offline",
        "--locked",
        "--manifest-path",
        manifest,
        "--example",
        "presets",
        "--",
    ];
    Command::new(env!("CARGO"))
        .args(cargo)
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_command_lists_every_preset_and_shows_one() {
    let listed = presets(&[]);
    let text = String::from_utf8(listed.stdout).unwrap();
    let names: Vec<_> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(
        listed.status.success() && names.into_iter().eq(tracehook_core::preset::names()),
        "{text}"
    );
    assert!(
        text.lines()
            .any(|line| line.starts_with("stripe ") && line.ends_with(" Stripe")),
        "{text}"
    );

    let shown = presets(&["stripe"]);
    assert_eq!(
        String::from_utf8(shown.stdout).unwrap(),
        include_str!("../../presets/stripe.toml")
    );
    let without = presets(&["paypal"]);
    assert!(String::from_utf8(without.stdout).unwrap().starts_with("missing = "));

    let unknown = presets(&["GitHub-Form"]);
    assert!(!unknown.status.success() && unknown.stdout.is_empty());
    let near = presets(&["gitea-f"]);
    assert!(
        String::from_utf8(near.stderr)
            .unwrap()
            .contains("there is gitea, gitea-form")
    );
}
