//! The page about the site, and the 404 page.

use mysfits_domain::Locale;
use mysfits_web::{StaticPage, prerender};
use scraper::Html;

use super::{assets, is_hangul, one, parsed, select, text, within};

#[test]
fn the_page_about_the_site_has_no_code() {
    for locale in Locale::ALL {
        let page = parsed(StaticPage::About, locale);
        assert!(select(&page, "#app, link[rel=modulepreload], [as=fetch], form, button").is_empty());
        // It stores the language.
        assert_eq!(one(&page, "script[type=module]").attr("src"), Some(assets().loader.as_str()));
        for id in ["privacy", "source", "map"] {
            assert_eq!(one(&page, &format!("#{id}")).value().name(), "h2");
        }
    }
}

/// The rules of the style sheet refer to these ids.
#[test]
fn the_map_has_a_choice_of_places_and_of_numbers() {
    let page = parsed(StaticPage::About, Locale::En);
    let ids = |name: &str| -> Vec<String> {
        let radios = select(&page, &format!("[data-testid=map] input[name={name}]"));
        assert_eq!(radios.iter().filter(|radio| radio.attr("checked").is_some()).count(), 1);
        radios.iter().filter_map(|radio| radio.attr("id")).map(ToOwned::to_owned).collect()
    };
    assert_eq!(ids("at"), ["at-0", "at-1", "at-2", "at-3"]);
    assert_eq!(ids("k"), ["k-1", "k-3", "k-10"]);
    let verdicts = within(one(&page, "[data-testid=verdict][role=status]"), "p");
    assert_eq!(verdicts.len(), 12);
    assert!(text(verdicts[0]).contains("you get Gary"), "{}", text(verdicts[0]));
    assert_eq!(select(&page, "svg[role=img][aria-label]").len(), 1);
}

#[test]
fn every_page_links_to_the_page_about_the_site() {
    for (_, locale, html) in super::all() {
        let about = StaticPage::About.path(locale);
        let links = within(one(&html, "footer"), "a");
        let targets: Vec<_> = links.iter().filter_map(|link| link.attr("href")).collect();
        assert_eq!(targets, [about.clone(), format!("{about}#privacy"), format!("{about}#source")]);
    }
}

#[test]
fn the_404_page_has_both_languages_and_links_to_the_home_pages() {
    let html = Html::parse_document(&prerender::not_found(&assets()));
    assert!(select(&html, "script").is_empty());
    assert_eq!(one(&html, "meta[name=robots]").attr("content"), Some("noindex"));
    for (locale, home) in [(Locale::En, "/"), (Locale::Ko, "/ko/")] {
        let section = one(&html, &format!("section[lang={}]", locale.code()));
        assert_eq!(text(section).contains(is_hangul), locale == Locale::Ko);
        assert_eq!(within(section, "a")[0].attr("href"), Some(home));
    }
    assert_eq!(select(&html, "a[href^=\"/mysfits/\"] > img[alt]").len(), 3);
}
