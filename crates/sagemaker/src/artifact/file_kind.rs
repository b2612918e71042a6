//! Detection of files that are not gzip archives, by their first bytes.

/// The first two bytes of gzip.
const GZIP: &[u8] = b"\x1f\x8b";
/// The magic string of a tar archive, at byte 257.
const TAR: (usize, &[u8]) = (257, b"ustar");
/// The number of bytes that detection needs.
pub(super) const HEAD_BYTES: usize = TAR.0 + TAR.1.len();

const REPACK: &str = "unpack it, and pack the files with tar --create --gzip";
const DOWNLOAD: &str = "check the address it was downloaded from";

/// First bytes (ignoring case), kind of file, and what to do.
const KINDS: [(&[u8], &str, &str); 12] = [
    (b"PK\x03\x04", "a zip archive", REPACK),
    (b"BZh", "a bzip2 archive", REPACK),
    (b"\xfd7zXZ\0", "an xz archive", REPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", REPACK),
    (b"version https://git-lfs", "a Git LFS pointer, not the file it points to", "run git lfs pull"),
    (b"<!doctype html", "an HTML page", DOWNLOAD),
    (b"<html", "an HTML page", DOWNLOAD),
    (b"<?xml", "an XML document, such as an error of S3", DOWNLOAD),
    (b"<error", "an XML document, such as an error of S3", DOWNLOAD),
    (b"{", "a JSON document", DOWNLOAD),
    (b"IxF2", "an index of faiss", "pack the three files of the model with tar --create --gzip"),
    (b"IxFI", "an index of faiss", "pack the three files of the model with tar --create --gzip"),
];

/// Returns the kind of a file and what to do; `None` for gzip.
pub(super) fn other_than_gzip(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if head.starts_with(GZIP) {
        return None;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins =
        |start: &[u8]| text.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start));
    Some(if head.is_empty() {
        ("empty", DOWNLOAD)
    } else if head.get(TAR.0..).is_some_and(|rest| rest.starts_with(TAR.1)) {
        ("a tar archive without compression", "compress it with gzip")
    } else if let Some((_, kind, remedy)) = KINDS.iter().find(|(start, ..)| begins(start)) {
        (*kind, *remedy)
    } else {
        ("of an unknown kind", DOWNLOAD)
    })
}
