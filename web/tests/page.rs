//! The prerendered page, read as a browser reads it: structure, names, accessibility, and what a strict content security
//! policy asks for. Native; nothing here runs the page's code.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::HashSet;

use expect_test::expect_file;
use mysfits_domain::{GoodEvil, LawChaos, Locale, OPTION_COUNT, catalogue, questionnaire};
use mysfits_web::{
    Failure, Texts, art,
    prerender::{self, Assets},
};
use scraper::{ElementRef, Html, Selector};

fn assets() -> Assets {
    Assets {
        loader: "/assets/loader-1.js".to_owned(),
        glue: "/assets/app-2.js".to_owned(),
        wasm: "/assets/app-3.wasm".to_owned(),
        style: "/assets/style-4.css".to_owned(),
        favicon: "/favicon.svg".to_owned(),
    }
}

fn page(locale: Locale) -> Html {
    Html::parse_document(&prerender::page(&assets(), locale))
}

#[track_caller]
fn select<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).expect("a selector")).collect()
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn within<'a>(element: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    element.select(&Selector::parse(selector).expect("a selector")).collect()
}

#[test]
fn the_page_parses_without_errors_and_names_its_language() {
    for locale in Locale::ALL {
        let page = page(locale);
        // `<!>` is how leptos marks the ends of dynamic texts; every browser reads it as a comment.
        let errors: Vec<_> =
            page.errors.iter().filter(|error| !error.contains("MarkupDeclarationOpen")).collect();
        assert_eq!(errors, Vec::<&std::borrow::Cow<'_, str>>::new());
        assert_eq!(select(&page, "html")[0].attr("lang"), Some(locale.code()));
        assert_eq!(text(select(&page, "title")[0]), Texts::of(locale).title);
        assert!(!select(&page, "meta[name=description]")[0].attr("content").unwrap_or_default().is_empty());
    }
}

#[test]
fn the_grid_shows_the_whole_catalogue_in_label_order() {
    for locale in Locale::ALL {
        let page = page(locale);
        let cards = select(&page, "[data-testid=grid] > [data-testid=card]");
        assert_eq!(cards.len(), catalogue().len());
        for (card, mysfit) in cards.into_iter().zip(catalogue()) {
            assert_eq!(card.attr("data-slug"), Some(mysfit.slug));
            assert_eq!(card.attr("data-good-evil"), Some(mysfit.alignment.good_evil.as_str()));
            assert_eq!(card.attr("data-law-chaos"), Some(mysfit.alignment.law_chaos.as_str()));
            let words = text(card);
            for expected in [mysfit.name, mysfit.species, mysfit.description] {
                let expected = expected.get(locale).split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(words.contains(&expected), "{expected} is not in {words}");
            }
            let portrait = within(card, "img")[0];
            assert_eq!(portrait.attr("src"), Some(mysfit.image_uri().as_str()));
            let alt = portrait.attr("alt").unwrap_or_default();
            assert!(
                alt.contains(mysfit.name.get(locale)) && alt.contains(mysfit.species.get(locale)),
                "{alt}"
            );
        }
    }
}

#[test]
fn images_have_sizes_and_alternatives() {
    for image in select(&page(Locale::En), "img") {
        assert!(image.attr("alt").is_some(), "{}", image.html());
        assert!(image.attr("width").is_some() && image.attr("height").is_some(), "{}", image.html());
    }
}

#[test]
fn the_questionnaire_is_the_domains() {
    for locale in Locale::ALL {
        let page = page(locale);
        let fields = select(&page, "[data-testid=quiz-form] fieldset[data-testid=question]");
        assert_eq!(fields.len(), questionnaire().len());
        for (field, question) in fields.into_iter().zip(questionnaire()) {
            assert_eq!(field.attr("data-feature"), Some(question.feature));
            assert!(text(within(field, "legend")[0]).ends_with(question.prompt.get(locale).trim()));
            let options = within(field, "label");
            assert_eq!(options.len(), OPTION_COUNT);
            for (number, (option, words)) in (1..).zip(options.into_iter().zip(&question.options)) {
                let radio = within(option, "input[type=radio]")[0];
                assert_eq!(radio.attr("name"), Some(question.feature));
                assert_eq!(radio.attr("value"), Some(number.to_string().as_str()));
                assert_eq!(radio.attr("checked"), None);
                assert_eq!(text(option), words.get(locale));
            }
        }
    }
}

#[test]
fn the_filters_offer_every_value_and_start_with_all() {
    let page = page(Locale::En);
    let good_evil = GoodEvil::ALL.map(GoodEvil::as_str);
    let law_chaos = LawChaos::ALL.map(LawChaos::as_str);
    for (name, values) in [("good-evil", good_evil), ("law-chaos", law_chaos)] {
        let radios = select(&page, &format!("[data-testid=filters] input[name={name}]"));
        let found: Vec<_> = radios.iter().map(|radio| radio.attr("value").unwrap_or("none")).collect();
        assert_eq!(found, [&[""], &values[..]].concat());
        let checked: Vec<_> = radios.iter().map(|radio| radio.attr("checked").is_some()).collect();
        assert_eq!(checked, [true, false, false, false]);
    }
    assert_eq!(select(&page, "[data-testid=view-all][type=reset]").len(), 1);
    assert_eq!(text(select(&page, "[data-testid=count][role=status]")[0]), "12 of 12 mysfits");
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    let page = page(Locale::En);
    let ids: Vec<_> = select(&page, "[id]").iter().filter_map(|element| element.attr("id")).collect();
    let unique: HashSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    for attribute in ["commandfor", "aria-labelledby", "aria-describedby", "for"] {
        for element in select(&page, &format!("[{attribute}]")) {
            let target = element.attr(attribute).unwrap_or_default();
            // The profile's heading comes with the first profile.
            assert!(unique.contains(target) || target == "profile-name", "{attribute}={target}");
        }
    }
}

#[test]
fn every_button_says_what_it_does() {
    for locale in Locale::ALL {
        for button in select(&page(locale), "button") {
            assert!(!text(button).is_empty(), "{}", button.html());
            assert!(button.attr("type").is_some(), "{}", button.html());
        }
    }
}

/// `script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'`.
#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    for html in [prerender::page(&assets(), Locale::En), prerender::not_found(&assets(), Locale::En)] {
        let page = Html::parse_document(&html);
        for script in select(&page, "script") {
            assert!(script.attr("src").is_some() && text(script).is_empty(), "{}", script.html());
        }
        assert_eq!(select(&page, "style, [style], base, iframe, object").len(), 0);
        for element in select(&page, "*") {
            for (name, value) in element.value().attrs() {
                assert!(!name.starts_with("on"), "an inline handler: {name}={value}");
                if ["src", "href", "action", "srcset"].contains(&name) {
                    assert!(value.starts_with('/') && !value.starts_with("//"), "{name}={value}");
                }
            }
        }
    }
}

