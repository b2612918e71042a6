//! The addresses of results, such as `/r/12345/` and `/ko/r/12345/`, and the page at such an address.
//!
//! The digits are the answers to the questions. All addresses together would be 65,536 files, so the recommendation API serves
//! them: its path `/r/12345` responds with a small page that names the mysfit to link previews and sends visitors on to the result on
//! the home page.

use mysfits_domain::{Answer, Entry, Locale, LocalizedText, Mysfit, QUESTION_COUNT};

use crate::{
    paths::home,
    sharing::{self, HOME_CARD, PageMetadata, card_path, escape},
};

/// Test cases of [`api_path`], as JSON: pairs of a path and the API's path, `null` if it is not the address of a result.
pub const CASES: &str = include_str!("../cases/results.json");

/// The path segment before the answers.
const FOLDER: &str = "r/";
/// The fragment of the home page that shows a result, before the answers.
const FRAGMENT: &str = "#quiz=";

const TITLE: LocalizedText = LocalizedText {
    en: "My mysfit is {name} the {species}. Find yours!",
    ko: "나의 미스핏은 {species} {name}! 어떤 미스핏과 어울리는지 알아보세요.",
};
/// The title if the recommendation is unknown.
const GENERAL_TITLE: LocalizedText = LocalizedText {
    en: "Which mysfit suits you? Find yours!",
    ko: "나와 어울리는 미스핏은? 지금 알아보세요.",
};
const SUMMARY: LocalizedText = LocalizedText {
    en: "Five questions, one minute: find out which of twelve creatures of legend suits you.",
    ko: "질문 다섯 개, 1분이면 충분해요. 전설 속 친구 열둘 가운데 나와 어울리는 친구를 찾아보세요.",
};

/// Returns the address of a result in a language.
#[must_use]
pub fn path(locale: Locale, entry: Entry) -> String {
    [home(locale), FOLDER, &code(entry), "/"].concat()
}

/// Returns the path and query at which the API serves the page of a result; `None` if the path is not the address of a result. The last
/// slash of an address is optional.
#[must_use]
pub fn api_path(path: &str) -> Option<String> {
    let [english, korean] = Locale::ALL.map(home);
    let (query, rest) = match path.strip_prefix(korean) {
        Some(rest) => ("?lang=ko", rest),
        None => ("", path.strip_prefix(english)?),
    };
    let code = rest.strip_prefix(FOLDER)?;
    let code = code.strip_suffix('/').unwrap_or(code);
    entry(code).map(|_| [english, FOLDER, code, query].concat())
}

/// Returns the entry with these answers, a digit each; `None` if there are too few or too many, or one is not an option.
#[must_use]
pub fn entry(code: &str) -> Option<Entry> {
    let digits: &[u8; QUESTION_COUNT] = code.as_bytes().try_into().ok()?;
    let mut answers = [Answer::MIN; QUESTION_COUNT];
    for (answer, digit) in answers.iter_mut().zip(digits) {
        *answer = digit.checked_sub(b'0')?.try_into().ok()?;
    }
    Some(answers.into())
}

/// Returns the answers of an entry, a digit each.
fn code(entry: Entry) -> String {
    entry.answers().iter().map(|answer| char::from(b'0' + answer.get())).collect()
}

/// The page at the address of a result.
#[derive(Debug, Clone, Copy)]
pub struct ResultPage<'a> {
    /// The language.
    pub locale: Locale,
    /// The visitor's answers.
    pub entry: Entry,
    /// The recommended mysfit; `None` if the recommendation failed.
    pub mysfit: Option<&'a Mysfit>,
    /// The origin of the site, such as `https://mysfits.example`, or empty.
    pub origin: &'a str,
}

