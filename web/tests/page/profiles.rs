//! The profiles' pages.

use mysfits_domain::{Locale, catalogue};
use mysfits_web::{StaticPage, profile_path};

use super::{one, parsed, select, squeezed, text};

#[test]
fn profiles_are_complete_in_both_languages() {
    for (mysfit, locale) in catalogue().iter().flat_map(|mysfit| Locale::ALL.map(|locale| (mysfit, locale))) {
        let page = parsed(StaticPage::Profile(mysfit.id), locale);
        let main = text(one(&page, "main[data-testid=profile-page]"));
        assert_eq!(text(one(&page, "h1")), mysfit.name.get(locale));
        for expected in [mysfit.name, mysfit.species, mysfit.description] {
            assert!(main.contains(&squeezed(expected.get(locale))), "{main}");
        }
        assert_eq!(one(&page, ".profile").attr("data-good-evil"), Some(mysfit.alignment.good_evil.as_str()));
        let portrait = one(&page, "main .profile > img");
        assert_eq!(portrait.attr("src"), Some(mysfit.image_uri().as_str()));
        assert_eq!(portrait.attr("alt"), Some(mysfit.portrait.get(locale)));
    }
}

#[test]
fn ages_are_written_as_people_say_them() {
    let age = |slug: &str, locale| {
        let mysfit = catalogue().iter().find(|mysfit| mysfit.slug == slug).expect("a mysfit");
        let page = parsed(StaticPage::Profile(mysfit.id), locale);
        text(select(&page, "dd")[1])
    };
    assert_eq!(age("hasla", Locale::En), "2 billion years");
    assert_eq!(age("hasla", Locale::Ko), "20억 살");
    assert_eq!(age("pauly", Locale::En), "2 years");
}

#[test]
fn profiles_link_to_others_that_are_alike() {
    for mysfit in catalogue() {
        let page = parsed(StaticPage::Profile(mysfit.id), Locale::Ko);
        let links = select(&page, "[data-testid=similar] a");
        assert_eq!(links.len(), 3);
        for link in links {
            assert_ne!(link.attr("href"), Some(profile_path(Locale::Ko, mysfit.slug).as_str()));
        }
    }
}

#[test]
fn links_to_the_previous_and_next_profile_form_a_ring() {
    for locale in Locale::ALL {
        let mut slug = catalogue()[0].slug;
        for expected in catalogue().iter().skip(1).chain(&catalogue()[..1]) {
            let here = catalogue().iter().find(|mysfit| mysfit.slug == slug).expect("a mysfit");
            let page = parsed(StaticPage::Profile(here.id), locale);
            let next = one(&page, "a[rel=next]").attr("href").unwrap_or_default();
            assert_eq!(next, profile_path(locale, expected.slug));
            let beyond = parsed(StaticPage::Profile(expected.id), locale);
            let back = one(&beyond, "a[rel=prev]").attr("href").unwrap_or_default();
            assert_eq!(back, profile_path(locale, slug));
            slug = expected.slug;
        }
    }
}

#[test]
fn profiles_link_to_the_questionnaire_and_the_home_page() {
    for (locale, home) in [(Locale::En, "/"), (Locale::Ko, "/ko/")] {
        let page = parsed(StaticPage::Profile(catalogue()[3].id), locale);
        let quiz = one(&page, "[data-testid=to-questionnaire]").attr("href").unwrap_or_default();
        assert_eq!(quiz, format!("{home}#quiz=00000"));
        assert_eq!(one(&page, "[data-testid=home]").attr("href"), Some(home));
    }
}
