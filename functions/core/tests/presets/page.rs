//! `PRESETS.md`, made from the files.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::file::{About, File, files};
use super::left_out::{BESIDE, PRODUCERS, left_out};
use super::vectors::{Maker, makers};
use super::words::{algorithm, answer, code, parameters, places, sentence, texts};

const HEAD: &str = include_str!("head.txt");

/// A fact that nobody has looked up.
const MEMORY: &str = " *(from memory)*";

fn ways(file: &File) -> &[Value] {
    file.source
        .get("verify")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// Who has proven a preset, in a few words.
fn proof(name: &str, file: &File, makers: &BTreeMap<String, Maker>) -> String {
    let about = &file.about;
    if about.seen.is_some() {
        return "genuine deliveries".to_owned();
    }
    // The form of GitHub is signed as its bytes, so the vectors of `github` are its own.
    let maker = makers.get(if name == "github-form" { "github" } else { name });
    match (maker, about.accepted_by.is_empty()) {
        (Some(Maker::Published), _) => "published",
        (Some(Maker::Library), _) => "made by a library",
        (Some(Maker::Constructed), false) => "constructed, accepted by a library",
        (Some(Maker::Constructed), true) => "constructed",
        (None, false) => "none here, accepted by a library",
        (None, true) => "none",
    }
    .to_owned()
}

fn row(name: &str, file: &File, makers: &BTreeMap<String, Maker>) -> String {
    let mut columns: [Vec<String>; 2] = [Vec::new(), Vec::new()];
    for way in ways(file) {
        let place = code(&places(way)).replace("`header:", "`");
        for (column, text) in columns.iter_mut().zip([place, algorithm(way)]) {
            if !column.contains(&text) {
                column.push(text);
            }
        }
    }
    let [places, algorithms] = columns.map(|column| column.join("<br>"));
    let id = code(&texts(&file.source["id"]));
    let answer = file
        .source
        .get("answer")
        .map_or("202", |answer| if answer["status"] == 204 { "204" } else { "200" });
    let proof = proof(name, file, makers);
    format!(
        "| [{name}](#{name}) | {} | {places} | {algorithms} | {id} | {answer} | {proof} |\n",
        file.about.title
    )
}

fn line(page: &mut String, label: &str, text: &str) {
    if !text.is_empty() {
        page.push_str(&format!("- **{label}**: {text}\n"));
    }
}

/// What a producer does after a refusal or an outage.
fn aftermath(about: &About) -> String {
    let flagged = |name: &str, text: &str| {
        let is_from_memory = about.from_memory.iter().any(|fact| fact == name);
        format!(
            "{}{}",
            text.trim_end_matches('.'),
            if is_from_memory { MEMORY } else { "" }
        )
    };
    let part = |label: &str, name: &str, text: &Option<String>| {
        text.as_deref().map(|text| format!("{label}{}", flagged(name, text)))
    };
    let parts = [
        part("it tries again: ", "retries", &about.retries),
        part("it switches off: ", "switched_off", &about.switched_off),
        part("what was missed: ", "missed", &about.missed),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn section(name: &str, file: &File, makers: &BTreeMap<String, Maker>) -> String {
    let about = &file.about;
    let flag = |fact: &str| {
        if about.from_memory.iter().any(|known| known == fact) {
            MEMORY
        } else {
            ""
        }
    };
    let mut page = format!("\n### {name}\n\n{}", about.title);
    for url in &about.documentation {
        page.push_str(&format!(", [documentation]({url}){}", flag("documentation")));
    }
    page.push_str(&format!(". Tier {}.\n\n", about.tier));
    if let Some(missing) = &file.missing {
        line(&mut page, "No preset yet", missing);
    }
    for (at, way) in ways(file).iter().enumerate() {
        line(&mut page, if at == 0 { "Verified by" } else { "Or by" }, &sentence(way));
    }
    line(&mut page, "Secret", about.secret.as_deref().unwrap_or_default());
    if let Some(enter) = &about.enter {
        line(&mut page, "At the producer", &format!("{enter}{}", flag("enter")));
    }
    if let Some(challenge) = &about.challenge {
        line(
            &mut page,
            "Set-up",
            &format!("{challenge} Challenges are not answered yet."),
        );
    }
    if file.missing.is_none() {
        line(&mut page, "Needs", &needs(file));
        line(&mut page, "Identity", &identity(file));
        line(&mut page, "Type", &code(&texts(&file.source["event"])));
        line(
            &mut page,
            "Body",
            &code(&[file.source["body"].as_str().unwrap_or_default()]),
        );
        if let Some(batch) = file.source.get("batch").and_then(Value::as_str) {
            let several = format!(
                "a delivery may have some, in the array {}; it is one webhook",
                code(&[batch])
            );
            line(&mut page, "Several events", &several);
        }
        if file.source.contains_key("probes") {
            line(
                &mut page,
                "Probes",
                "it sends wrong signatures on purpose; they count as refused",
            );
        }
        line(&mut page, "Answer", &answer(file.source.get("answer")));
    }
    let mut takes = about.success.clone().unwrap_or_default();
    takes.push_str(if takes.is_empty() { "" } else { flag("success") });
    if let Some(deadline) = &about.deadline {
        let comma = if takes.is_empty() { "" } else { ", " };
        takes.push_str(&format!("{comma}within {deadline}{}", flag("deadline")));
    }
    line(&mut page, "It takes", &takes);
    line(&mut page, "After a refusal or an outage", &aftermath(about));
    if file.missing.is_none() {
        let mut by = proof(name, file, makers);
        if let Some(seen) = &about.seen {
            by.push_str(&format!(" of {seen}"));
        }
        if !about.accepted_by.is_empty() {
            let by_name: Vec<_> = about.accepted_by.iter().map(String::as_str).collect();
            by.push_str(&format!(" ({})", code(&by_name)));
        }
        line(&mut page, "Vector", &by);
    }
    for (label, list) in [("Trap", &about.traps), ("Note", &about.notes)] {
        for text in list {
            line(&mut page, label, text);
        }
    }
    page
}

/// Where the identity is, and what an identity with another body is.
fn identity(file: &File) -> String {
    let places = code(&texts(&file.source["id"]));
    match file.source.get("on_conflict") {
        Some(_) => format!("{places}; with another body it is a webhook of its own"),
        None => places,
    }
}

/// What a source must say beside the preset.
fn needs(file: &File) -> String {
    let verify = Value::from(ways(file).to_vec()).to_string();
    let mut needs = Vec::new();
    if ["{url}", "{path}", "\"of\":\"url\""]
        .iter()
        .any(|part| verify.contains(part))
    {
        needs.push("`public_url`: scheme, host and path as the producer has them".to_owned());
    }
    let parameters = parameters(&verify).map(|name| format!("`parameters: {{{name}: …}}`"));
    needs.extend(parameters);
    needs.join("; ")
}

fn numbers(files: &BTreeMap<String, File>, makers: &BTreeMap<String, Maker>) -> String {
    let shipped = |tier: u8| {
        let is_counted = |name: &String, file: &File| {
            file.missing.is_none() && file.about.tier == tier && !BESIDE.contains(&name.as_str())
        };
        files.iter().filter(|(name, file)| is_counted(name, file)).count()
    };
    let tiers = [shipped(1), shipped(2), shipped(3)];
    let all: usize = tiers.iter().sum();
    let mut proofs: BTreeMap<String, usize> = BTreeMap::new();
    for (name, file) in files.iter().filter(|(_, file)| file.missing.is_none()) {
        *proofs.entry(proof(name, file, makers)).or_default() += 1;
    }
    let proofs: Vec<_> = proofs
        .into_iter()
        .map(|(proof, count)| format!("{count} {proof}"))
        .collect();
    let written: usize = left_out()
        .iter()
        .filter(|reason| reason.can_be_written)
        .map(|reason| reason.producers.len())
        .sum();
    let beside = BESIDE.len();
    let [first, second, third] = tiers;
    format!(
        "- {all} of the {PRODUCERS} producers that are known have a preset: {first} of the first tier (nearly everybody meets one), \
         {second} of the second, {third} of the third.\n\
         - {beside} presets more are hooks of GitHub and Gitea that send a form, and unsigned sources.\n\
         - {written} producers more can be written as a source.\n\
         - How the {} presets are proven: {}.\n",
        all + beside,
        proofs.join("; "),
    )
}

fn page() -> String {
    let (files, makers) = (files(), makers());
    let mut page = HEAD.replace("{numbers}", numbers(&files, &makers).trim_end());
    page.push_str(
        "\n## All presets\n\n| preset | producer | header or place | algorithm | identity | answer | vector |\n",
    );
    page.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    let (shipped, missing): (Vec<_>, Vec<_>) = files.iter().partition(|(_, file)| file.missing.is_none());
    for (name, file) in &shipped {
        page.push_str(&row(name, file, &makers));
    }
    page.push_str("\n## Presets that only our own vectors prove\n\n");
    let ours = shipped
        .iter()
        .filter(|(name, file)| proof(name, file, &makers) == "constructed");
    let ours: Vec<_> = ours.map(|(name, _)| name.as_str()).collect();
    page.push_str(&format!("{}.\n", code(&ours)));
    page.push_str("\n## Each preset\n");
    for (name, file) in &shipped {
        page.push_str(&section(name, file, &makers));
    }
    page.push_str("\n## Producers without a preset\n");
    for (name, file) in &missing {
        page.push_str(&section(name, file, &makers));
    }
    page.push_str("\n### The others\n\n| reason | can be written as a source | producers |\n| --- | --- | --- |\n");
    for reason in left_out() {
        let can = if reason.can_be_written { "yes" } else { "no" };
        page.push_str(&format!(
            "| {} | {can} | {} |\n",
            reason.why,
            reason.producers.join(", ")
        ));
    }
    page
}

#[test]
fn the_page_is_that_of_the_files() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("PRESETS.md");
    let expected = page();
    if std::env::var_os("UPDATE_PRESETS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "PRESETS.md is not that of presets/*.toml: UPDATE_PRESETS=1 writes it"
    );
}
