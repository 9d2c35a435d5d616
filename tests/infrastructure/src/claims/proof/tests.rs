use super::*;

#[test]
fn only_a_test_that_runs_is_found() {
    let text = "fn helper() {}\n\
                #[test] fn one() {}\n\
                mod inner { #[tokio::test(flavor = \"current_thread\")] async fn two() {} }\n\
                #[test] #[ignore] fn ignored() {}";
    assert_eq!(tests(text).unwrap(), ["one", "two"].map(str::to_owned).into());
}

#[test]
fn a_case_that_is_expected_to_fail_is_not_found() {
    let json = serde_json::json!({
        "reasons": {}, "cases": [{"name": "right"}, {"name": "wrong", "expected": {"topic": "t", "why": "w"}}]
    });
    let mut names = BTreeSet::new();
    cases(&json, &mut names);
    assert_eq!(names, ["right".to_owned()].into());
}

#[test]
fn each_kind_of_proof_is_found_and_a_wrong_name_is_not() {
    let mut proofs = Proofs::default();
    for (file, name) in [
        (
            "tests/infrastructure/src/claims/proof/tests.rs",
            "each_kind_of_proof_is_found_and_a_wrong_name_is_not",
        ),
        (
            "terraform/modules/waf/tests/waf.tftest.hcl",
            "defaults_do_not_eat_webhooks",
        ),
        ("tests/judges/api/cases.json", "accept/default"),
        ("tests/alarms/golden/alarms.json", "hooks-service-unhealthy"),
    ] {
        proofs.find(&format!("{file}: {name}")).unwrap();
        let error = proofs.find(&format!("{file}: {name}_")).unwrap_err().to_string();
        assert!(error.contains("renamed"), "{error}");
    }
    proofs.find("tests/faults/body-text-strict.patch").unwrap();
    for absent in [
        "tests/faults/none.patch",
        "functions/core/src/none.rs: a",
        "README.md: a",
    ] {
        let error = proofs.find(absent).unwrap_err().to_string();
        assert!(error.contains("name another file"), "{error}");
    }
}
