//! Compression: as small as it gets, because it happens once and is served often; no times or names inside.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

/// Files smaller than this, in bytes, go out as they are: the headers around them weigh more.
const WORTH_PACKING: usize = 200;

/// The content under gzip, or none if that is not worth a file.
pub fn gzip(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.len() < WORTH_PACKING {
        return None;
    }
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(raw).ok()?;
    encoder.finish().ok().filter(|packed| packed.len() < raw.len())
}

/// The content under brotli, or none if that is not worth a file.
pub fn brotli(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.len() < WORTH_PACKING {
        return None;
    }
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: raw.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*raw, &mut packed, &parameters).ok()?;
    Some(packed).filter(|packed| packed.len() < raw.len())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn unpacking_gives_the_content_back() {
        let raw = b"twelve creatures of legend ".repeat(40);
        let mut gunzipped = Vec::new();
        flate2::read::GzDecoder::new(&*gzip(&raw).expect("shrinks"))
            .read_to_end(&mut gunzipped)
            .expect("gzip");
        assert_eq!(gunzipped, raw);
        let mut unbrotlied = Vec::new();
        brotli::BrotliDecompress(&mut &*brotli(&raw).expect("shrinks"), &mut unbrotlied).expect("brotli");
        assert_eq!(unbrotlied, raw);
    }

    #[test]
    fn packing_twice_gives_the_same_bytes() {
        let raw = b"the same input, the same bytes; ".repeat(40);
        assert_eq!(gzip(&raw), gzip(&raw));
        assert_eq!(brotli(&raw), brotli(&raw));
    }

    #[test]
    fn small_and_stubborn_content_has_no_siblings() {
        assert_eq!(gzip(b"tiny"), None);
        assert_eq!(brotli(b"tiny"), None);
        // A sequence without repetition.
        let noise: Vec<u8> = (0..400_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert!(gzip(&noise).is_none_or(|packed| packed.len() < noise.len()));
    }
}
