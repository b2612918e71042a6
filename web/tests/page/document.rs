//! All pages.

use std::collections::{HashMap, HashSet};

use mysfits_domain::{Locale, catalogue};
use mysfits_site::sharing::{CARD_SIZE, HOME_CARD, SITE_NAME, card_path, with_origin};
use mysfits_web::{
    CONFIG_URI, StaticPage, art,
    i18n::{DynamicText, MESSAGES_ID, Messages, StaticText},
    prerender,
};

use super::{all, all_with_code, assets, is_hangul, one, select, text};

#[test]
fn every_page_is_valid_html_with_its_language() {
    for (page, locale, html) in all() {
        // leptos marks the ends of dynamic texts with `<!>`, which browsers parse as a comment.
        let errors: Vec<_> =
            html.errors.iter().filter(|error| !error.contains("MarkupDeclarationOpen")).collect();
        assert_eq!(errors, Vec::<&std::borrow::Cow<'_, str>>::new(), "{page:?}");
        let root = one(&html, "html");
        assert_eq!(root.attr("lang"), Some(locale.code()));
        let profile = match page {
            StaticPage::Home | StaticPage::About => None,
            StaticPage::Profile(id) => Some(id.as_str()),
        };
        assert_eq!(root.attr(StaticPage::PROFILE_ATTRIBUTE), profile);
    }
}

#[test]
fn every_page_has_a_unique_title_and_description() {
    let (mut titles, mut descriptions) = (HashSet::new(), HashSet::new());
    for (page, locale, html) in all() {
        let title = text(one(&html, "title"));
        let description = one(&html, "meta[name=description]").attr("content").unwrap_or_default().to_owned();
        assert!(description.chars().count() > 50, "{page:?} {locale:?}: {description}");
        assert_eq!(title.contains(is_hangul), locale == Locale::Ko, "{title}");
        assert_eq!(description.contains(is_hangul), locale == Locale::Ko, "{description}");
        assert!(titles.insert(title.clone()), "{title} is used twice");
        assert!(descriptions.insert(description), "{page:?} {locale:?}");
    }
}

#[test]
fn every_page_has_metadata_for_link_previews() {
    let names = || catalogue().iter().map(|mysfit| mysfit.slug).chain([HOME_CARD]);
    for (page, locale, html) in all() {
        let property = |name: &str| {
            let meta = one(&html, &format!("meta[property=\"og:{name}\"]"));
            meta.attr("content").unwrap_or_default().to_owned()
        };
        assert_eq!(property("url"), page.path(locale));
        assert_eq!(property("title"), text(one(&html, "title")));
        assert!(property("locale").starts_with(locale.code()));
        let cards: Vec<_> = names().map(|name| card_path(locale, name)).collect();
        assert!(cards.contains(&property("image")), "{}", property("image"));
        let size = CARD_SIZE;
        assert_eq!(
            (property("image:width"), property("image:height")),
            (size.0.to_string(), size.1.to_string())
        );
        assert_eq!(one(&html, "meta[name=\"twitter:card\"]").attr("content"), Some("summary_large_image"));
    }
}

#[test]
fn every_page_names_its_address_in_each_language() {
    for (page, locale, html) in all() {
        let link = |wanted: &str| one(&html, wanted).attr("href").unwrap_or_default().to_owned();
        assert_eq!(link("link[rel=canonical]"), page.path(locale));
        for language in Locale::ALL {
            let code = language.code();
            assert_eq!(link(&format!("link[rel=alternate][hreflang={code}]")), page.path(language));
        }
        assert_eq!(link("link[rel=alternate][hreflang=x-default]"), page.path(Locale::En));
    }
}

#[test]
fn every_page_has_structured_data() {
    for (page, locale, html) in all() {
        let script: String = one(&html, "head > script[type=\"application/ld+json\"]").text().collect();
        let data: serde_json::Value = serde_json::from_str(&script).expect("JSON");
        assert_eq!(data["@context"], "https://schema.org");
        assert_eq!(data["inLanguage"], locale.code());
        assert_eq!(data["url"], page.path(locale));
        if let StaticPage::Profile(id) = page {
            assert_eq!(data["about"]["name"], id.mysfit().name.get(locale));
        }
        let site = if page == StaticPage::Home { &data } else { &data["isPartOf"] };
        assert_eq!((&site["@type"], &site["name"]), (&"WebSite".into(), &SITE_NAME.get(locale).into()));
    }
    assert_eq!(SITE_NAME, StaticText::Brand.text());
}

/// The host of the site adds its origin.
#[test]
fn no_path_in_the_metadata_stays_without_the_origin() {
    for (page, locale) in prerender::pages().flat_map(|page| Locale::ALL.map(|locale| (page, locale))) {
        let html = with_origin(&prerender::page(&assets(), page, locale), "https://m.example");
        let (head, _) = html.split_once("</head>").expect("a head");
        for line in head.lines().filter(|line| {
            ["<meta", "canonical", "alternate", "ld+json"].iter().any(|part| line.contains(part))
        }) {
            assert!(!line.contains("=\"/") && !line.contains(":\"/"), "{line}");
        }
        assert!(head.contains(&format!("href=\"https://m.example{}\"", page.path(locale))), "{head}");
    }
}

#[test]
fn every_link_has_a_target() {
    let mut known: HashSet<String> = all().map(|(page, locale, _)| page.path(locale)).collect();
    known.extend(
        art::portraits()
            .into_iter()
            .chain([art::banner()])
            .chain(art::banner_layers())
            .map(|(path, _)| format!("/{path}")),
    );
    let files = assets();
    known.extend([files.loader, files.glue, files.wasm, files.style, files.favicon]);
    known.extend(files.fonts);
    known.extend(Locale::ALL.map(prerender::manifest_uri));
    known.extend([art::TOUCH_ICON_URI, CONFIG_URI].map(ToOwned::to_owned));
    let mut n_links = 0;
    for (page, _, html) in all() {
        for element in select(&html, "[href], [src]") {
            let address = element.attr("href").or(element.attr("src")).unwrap_or_default();
            let path = address.split(['#', '?']).next().unwrap_or_default();
            assert!(known.contains(path), "{page:?}: {address}");
            n_links += 1;
        }
    }
    assert!(n_links > 400, "{n_links}");
}

#[test]
fn every_page_links_to_its_other_language() {
    for (page, locale, html) in all() {
        let link = one(&html, "[data-testid=language]");
        let other = locale.other();
        let address = link.attr("href").unwrap_or_default();
        assert_eq!(address.split('?').next(), Some(page.path(other).as_str()));
        // Without the parameter, the home page could redirect back to the language that the browser prefers.
        assert_eq!(
            address.ends_with(&format!("?lang={}", other.code())),
            page == StaticPage::Home,
            "{address}"
        );
        for attribute in ["lang", "hreflang", "data-language"] {
            assert_eq!(link.attr(attribute), Some(other.code()));
        }
        assert_eq!(text(link).contains(is_hangul), other == Locale::Ko);
    }
}

#[test]
fn every_page_has_texts_in_one_language() {
    for (page, locale, html) in all() {
        for element in select(&html, "h1, h2, h3, p, a, button, label, legend, dt, dd, title") {
            let words = text(element);
            let is_other = within_other_language(element);
            let has_letters = words.chars().any(char::is_alphabetic);
            if locale == Locale::En && !is_other {
                assert!(!words.contains(is_hangul), "{page:?}: {words}");
            } else if locale == Locale::Ko && has_letters && !is_other {
                assert!(words.contains(is_hangul), "{page:?}: {words}");
            }
        }
    }
}

fn within_other_language(element: scraper::ElementRef<'_>) -> bool {
    element.attr("hreflang").is_some()
}

#[test]
fn headings_skip_no_level() {
    for (page, locale, html) in all() {
        assert_eq!(select(&html, "h1").len(), 1, "{page:?} {locale:?}");
        let mut before = 0;
        for heading in select(&html, "h1, h2, h3, h4, h5, h6") {
            let level = heading.value().name()[1..].parse::<u8>().expect("a level");
            assert!(level <= before + 1, "{page:?}: {} after h{before}", heading.html());
            before = level;
        }
    }
}

#[test]
fn images_have_sizes_and_alternatives() {
    for (_, _, html) in all() {
        for image in select(&html, "img") {
            assert!(image.attr("alt").is_some(), "{}", image.html());
            assert!(image.attr("width").is_some() && image.attr("height").is_some(), "{}", image.html());
        }
    }
}

#[test]
fn ids_are_unique_and_references_exist() {
    for (page, _, html) in all() {
        let mut ids = HashMap::new();
        for element in select(&html, "[id]") {
            *ids.entry(element.attr("id").unwrap_or_default().to_owned()).or_insert(0) += 1;
        }
        assert!(ids.values().all(|&count| count == 1), "{page:?}: {ids:?}");
        for attribute in ["commandfor", "aria-labelledby", "aria-describedby", "aria-controls", "for"] {
            for element in select(&html, &format!("[{attribute}]")) {
                let targets = element.attr(attribute).unwrap_or_default();
                assert!(targets.split(' ').all(|target| ids.contains_key(target)), "{attribute}={targets}");
            }
        }
    }
}

#[test]
fn every_control_has_a_label() {
    for (_, _, html) in all() {
        for button in select(&html, "button, a") {
            let label = button.attr("aria-label").unwrap_or_default();
            assert!(!text(button).is_empty() || !label.is_empty(), "{}", button.html());
        }
        for button in select(&html, "button") {
            assert!(button.attr("type").is_some(), "{}", button.html());
        }
        for field in select(&html, "fieldset") {
            let legend = field.child_elements().next().expect("content");
            assert_eq!(legend.value().name(), "legend", "{}", field.html());
            assert!(!text(legend).is_empty());
        }
    }
}

/// Without the code, a submission would leave the page.
#[test]
fn submit_buttons_are_disabled_until_hydration() {
    for (_, _, html) in all() {
        let submits = select(&html, "button[type=submit], input[type=submit]");
        for submit in submits {
            let is_disabled = submit.attr("disabled").is_some();
            assert!(is_disabled, "{}", submit.html());
        }
    }
}

/// The content security policy has `script-src 'self'; style-src 'self'`.
#[test]
fn pages_have_no_inline_scripts_styles_or_handlers() {
    for (_, _, html) in all() {
        for script in select(&html, "script") {
            let is_data =
                ["text/plain", "application/ld+json"].contains(&script.attr("type").unwrap_or_default());
            assert!(script.attr("src").is_some() || is_data, "{}", script.html());
        }
        assert!(select(&html, "style").is_empty());
        for element in select(&html, "*") {
            for (name, value) in element.value().attrs() {
                assert!(name != "style" && !name.starts_with("on"), "{name}={value}");
                if ["src", "href", "action", "srcset"].contains(&name) {
                    assert!(value.starts_with('/') && !value.starts_with("//"), "{name}={value}");
                }
            }
        }
    }
}

/// On the home page, also in the questionnaire, which covers the page.
#[test]
fn every_page_has_a_message_for_code_that_does_not_load() {
    for (page, locale, html) in all_with_code() {
        let messages = select(&html, "[data-load-error][role=alert][hidden]");
        assert_eq!(messages.len(), if page == StaticPage::Home { 2 } else { 1 });
        for message in messages {
            assert_eq!(text(message).contains(is_hangul), locale == Locale::Ko);
            assert_eq!(super::within(message, "button[data-reload]").len(), 1);
        }
    }
}

/// A profile's page needs the code only if the site has services.
#[test]
fn the_code_is_preloaded_on_the_home_page_and_the_settings_on_profiles() {
    let assets = assets();
    for (page, _, html) in all_with_code() {
        let is_home = page == StaticPage::Home;
        let preload = one(&html, "link[rel=preload][as=fetch][crossorigin]");
        assert_eq!(preload.attr("href"), Some(if is_home { &*assets.wasm } else { CONFIG_URI }));
        let modules = select(&html, "link[rel=modulepreload]");
        let modules: Vec<_> = modules.iter().filter_map(|link| link.attr("href")).collect();
        assert_eq!(modules, if is_home { vec![&*assets.glue] } else { vec![] });
        assert_eq!(one(&html, "script[type=module]").attr("src"), Some(assets.loader.as_str()));
    }
}

#[test]
fn every_page_embeds_the_dynamic_texts() {
    for (_, locale, html) in all_with_code() {
        let block = one(&html, &format!("#{MESSAGES_ID}"));
        let block: String = block.text().collect();
        let lines: Vec<_> = block.lines().collect();
        assert_eq!(lines, DynamicText::ALL.map(|word| Messages::new(locale).get(word)));
        // Outside of the element that is hydrated.
        assert_eq!(select(&html, &format!("#app #{MESSAGES_ID}")).len(), 0);
    }
}
