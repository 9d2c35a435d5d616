//! A delivery that comes again after its record has expired is a webhook of its own, although the engine still knows the
//! execution of the first one.

use std::time::Duration;

use serde_json::Value;
use tracehook_test_support::service::{effects, scripted};
use tracehook_test_support::{Delivery, is_open};

/// What the table has done with expired items.
#[derive(Clone, Copy, Debug)]
enum Ttl {
    Deleted,
    Lags,
}

#[tokio::test]
async fn a_delivery_after_the_expiry_is_processed_and_no_earlier_execution_closes_it() {
    let impatient = "[functions.reconciler.environment]\nRECEIVED_AGE_SECONDS = \"1\"\nSTARTED_AGE_SECONDS = \"1\"\n\
        [triggers]\nsweep_seconds = 1\n";
    let service = scripted(impatient).await;
    for ttl in [Ttl::Deleted, Ttl::Lags] {
        for body in [r#"{"order":1}"#, r#"{"order":2}"#] {
            let case = format!("{ttl:?} {body}");
            let id = case.replace(['{', '}', '"', ':', ' '], "-");
            let first = Delivery::github("push", r#"{"order":1}"#).with("X-GitHub-Delivery", &id);
            let token = service.send(&first).await.unwrap().token().unwrap();
            let end = service.end_of(&token).await.unwrap();
            assert_eq!(end["status"], "completed", "{case}");
            let before = effects(&service, &token).len();

            service.expire(&token).await.unwrap();
            // A record expires a day after its birth at the earliest; here the two births differ by a second.
            tokio::time::sleep(Duration::from_millis(1100)).await;
            if matches!(ttl, Ttl::Deleted) {
                service.delete_items(&token, |_| true).await.unwrap();
            }
            assert_eq!(
                service.get(&format!("/status/{token}")).await.unwrap().status,
                404,
                "{case}"
            );

            let later = Delivery::github("push", body).with("X-GitHub-Delivery", &id);
            let again = service.send(&later).await.unwrap();
            assert_eq!((again.status, &again.json["duplicate"]), (202, &Value::Null), "{case}");
            assert_eq!(again.token().unwrap(), token, "{case}");
            let end = service.end_of(&token).await.unwrap();
            assert!(!is_open(&end) && end["status"] == "completed", "{case}");
            assert_eq!(
                end["steps"].as_array().unwrap().len(),
                3,
                "{case}: nothing was processed"
            );
            assert_eq!(effects(&service, &token).len(), before + 1, "{case}");
        }
    }
}
