//! Content codings: the bytes of JSON that a body stands for.
//!
//! A signature covers the body as it was received, so what is verified, hashed and stored is never decoded. Only readers of
//! the JSON decode, each for itself and within the same bounds.

use std::borrow::Cow;
use std::fmt;
use std::io::Read as _;
use std::str::FromStr;

use flate2::bufread::GzDecoder;
use http::{HeaderMap, header};

use crate::rejection::Rejection;

/// How many times the size of what was received a decoded body may have. It bounds what a small body can make a reader do.
pub const MAX_GROWTH: usize = 10;

/// A coding that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// One member of RFC 1952, with nothing after it.
    Gzip,
}

impl Coding {
    /// The coding that a request's headers name; absent where the body is in its own bytes. Some producers name the charset
    /// there, which is no coding.
    ///
    /// # Errors
    /// [`Rejection::ContentEncoding`] for a coding that is not understood, and for several that were applied one after another.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, Rejection> {
        let values = headers.get_all(header::CONTENT_ENCODING).iter();
        let names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        let names = names.map(|name| name.trim_ascii().to_ascii_lowercase());
        let mut codings = names.filter(|name| !matches!(name.as_slice(), b"" | b"identity" | b"utf-8" | b"utf8"));
        match (codings.next().as_deref(), codings.next()) {
            (None, _) => Ok(None),
            // RFC 9110, 8.4.1.3: both names are of the same coding.
            (Some(b"gzip" | b"x-gzip"), None) => Ok(Some(Self::Gzip)),
            _ => Err(Rejection::ContentEncoding),
        }
    }

    /// The decoded bytes: at most `limit`, and at most [`MAX_GROWTH`] times as many as there are in `body`. What the body
    /// says of its own size decides nothing.
    ///
    /// # Errors
    /// [`Rejection::BodyDecodedTooLarge`] when there are more, [`Rejection::BodyNotGzip`] when the body is truncated or
    /// damaged, or has another member or other bytes behind its end.
    fn decode(self, body: &[u8], limit: usize) -> Result<Vec<u8>, Rejection> {
        let Self::Gzip = self;
        let most = limit.min(body.len().saturating_mul(MAX_GROWTH));
        // One byte more than may be there tells a body that is too large. The room for it is not used before it is filled.
        let mut decoded = Vec::with_capacity(most + 1);
        let mut decoder = GzDecoder::new(body);
        let reading = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        let read = decoder.by_ref().take(reading).read_to_end(&mut decoded);
        if decoded.len() > most {
            return Err(Rejection::BodyDecodedTooLarge);
        }
        match read {
            Ok(_) if decoder.into_inner().is_empty() => Ok(decoded),
            _ => Err(Rejection::BodyNotGzip),
        }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gzip => f.write_str("gzip"),
        }
    }
}

/// A text that names no coding that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a content coding that is understood")]
pub struct UnknownCoding;

impl FromStr for Coding {
    type Err = UnknownCoding;

    fn from_str(name: &str) -> Result<Self, UnknownCoding> {
        match name {
            "gzip" => Ok(Self::Gzip),
            _ => Err(UnknownCoding),
        }
    }
}

