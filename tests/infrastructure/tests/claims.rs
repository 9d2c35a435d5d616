//! Every sentence of the root's documents has a test that holds it, or says why none does.

#![cfg(test)]

use tracehook_infrastructure::claims::entry::{Table, problems};
use tracehook_infrastructure::claims::{document, proof::Proofs};
use tracehook_infrastructure::path;

/// Documents with the tables of their claims.
const DOCUMENTS: [(&str, &str); 2] = [
    ("SECURITY.md", "tests/infrastructure/claims/security.toml"),
    ("README.md", "tests/infrastructure/claims/readme.toml"),
];

fn read(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn table(file: &str) -> Table {
    toml::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn every_claim_has_an_entry_and_every_entry_a_claim() {
    let mut found = Vec::new();
    for (file, entries) in DOCUMENTS {
        let claims = document::claims(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(claims.len() > 50, "{file} has only {} claims", claims.len());
        found.extend(problems(file, &claims, entries, &table(entries).claim));
    }
    assert!(found.is_empty(), "{} problems\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_proof_of_a_claim_is_there() {
    let mut proofs = Proofs::default();
    let (mut found, mut looked_up) = (Vec::new(), 0);
    for (_, file) in DOCUMENTS {
        for entry in table(file).claim {
            for proof in &entry.held {
                looked_up += 1;
                let problem = proofs.find(proof).err();
                found.extend(problem.map(|error| format!("{file}: {error:#}\n    {}", entry.says)));
            }
        }
    }
    assert!(looked_up > 200, "only {looked_up} proofs");
    assert!(found.is_empty(), "{} problems\n{}", found.len(), found.join("\n"));
}
