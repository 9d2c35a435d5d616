//! Every alarm has a runbook, every runbook an alarm, and each fits a screen.

use std::collections::BTreeSet;

use super::world::{deployment, files, root};
use tracehook_alarms::alarms_of;

const SECTIONS: [&str; 5] = [
    "## What it means",
    "## How to see it",
    "## What to do now",
    "## When it is over",
    "## How to prevent it",
];

#[test]
fn every_alarm_has_a_runbook_and_every_runbook_an_alarm() {
    let alarms = alarms_of(&files(), &deployment()).unwrap();
    let named: BTreeSet<String> = alarms
        .metric
        .into_iter()
        .map(|alarm| alarm.runbook)
        .chain(alarms.composite.into_iter().map(|alarm| alarm.runbook))
        .collect();
    let written: BTreeSet<String> = std::fs::read_dir(root().join("alarms/runbooks"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let (missing, unused): (Vec<_>, Vec<_>) = (
        named.difference(&written).collect(),
        written.difference(&named).collect(),
    );
    assert!(
        missing.is_empty() && unused.is_empty(),
        "alarms/runbooks lacks {missing:?}, and no alarm uses {unused:?}"
    );
}

#[test]
fn a_runbook_fits_a_screen_and_says_what_it_has_to() {
    for file in std::fs::read_dir(root().join("alarms/runbooks")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(&format!("# {name}\n")), "{name}");
        assert!(text.lines().count() <= 50, "{name} is longer than a screen");
        let found: Vec<&str> = text.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(found, SECTIONS, "{name}");
        assert!(
            text.contains("Dashboard `") && text.contains("```\n") && text.contains("/status/TOKEN"),
            "{name}"
        );
    }
}

/// Words that look like the name of a runbook are names of runbooks.
#[test]
fn runbooks_name_only_runbooks_that_are_there() {
    let directory = root().join("alarms/runbooks");
    let families = [
        "durable-",
        "intake-",
        "table-",
        "queue-",
        "signature-",
        "function-",
        "starts-",
        "source-",
        "dead-letters",
    ];
    for file in std::fs::read_dir(&directory).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        // A drill is no runbook.
        let text = drills().iter().fold(text, |text, drill| {
            text.replace(&format!("`tests/local/drill {drill}`"), "")
        });
        assert!(
            !text.contains("tests/local/drill"),
            "{} names a drill that is not there",
            path.display()
        );
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let is_name = families
                .iter()
                .any(|family| word.starts_with(family) && word.len() > family.len());
            assert!(
                !is_name || directory.join(format!("{word}.md")).exists(),
                "{}: {word}",
                path.display()
            );
        }
    }
}

/// The drills of the script, from the labels of its cases.
fn drills() -> Vec<String> {
    let script = std::fs::read_to_string(root().join("tests/local/drill")).unwrap();
    let labels = script
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(')'));
    labels.filter(|label| !label.contains(' ')).map(str::to_owned).collect()
}

#[test]
fn every_drill_is_rehearsed_by_a_runbook() {
    let texts: Vec<String> = std::fs::read_dir(root().join("alarms/runbooks"))
        .unwrap()
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    for drill in drills() {
        let said = format!("Rehearse: `make run`, then `tests/local/drill {drill}`");
        assert!(texts.iter().any(|text| text.contains(&said)), "{drill}");
    }
}

#[test]
fn the_drills_are_those_of_the_script() {
    assert_eq!(
        drills(),
        [
            "wrong-secret",
            "unsigned-flood",
            "table-throttled",
            "durable-down",
            "processor-broken",
            "telemetry-down"
        ]
    );
}
