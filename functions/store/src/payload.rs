//! Payloads: small ones in their item, large ones as objects that their item names.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use tracehook_core::body::BodyForm;
use tracehook_core::{Record, Timestamp};

use crate::error::StoreError;
use crate::item::payload_key;
use crate::names::*;
use crate::value::{CorruptItem, Item, Reader, number, parsed, text};
use crate::{Payload, Store};

impl Store {
    /// The item of a new payload, which expires at `expires_at`. The body of a large one is stored as an object first.
    ///
    /// # Errors
    /// When the object cannot be stored.
    pub(crate) async fn payload_item(
        &self,
        record: &Record,
        payload: Payload,
        expires_at: Timestamp,
    ) -> Result<Item, StoreError> {
        let mut item = Item::from([
            (TOKEN.into(), text(record.token)),
            (ITEM.into(), text(payload_key(&record.payload_sha256))),
            (TTL.into(), number(expires_at.epoch_seconds())),
        ]);
        if let Some(content_type) = payload.content_type {
            item.insert(CONTENT_TYPE.into(), text(content_type));
        }
        if let Some(coding) = payload.coding {
            item.insert(CONTENT_ENCODING.into(), text(coding));
        }
        if payload.form != BodyForm::Json {
            item.insert(BODY_FORM.into(), text(payload.form));
        }
        if !payload.headers.is_empty() {
            let headers = payload.headers.into_iter().map(|(name, value)| (name, text(value)));
            item.insert(HEADERS.into(), AttributeValue::M(headers.collect()));
        }
        if let Some(days) = payload.retention_days {
            item.insert(RETENTION_DAYS.into(), number(days));
        }
        match &self.objects {
            Some(objects) if payload.body.len() > self.inline_bytes => {
                let key = object_key(record);
                item.insert(PAYLOAD_BYTES.into(), number(payload.body.len()));
                objects.put(&key, payload.body, &record.payload_sha256).await?;
                item.insert(OBJECT_KEY.into(), text(key));
            }
            _ => {
                item.insert(BODY.into(), AttributeValue::B(Blob::new(payload.body)));
            }
        }
        Ok(item)
    }

    /// Reads the payload of a record from its item, and from the object that the item names; none when that is gone.
    ///
    /// # Errors
    /// When the item cannot be read, or the object not be had as it was stored.
    pub(crate) async fn payload(&self, record: &Record, mut item: Item) -> Result<Option<Payload>, StoreError> {
        let content_type = Reader(&item).optional(CONTENT_TYPE, parsed)?;
        let coding = Reader(&item).optional(CONTENT_ENCODING, parsed)?;
        let form = Reader(&item).optional(BODY_FORM, parsed)?.unwrap_or_default();
        let headers = Reader(&item).optional(HEADERS, texts_in)?.unwrap_or_default();
        let retention_days = Reader(&item).optional(RETENTION_DAYS, parsed)?;
        let body = match object_named_in(&item)? {
            None => match item.remove(BODY) {
                Some(AttributeValue::B(body)) => Some(body.into_inner().into()),
                _ => return Err(CorruptItem(BODY.to_owned()).into()),
            },
            Some(key) => {
                let bytes = Reader(&item).parse(PAYLOAD_BYTES)?;
                self.bucket()?.get(&key, bytes, &record.payload_sha256).await?
            }
        };
        Ok(body.map(|body| Payload {
            body,
            content_type,
            coding,
            form,
            headers,
            retention_days,
        }))
    }

    /// Makes the object that a payload's item names, if it names one, as young as a new one; false when it is gone.
    ///
    /// # Errors
    /// When the call fails.
    pub(crate) async fn renew_object(&self, item: &Item) -> Result<bool, StoreError> {
        match object_named_in(item)? {
            Some(key) => self.bucket()?.renew(&key).await,
            None => Ok(true),
        }
    }

    fn bucket(&self) -> Result<&crate::Objects, StoreError> {
        let absent = || StoreError::Refused("no bucket is configured".to_owned());
        self.objects.as_ref().ok_or_else(absent)
    }
}

/// One object for each body of a webhook. A released form never changes: objects outlive deployments.
fn object_key(record: &Record) -> String {
    format!("{OBJECT_PREFIX}{}/{}", record.token, hex::encode(record.payload_sha256))
}

fn object_named_in(item: &Item) -> Result<Option<String>, CorruptItem> {
    Reader(item).optional(OBJECT_KEY, parsed)
}

fn texts_in(value: &AttributeValue) -> Option<BTreeMap<String, String>> {
    let texts = value.as_m().ok()?.iter();
    texts
        .map(|(name, value)| Some((name.clone(), parsed(value)?)))
        .collect()
}