/// The bytes of JSON that a body stands for, of which there are at most `limit` where it is coded.
///
/// # Errors
/// [`Rejection::BodyDecodedTooLarge`] and [`Rejection::BodyNotGzip`].
pub fn decoded(body: &[u8], coding: Option<Coding>, limit: usize) -> Result<Cow<'_, [u8]>, Rejection> {
    match coding {
        // An empty body is none of any coding, and its own reason says more.
        Some(coding) if !body.is_empty() => coding.decode(body, limit).map(Cow::Owned),
        _ => Ok(Cow::Borrowed(body)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::write::GzEncoder;
    use flate2::{Compression, GzBuilder};

    use super::*;

    const LIMIT: usize = 1000;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn of(values: &[&str]) -> Result<Option<Coding>, Rejection> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_ENCODING, value.parse().unwrap());
        }
        Coding::of(&headers)
    }

    fn read(body: &[u8]) -> Result<Vec<u8>, Rejection> {
        decoded(body, Some(Coding::Gzip), LIMIT).map(Cow::into_owned)
    }

    #[test]
    fn one_gzip_is_a_coding_and_a_charset_is_none() {
        for values in [&[][..], &[""], &["identity"], &["UTF-8"], &["identity, utf8"]] {
            assert_eq!(of(values), Ok(None), "{values:?}");
        }
        for values in [
            &["gzip"][..],
            &["x-gzip"],
            &[" GZip "],
            &["gzip, identity"],
            &["utf-8", "gzip"],
            &["gzip,"],
        ] {
            assert_eq!(of(values), Ok(Some(Coding::Gzip)), "{values:?}");
        }
        for values in [
            &["br"][..],
            &["deflate"],
            &["zstd"],
            &["compress"],
            &["gzip, gzip"],
            &["gzip", "x-gzip"],
            &["br, gzip"],
            &["gzip;q=1"],
            &["gzip gzip"],
            &["*"],
        ] {
            assert_eq!(of(values), Err(Rejection::ContentEncoding), "{values:?}");
        }
    }

    #[test]
    fn a_member_is_decoded_whatever_its_header_has() {
        let json = br#"{"type":"order.paid","id":7}"#;
        assert_eq!(read(&gzip(json)).unwrap(), json);
        assert_eq!(read(&gzip(b"")).unwrap(), b"");
        let builder = GzBuilder::new()
            .filename("order.json")
            .comment("an order")
            .extra(vec![7; 300])
            .mtime(1_700_000_000);
        let mut encoder = builder.write(Vec::new(), Compression::none());
        encoder.write_all(json).unwrap();
        assert_eq!(read(&encoder.finish().unwrap()).unwrap(), json);
        assert_eq!(read(b"").unwrap(), b"");
        assert_eq!(decoded(json, None, 1).unwrap(), &json[..]);
    }

    #[test]
    fn what_is_cut_changed_or_followed_by_anything_is_refused() {
        let good = gzip(br#"{"type":"order.paid"}"#);
        for length in 1..good.len() {
            assert_eq!(read(&good[..length]), Err(Rejection::BodyNotGzip), "{length} bytes");
        }
        // The last eight bytes are the checksum and the size.
        for at in (0..3).chain(good.len() - 8..good.len()) {
            let mut changed = good.clone();
            changed[at] ^= 0x10;
            assert_eq!(read(&changed), Err(Rejection::BodyNotGzip), "byte {at}");
        }
        for behind in [&b"\0"[..], b"{}", &good, &gzip(b"")] {
            assert_eq!(read(&[&good, behind].concat()), Err(Rejection::BodyNotGzip));
        }
        for other in [
            &b"{}"[..],
            b"\x1f\x8b",
            b"\x78\x9c\x03\x00\x00\x00\x00\x01",
            b"PK\x03\x04",
        ] {
            assert_eq!(read(other), Err(Rejection::BodyNotGzip), "{other:?}");
        }
        // A flag that no version has, and a header that says more than there is.
        assert_eq!(
            read(b"\x1f\x8b\x08\x20\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0"),
            Err(Rejection::BodyNotGzip)
        );
        assert_eq!(
            read(b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\xff\xff\0\0"),
            Err(Rejection::BodyNotGzip)
        );
    }

    #[test]
    fn a_body_grows_ten_times_and_to_the_limit_and_no_byte_further() {
        let noise: Vec<u8> = (0..=LIMIT).map(|at| u8::try_from(at * at % 251).unwrap()).collect();
        assert_eq!(read(&gzip(&noise[..LIMIT])).unwrap().len(), LIMIT);
        assert_eq!(read(&gzip(&noise)), Err(Rejection::BodyDecodedTooLarge));
        let zeros = |count: usize| gzip(&vec![0; count]);
        let most = (0..LIMIT)
            .filter(|count| *count <= MAX_GROWTH * zeros(*count).len())
            .max()
            .unwrap();
        assert_eq!(read(&zeros(most)).unwrap().len(), most);
        assert_eq!(read(&zeros(most + 1)), Err(Rejection::BodyDecodedTooLarge));
        assert_eq!(read(&zeros(64 << 20)), Err(Rejection::BodyDecodedTooLarge));
    }

    #[test]
    fn a_size_that_the_body_claims_allocates_nothing() {
        let mut liar = gzip(b"{}");
        let size = liar.len() - 4;
        liar[size..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&liar), Err(Rejection::BodyNotGzip));
        let body = gzip(b"{}");
        let bytes = Coding::Gzip.decode(&body, usize::MAX).unwrap();
        assert!(bytes.capacity() <= MAX_GROWTH * body.len() + 1);
    }

    #[test]
    fn a_name_is_read_as_it_is_written() {
        assert_eq!(Coding::Gzip.to_string().parse(), Ok(Coding::Gzip));
        assert_eq!("br".parse::<Coding>(), Err(UnknownCoding));
    }
}