impl ResultPage<'_> {
    /// Returns the HTML file. It needs no scripts and no style sheet.
    #[must_use]
    pub fn to_html(&self) -> String {
        let Self { locale, entry, mysfit, origin } = *self;
        let (title, card) = match mysfit {
            Some(mysfit) => {
                let [name, species] = [mysfit.name, mysfit.species].map(|text| text.get(locale));
                (TITLE.get(locale).replace("{name}", name).replace("{species}", species), mysfit.slug)
            }
            None => (GENERAL_TITLE.get(locale).to_owned(), HOME_CARD),
        };
        let metadata = PageMetadata {
            kind: "website",
            locale,
            title: &title,
            summary: SUMMARY.get(locale),
            paths: &Locale::ALL.map(|locale| path(locale, entry)),
            card: &card_path(locale, card),
        };
        let (lang, metadata) = (locale.code(), metadata.to_html());
        let target = [home(locale), FRAGMENT, &code(entry)].concat();
        let text = escape(&title);
        let page = format!(
            r#"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={target}">
{metadata}</head>
<body><p><a href="{target}">{text}</a></p></body>
</html>
"#
        );
        sharing::with_origin(&page, origin)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use mysfits_domain::catalogue;

    use super::*;

    #[test]
    fn returns_the_api_path_of_all_cases() {
        let cases: Vec<(String, Option<String>)> = serde_json::from_str(CASES).unwrap();
        assert!(cases.len() > 20);
        for (path, expected) in cases {
            assert_eq!(api_path(&path), expected, "{path}");
        }
    }

    #[test]
    fn every_entry_has_an_address_in_each_language() {
        for found in Entry::all() {
            assert_eq!(entry(&code(found)), Some(found));
        }
        let entry = Entry::try_from([1, 2, 3, 4, 5]).unwrap();
        assert_eq!(Locale::ALL.map(|locale| path(locale, entry)), ["/r/12345/", "/ko/r/12345/"]);
        assert_eq!(api_path(&path(Locale::Ko, entry)).as_deref(), Some("/r/12345?lang=ko"));
    }

    #[test]
    fn the_page_names_the_mysfit_and_leads_to_the_result() {
        let page = ResultPage {
            locale: Locale::En,
            entry: Entry::try_from([8, 8, 8, 8, 8]).unwrap(),
            mysfit: Mysfit::by_slug("gary"),
            origin: "https://m.example",
        };
        expect![[r#"
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            <meta http-equiv="refresh" content="0; url=/#quiz=88888">
            <title>My mysfit is Gary the Kraken. Find yours!</title>
            <meta name="description" content="Five questions, one minute: find out which of twelve creatures of legend suits you.">
            <link rel="canonical" href="https://m.example/r/88888/">
            <link rel="alternate" hreflang="en" href="https://m.example/r/88888/">
            <link rel="alternate" hreflang="ko" href="https://m.example/ko/r/88888/">
            <link rel="alternate" hreflang="x-default" href="https://m.example/r/88888/">
            <meta property="og:type" content="website">
            <meta property="og:site_name" content="Mythical Mysfits">
            <meta property="og:title" content="My mysfit is Gary the Kraken. Find yours!">
            <meta property="og:description" content="Five questions, one minute: find out which of twelve creatures of legend suits you.">
            <meta property="og:locale" content="en_US">
            <meta property="og:url" content="https://m.example/r/88888/">
            <meta property="og:image" content="https://m.example/cards/gary.png">
            <meta property="og:image:width" content="1200">
            <meta property="og:image:height" content="630">
            <meta property="og:image:alt" content="My mysfit is Gary the Kraken. Find yours!">
            <meta name="twitter:card" content="summary_large_image">
            </head>
            <body><p><a href="/#quiz=88888">My mysfit is Gary the Kraken. Find yours!</a></p></body>
            </html>
        "#]]
        .assert_eq(&page.to_html());
    }

    #[test]
    fn the_page_is_in_the_language_of_its_address() {
        let entry = Entry::try_from([1, 2, 3, 4, 5]).unwrap();
        for mysfit in catalogue().iter().map(Some).chain([None]) {
            let page = ResultPage { locale: Locale::Ko, entry, mysfit, origin: "" }.to_html();
            let name = mysfit.map_or("미스핏", |mysfit| mysfit.name.ko);
            let card = mysfit.map_or(HOME_CARD, |mysfit| mysfit.slug);
            for part in [
                "<html lang=\"ko\">",
                name,
                "url=/ko/#quiz=12345\"",
                "content=\"/ko/r/12345/\"",
                &format!("content=\"/ko/cards/{card}.png\""),
            ] {
                assert!(page.contains(part), "{part}: {page}");
            }
        }
    }
}
