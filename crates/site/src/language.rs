//! Chooses the language of the site: English at `/`, Korean at `/ko/`.
//!
//! Only a request for `/` is negotiated. Every other address has one fixed language, so links can be shared
//! and caches hold one response for all visitors.

use crate::weighted::{self, Member};

/// Test cases of the redirect, as JSON, for every host of the site: objects with `name`, `headers` (pairs, in
/// order) and `location` (`null` if there is no redirect). A request other than `GET /` also has `method`,
/// `path` and `query`.
pub const CASES: &str = include_str!("../cases/language.json");

/// The cookie in which the page keeps a visitor's choice.
pub const COOKIE: &str = "lang";
/// The query parameter with which a link says that it means the page it names.
pub const PARAMETER: &str = "lang";

/// Where a `GET` or `HEAD` of exactly `/` is sent to, if not answered as it stands: `/ko/`, with the same query.
///
/// In this order: a query with the parameter `lang` means the page as it is named; a cookie `lang` with `en` or `ko` is a
/// choice that was made; else the browser's languages decide. The answer to `/` depends on cookies and languages, so it must
/// say so to caches (`Vary`), and the redirect must not be kept at all.
#[must_use]
pub fn redirect<'a>(
    query: Option<&str>,
    cookies: impl IntoIterator<Item = &'a str>,
    accept_language: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let query = query.unwrap_or_default();
    let is_named = query.split('&').any(|pair| pair.split('=').next() == Some(PARAMETER));
    if is_named || !chosen(cookies).unwrap_or_else(|| prefers_korean(accept_language)) {
        return None;
    }
    let mark = if query.is_empty() { "" } else { "?" };
    Some(format!("/ko/{mark}{query}"))
}

/// Whether Korean was chosen, if something was; of several cookies the first that names a language of ours.
fn chosen<'a>(cookies: impl IntoIterator<Item = &'a str>) -> Option<bool> {
    let pairs = cookies.into_iter().flat_map(|cookie| cookie.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find_map(|pair| match pair {
        (COOKIE, "ko") => Some(true),
        (COOKIE, "en") => Some(false),
        _ => None,
    })
}

/// Whether a list of languages puts Korean before English.
///
/// A region says nothing here (`ko-KR` is `ko`), and of several forms of a language the best liked one counts. `*` stands for a
/// language that is not in the list. Of two languages that are liked equally, the one that is named first is meant; of
/// two that are not named at all, the site's own, English.
fn prefers_korean<'a>(accept_language: impl IntoIterator<Item = &'a str>) -> bool {
    let [mut korean, mut english, mut any] = [None::<Member<'_>>; 3];
    for member in weighted::members(accept_language) {
        let language = match member.name.split('-').next() {
            Some(name) if name.eq_ignore_ascii_case("ko") => &mut korean,
            Some(name) if name.eq_ignore_ascii_case("en") => &mut english,
            Some("*") => &mut any,
            _ => continue,
        };
        if language.is_none_or(|best| member.weight > best.weight) {
            *language = Some(member);
        }
    }
    let Some(korean) = korean.or(any).filter(|korean| korean.weight > 0) else { return false };
    english.or(any).is_none_or(|english| {
        korean.weight > english.weight || (korean.weight == english.weight && korean.place < english.place)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_redirect_keeps_the_query() {
        let redirect = |query| super::redirect(query, [], ["ko"]);
        assert_eq!(redirect(None).as_deref(), Some("/ko/"));
        assert_eq!(redirect(Some("")).as_deref(), Some("/ko/"));
        assert_eq!(redirect(Some("utm_source=mail&x")).as_deref(), Some("/ko/?utm_source=mail&x"));
        for named in ["lang=en", "lang=ko", "lang", "lang=", "x=1&lang=fr"] {
            assert_eq!(redirect(Some(named)), None, "{named}");
        }
    }
}
