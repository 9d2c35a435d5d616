//! The configuration document of a deployment, by its hash.
//!
//! The deployment writes the item `deployed#HASH`, and takes it away when another document takes its place. An older version of a
//! function still reads the document that it was deployed with: whoever reads a document first keeps it as `document#HASH`,
//! which stays.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use tracehook_core::ConfigurationHash;

use crate::Store;
use crate::error::StoreError;
use crate::names::{CONFIGURATION, DEPLOYED_PREFIX, DOCUMENT, DOCUMENT_PREFIX, ITEM, TOKEN};
use crate::value::{CorruptItem, Item, Reader, text};

impl Store {
    /// The document with that hash; none if the table has none.
    ///
    /// # Errors
    /// When a call fails or the document has another hash. That it could not be kept is no error: the next reader keeps it.
    pub async fn configuration(&self, hash: &ConfigurationHash) -> Result<Option<String>, StoreError> {
        let key = format!("{DOCUMENT_PREFIX}{hash}");
        if let Some(kept) = self.document(&key, hash).await? {
            return Ok(Some(kept));
        }
        let deployed = self.document(&format!("{DEPLOYED_PREFIX}{hash}"), hash).await?;
        if let Some(document) = &deployed {
            let item = Item::from([
                (TOKEN.into(), text(CONFIGURATION)),
                (ITEM.into(), text(key)),
                (DOCUMENT.into(), text(document)),
            ]);
            let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
            if let Err(error) = put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await {
                let error = StoreError::from_sdk(&error);
                tracing::warn!(%error, "the configuration is not kept");
            }
        }
        Ok(deployed)
    }

    async fn document(&self, key: &str, hash: &ConfigurationHash) -> Result<Option<String>, StoreError> {
        let Some(item) = self.item(CONFIGURATION, key).await? else {
            return Ok(None);
        };
        let document: String = Reader(&item).parse(DOCUMENT)?;
        if ConfigurationHash::of(&document) != *hash {
            return Err(CorruptItem(DOCUMENT.to_owned()).into());
        }
        Ok(Some(document))
    }
}
