//! Chooses the language of the site: English at `/`, Korean at `/ko/`.
//!
//! Only a request for `/` is negotiated. Every other address has one fixed language, so links can be shared
//! and caches hold one response for all visitors.

use crate::weighted::{self, WeightedValue};

/// Test cases of the redirect, as JSON, for every host of the site: objects with `name`, `headers` (pairs, in
/// order) and `location` (`null` if there is no redirect). A request other than `GET /` also has `method`,
/// `path` and `query`.
pub const CASES: &str = include_str!("../cases/language.json");

/// The cookie with the visitor's choice.
pub const COOKIE: &str = "lang";
/// The query parameter that disables the redirect.
pub const PARAMETER: &str = "lang";

/// Returns the location of the redirect for a `GET` or `HEAD` of exactly `/`: `/ko/` with the same query, or `None` without a
/// redirect.
///
/// A query with the parameter `lang` disables the redirect. Otherwise a cookie `lang` with `en` or `ko` decides, and without one
/// `Accept-Language`. Responses to `/` need `Vary: Accept-Language, Cookie`; the redirect must not be cached.
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
    let separator = if query.is_empty() { "" } else { "?" };
    Some(format!("/ko/{separator}{query}"))
}

/// Returns whether the cookie chooses Korean; of several cookies, the first valid one counts.
fn chosen<'a>(cookies: impl IntoIterator<Item = &'a str>) -> Option<bool> {
    let pairs = cookies.into_iter().flat_map(|cookie| cookie.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find_map(|pair| match pair {
        (COOKIE, "ko") => Some(true),
        (COOKIE, "en") => Some(false),
        _ => None,
    })
}

/// Returns whether a list of languages prefers Korean to English.
///
/// Regions are ignored (`ko-KR` is `ko`); of several forms of a language, the one with the highest weight counts. `*` matches a
/// language that is not in the list. With equal weights, the first in the list is preferred. By default, English is preferred.
fn prefers_korean<'a>(accept_language: impl IntoIterator<Item = &'a str>) -> bool {
    let [mut korean, mut english, mut any] = [None::<WeightedValue<'_>>; 3];
    for value in weighted::parse(accept_language) {
        let language = match value.name.split('-').next() {
            Some(name) if name.eq_ignore_ascii_case("ko") => &mut korean,
            Some(name) if name.eq_ignore_ascii_case("en") => &mut english,
            Some("*") => &mut any,
            _ => continue,
        };
        if language.is_none_or(|best| value.weight > best.weight) {
            *language = Some(value);
        }
    }
    let Some(korean) = korean.or(any).filter(|korean| korean.weight > 0) else { return false };
    english.or(any).is_none_or(|english| {
        korean.weight > english.weight
            || (korean.weight == english.weight && korean.position < english.position)
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