#[test]
fn the_code_is_announced_early() {
    let page = page(Locale::En);
    let assets = assets();
    let preload = select(&page, "link[rel=preload][as=fetch][crossorigin]")[0];
    assert_eq!(preload.attr("href"), Some(assets.wasm.as_str()));
    assert_eq!(select(&page, "link[rel=modulepreload]")[0].attr("href"), Some(assets.glue.as_str()));
    assert_eq!(select(&page, "script[type=module]")[0].attr("src"), Some(assets.loader.as_str()));
}

/// A form sent before the code has arrived would leave the page.
#[test]
fn nothing_can_be_submitted_before_the_code_has_arrived() {
    let page = page(Locale::En);
    let submits = select(&page, "button[type=submit], input[type=submit]");
    assert!(!submits.is_empty());
    assert!(submits.iter().all(|submit| submit.attr("disabled").is_some()));
}

#[test]
fn the_texts_of_both_languages_are_complete_and_different() {
    let [english, korean] = Locale::ALL.map(Texts::of);
    let (all_english, all_korean) = (format!("{english:?}"), format!("{korean:?}"));
    assert!(!all_english.contains("\"\"") && !all_korean.contains("\"\""));
    let is_hangul = |c: char| ('가'..='힣').contains(&c);
    assert!(!all_english.contains(is_hangul));
    let failures = [
        Failure::NotConfigured,
        Failure::Away,
        Failure::TimedOut,
        Failure::Busy,
        Failure::Refused { detail: None },
        Failure::Broken,
        Failure::UnknownMysfit,
        Failure::Unreadable,
    ];
    let mut kinds = HashSet::new();
    for failure in &failures {
        assert!(korean.failure(failure).contains(is_hangul), "{failure:?}");
        assert!(kinds.insert(failure.kind()), "{failure:?}");
    }
    for mysfit in catalogue() {
        assert!(korean.alignment_of(mysfit.alignment).contains(is_hangul));
    }
}

#[test]
fn pictures_are_small_well_formed_and_self_contained() {
    let portraits = art::portraits();
    let expected: Vec<_> =
        catalogue().iter().map(|m| m.image_uri().trim_start_matches('/').to_owned()).collect();
    assert_eq!(portraits.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>(), expected);
    assert!(portraits.iter().map(|(_, svg)| svg.len()).sum::<usize>() < 60 * 1024);
    // Twelve creatures are in the banner.
    assert!(art::banner().1.len() < 12 * 1024);
    for (path, svg) in &portraits {
        assert!(svg.len() < 6 * 1024, "{path} has {} bytes", svg.len());
    }
    let composed = art::cards().into_iter().chain(art::icons());
    for (path, svg) in
        &portraits.iter().cloned().chain([art::banner(), art::favicon()]).chain(composed).collect::<Vec<_>>()
    {
        assert_well_formed(path, svg);
        assert!(!svg.contains("<script") && !svg.contains("<style") && !svg.contains("url(http"), "{path}");
        // The only address in it is that of the SVG namespace.
        assert_eq!(svg.matches("http").count(), 1, "{path}");
    }
    let cards: Vec<_> = art::cards().into_iter().map(|(path, _)| format!("/{path}")).collect();
    assert_eq!(cards[0], art::CARD_URI);
    assert_eq!(cards[1..], catalogue().iter().map(|m| art::card_uri(m.slug)).collect::<Vec<_>>());
    let distinct: HashSet<_> = portraits.iter().map(|(_, svg)| svg).collect();
    assert_eq!(distinct.len(), portraits.len());
}

/// Every tag is closed in turn, and every reference has its element.
#[track_caller]
fn assert_well_formed(path: &str, svg: &str) {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{path}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{path}: <{tag}>");
    }
    assert_eq!(open, Vec::<&str>::new(), "{path}");
    let ids: Vec<_> = svg.split(" id=\"").skip(1).filter_map(|rest| rest.split_once('"')).collect();
    assert_eq!(ids.iter().map(|(id, _)| id).collect::<HashSet<_>>().len(), ids.len(), "{path}: an id twice");
    for reference in svg.split("href=\"#").skip(1) {
        let (id, _) = reference.split_once('"').expect("an attribute ends");
        assert!(svg.contains(&format!("id=\"{id}\"")), "{path}: {id}");
    }
}

/// The tests that run in a browser hydrate this very file; `UPDATE_EXPECT=1 cargo test -p mysfits-web` rewrites it.
#[test]
fn the_body_that_the_browser_tests_hydrate_is_current() {
    expect_file!["body.html"].assert_eq(&prerender::body(Locale::En));
}
