//! Metadata for link previews: social networks require absolute URLs, and the origin of the site is not known
//! when a page is rendered.

/// Before an address from the site's root in what a page says of itself: the value of a `<meta>`.
const FROM_THE_ROOT: &str = "content=\"/";

/// The page with whole addresses in its `<meta>`s: those that begin at the site's root get the site's origin, such as
/// `https://mysfits.example`, before them. Nothing else changes, so that the page's code still knows its page.
#[must_use]
pub fn with_origin(page: &str, origin: &str) -> String {
    page.replace(FROM_THE_ROOT, &format!("content=\"{}/", origin.trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_from_the_root_in_metas_get_the_origin() {
        let page = "<meta property=\"og:image\" content=\"/cards/hasla.png\">\
                    <meta name=\"description\" content=\"A / B\"><a href=\"/ko/\"></a>";
        assert_eq!(
            with_origin(page, "https://mysfits.example/"),
            "<meta property=\"og:image\" content=\"https://mysfits.example/cards/hasla.png\">\
             <meta name=\"description\" content=\"A / B\"><a href=\"/ko/\"></a>"
        );
    }
}
