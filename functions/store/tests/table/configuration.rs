//! The configuration document: read by its hash, and kept when the deployment takes it away.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use tracehook_core::ConfigurationHash;
use tracehook_store::{StoreError, keys};
use tracehook_test_support::table::{Table, table};

const DOCUMENT: &str = r#"{"sources":{"github":{"preset":"github"}}}"#;

fn text(text: impl ToString) -> AttributeValue {
    AttributeValue::S(text.to_string())
}

/// The deployment puts a document under this hash.
pub(crate) async fn deploy(client: &Client, hash: &ConfigurationHash, document: &str) {
    let put = client
        .put_item()
        .table_name("tracehook")
        .item(keys::TOKEN, text(keys::CONFIGURATION))
        .item(keys::ITEM, text(format!("{}{hash}", keys::DEPLOYED_PREFIX)))
        .item(keys::DOCUMENT, text(document));
    put.send().await.unwrap();
}

/// The deployment takes the document away.
async fn take_away(table: &Table, hash: &ConfigurationHash) {
    let delete = table
        .client
        .delete_item()
        .table_name("tracehook")
        .key(keys::TOKEN, text(keys::CONFIGURATION))
        .key(keys::ITEM, text(format!("{}{hash}", keys::DEPLOYED_PREFIX)));
    delete.send().await.unwrap();
}

#[tokio::test]
async fn who_has_read_a_document_can_read_it_when_the_deployment_has_another() {
    let table = table(1).await;
    let hash = ConfigurationHash::of(DOCUMENT);
    assert_eq!(table.store.configuration(&hash).await.unwrap(), None);
    deploy(&table.client, &hash, DOCUMENT).await;
    for _ in 0..2 {
        assert_eq!(
            table.store.configuration(&hash).await.unwrap().as_deref(),
            Some(DOCUMENT)
        );
        take_away(&table, &hash).await;
    }
    let other = ConfigurationHash::of("{}");
    deploy(&table.client, &other, "{}").await;
    take_away(&table, &other).await;
    assert_eq!(
        table.store.configuration(&other).await.unwrap(),
        None,
        "nobody had read it"
    );
}

#[tokio::test]
async fn a_document_of_another_hash_is_refused_and_not_kept() {
    let table = table(1).await;
    let hash = ConfigurationHash::of(DOCUMENT);
    deploy(&table.client, &hash, r#"{"sources":{"github":{"preset":"none"}}}"#).await;
    for _ in 0..2 {
        let read = table.store.configuration(&hash).await;
        assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    }
    deploy(&table.client, &hash, DOCUMENT).await;
    assert_eq!(
        table.store.configuration(&hash).await.unwrap().as_deref(),
        Some(DOCUMENT)
    );
}
