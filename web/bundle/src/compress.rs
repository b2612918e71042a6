//! Compression at the highest level, without times or names, so that the same input gives the same bytes.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

/// The size below which files are not compressed.
const MIN_BYTES: usize = 200;

/// Compresses with gzip; `None` if the content is small or does not shrink.
pub fn gzip(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.len() < MIN_BYTES {
        return None;
    }
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(raw).ok()?;
    encoder.finish().ok().filter(|packed| packed.len() < raw.len())
}

/// Compresses with brotli; `None` if the content is small or does not shrink.
pub fn brotli(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.len() < MIN_BYTES {
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

    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn decompresses_to_the_content() {
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
    fn the_same_input_gives_the_same_bytes() {
        let raw = b"the same input, the same bytes; ".repeat(40);
        assert_eq!(gzip(&raw), gzip(&raw));
        assert_eq!(brotli(&raw), brotli(&raw));
    }

    #[test]
    fn small_content_is_not_compressed() {
        assert_eq!(gzip(b"tiny"), None);
        assert_eq!(brotli(b"tiny"), None);
    }

    #[test]
    fn content_that_does_not_shrink_is_not_compressed() {
        let noise: Vec<u8> = (0..16_u8).flat_map(|i| Sha256::digest([i])).collect();
        assert_eq!(gzip(&noise), None);
        assert_eq!(brotli(&noise), None);
    }
}
