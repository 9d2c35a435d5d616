use super::claims;

fn texts(document: &str) -> Vec<String> {
    claims(document).unwrap().into_iter().map(|claim| claim.text).collect()
}

#[test]
fn each_sentence_of_a_paragraph_and_of_an_item_is_a_claim() {
    let document = "# A heading. It claims nothing\n\
                    It is stored. 202 means so (in 2.5 s. Really), with `a. B` in it! `x` follows\n\
                    \n\
                    - **Nothing is lost.** Every\n  webhook ends.\n\
                    - Nobody gets in.\n\
                    1. One token. E.g. this one, vs. another.\n\
                    ```\nNo claim. None\n```\n";
    assert_eq!(
        texts(document),
        [
            "It is stored.",
            "202 means so (in 2.5 s. Really), with `a. B` in it!",
            "`x` follows",
            "Nothing is lost.",
            "Every webhook ends.",
            "Nobody gets in.",
            "One token.",
            "E.g. this one, vs. another.",
        ]
    );
}

#[test]
fn each_sentence_of_a_row_is_a_claim_of_its_first_cell() {
    let document =
        "| threat | answer |\n| --- | --- |\n| A flood | A throttle. `a|b` blocks |\n| `github` | HMAC | hex |\n";
    assert_eq!(
        texts(document),
        ["A flood: A throttle.", "A flood: `a|b` blocks", "`github`: HMAC | hex"]
    );
}

#[test]
fn line_breaks_and_links_change_no_claim() {
    let one = "Every alarm has a runbook, [here](a.md). It\nfires.";
    let other = "Every alarm has a runbook,\n[here](b.md#c). It fires.";
    assert_eq!(texts(one), texts(other));
    assert_eq!(texts(one), ["Every alarm has a runbook, here.", "It fires."]);
}

#[test]
fn what_consists_of_links_is_no_claim() {
    let document = "![A picture](a.png)\n\n| to | read |\n| --- | --- |\n| know | [a](a.md), [b](b.md) |\n| see | [a](a.md), all of it |\n";
    assert_eq!(texts(document), ["see: a, all of it"]);
}

#[test]
fn rows_apart_from_their_table_are_refused() {
    let document = "| a | b |\n| --- | --- |\n| c | d |\n\n| e | f |\n";
    let error = claims(document).unwrap_err().to_string();
    assert!(error.contains("line 5"), "{error}");
}
