//! Metadata for link previews: social networks require absolute URLs, and the origin of the site is not known
//! when a page is rendered.

/// The beginning of a `<meta>` value that is a path.
const FROM_THE_ROOT: &str = "content=\"/";

/// Returns the page with absolute URLs in its `<meta>` elements: paths get the site's origin, such as `https://mysfits.example`. The
/// content stays the same, because hydration expects it.
#[must_use]
pub fn with_origin(page: &str, origin: &str) -> String {
    page.replace(FROM_THE_ROOT, &format!("content=\"{}/", origin.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_the_origin_to_paths_in_meta_elements_only() {
        let page = "<meta property=\"og:image\" content=\"/cards/hasla.png\">\
                    <meta name=\"description\" content=\"A / B\"><a href=\"/ko/\"></a>";
        assert_eq!(
            with_origin(page, "https://mysfits.example/"),
            "<meta property=\"og:image\" content=\"https://mysfits.example/cards/hasla.png\">\
             <meta name=\"description\" content=\"A / B\"><a href=\"/ko/\"></a>"
        );
    }
}
