//! Sources whose secret cannot be used.

use std::time::Duration;

use serde_json::json;
use tokio::time::advance;

use crate::world::{Account, send, signed};

const LEAKED: &str = "a-secret-that-has-leaked";
const GOOD: &str = "a-secret-of-another-source";

#[tokio::test(start_paused = true)]
async fn a_slip_in_one_entry_closes_that_source_and_revokes_its_secret() {
    for slip in [
        json!(""),
        json!(" "),
        json!("short"),
        json!("a-new-secret-and-a-newline\n"),
        json!([]),
        json!({"a": 1}),
    ] {
        let account = Account::default();
        account.put_sources(&json!({"github": LEAKED, "shop": GOOD}));
        let instance = account.instance();
        assert_eq!(
            send(&instance, "github", "{}", Some(&signed(LEAKED, "{}"))).await.0,
            202
        );
        account.put_sources(&json!({"github": slip, "shop": GOOD}));
        advance(Duration::from_mins(5)).await;
        let leaked = send(&instance, "github", "{}", Some(&signed(LEAKED, "{}"))).await;
        assert_eq!(leaked, (503, "secret_missing".to_owned()), "{slip}");
        assert_eq!(
            send(&instance, "shop", "{}", Some(&signed(GOOD, "{}"))).await.0,
            202,
            "{slip}"
        );
        // The runbook's last step: put the document twice, and a request with the leaked secret gives 401.
        for _ in 0..2 {
            account.put_sources(&json!({"github": "a-new-secret-that-is-good", "shop": GOOD}));
        }
        advance(Duration::from_secs(2)).await;
        let leaked = send(&instance, "github", "{}", Some(&signed(LEAKED, "{}"))).await;
        assert_eq!(leaked, (401, "signature_mismatch".to_owned()), "{slip}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_no_key_of_its_source_closes_it() {
    // The key is `hexadecimal key!`.
    let key = "68657861646563696d616c206b657921";
    for (entry, expected) in [
        (json!(key), (202, String::new())),
        (json!([key.to_uppercase(), key]), (202, String::new())),
        (json!("hexadecimal key!"), (503, "secret_missing".to_owned())),
        (json!([key, "hexadecimal key!"]), (503, "secret_missing".to_owned())),
        (json!(&key[1..]), (503, "secret_missing".to_owned())),
        // 15 bytes, which are 30 digits.
        (json!(&key[2..]), (503, "secret_missing".to_owned())),
    ] {
        let account = Account::default();
        account.put_sources(&json!({"keyed": entry, "shop": "hexadecimal key!"}));
        let instance = account.instance();
        let answer = send(&instance, "keyed", "{}", Some(&signed("hexadecimal key!", "{}"))).await;
        assert_eq!(answer, expected, "{entry}");
        let answer = send(&instance, "shop", "{}", Some(&signed("hexadecimal key!", "{}"))).await;
        assert_eq!(answer.0, 202, "{entry}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_that_cannot_be_used_closes_every_source() {
    for slip in [
        "",
        "{",
        r#"{"tokenKey":"short","sources":{}}"#,
        r#"{"tokenKey":"0123456789abcdef","source":{}}"#,
    ] {
        let account = Account::default();
        account.put_sources(&json!({"github": LEAKED, "shop": GOOD}));
        let instance = account.instance();
        assert_eq!(send(&instance, "shop", "{}", Some(&signed(GOOD, "{}"))).await.0, 202);
        account.put(slip);
        advance(Duration::from_mins(5)).await;
        for (source, secret) in [("github", LEAKED), ("shop", GOOD)] {
            let answer = send(&instance, source, "{}", Some(&signed(secret, "{}"))).await;
            assert_eq!(answer, (503, "secrets_unavailable".to_owned()), "{slip}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_without_a_signature_accepts_only_what_is_known_to_have_no_secret() {
    let account = Account::default();
    account.put_sources(&json!({"open": "a-secret-from-before"}));
    account.put_sources(&json!({"github": GOOD}));
    let instance = account.instance();
    account.throttle(&["AWSPREVIOUS"]);
    assert_eq!(
        send(&instance, "open", "{}", None).await,
        (503, "secrets_unavailable".to_owned())
    );
    account.throttle(&[]);
    advance(Duration::from_secs(2)).await;
    assert_eq!(
        send(&instance, "open", "{}", None).await,
        (401, "signature_missing".to_owned())
    );
    account.put_sources(&json!({"github": GOOD}));
    advance(Duration::from_mins(5)).await;
    assert_eq!(send(&instance, "open", "{}", None).await.0, 202);
    account.put_sources(&json!({"github": GOOD, "open": ""}));
    advance(Duration::from_mins(5)).await;
    assert_eq!(
        send(&instance, "open", "{}", None).await,
        (503, "secret_missing".to_owned())
    );
}
