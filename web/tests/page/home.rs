//! The home page: grid, filters, questionnaire, dialogs.

use expect_test::expect_file;
use mysfits_domain::{
    GoodEvil, LawChaos, Locale, MYSFIT_COUNT, OPTION_COUNT, QUESTION_COUNT, catalogue, questionnaire,
};
use mysfits_web::{StaticPage, i18n::card_line, prerender, profile_path};
use scraper::Html;

use super::{one, parsed, select, squeezed, text, within};

#[test]
fn the_grid_shows_the_whole_catalogue_in_label_order() {
    for locale in Locale::ALL {
        let page = parsed(StaticPage::Home, locale);
        let cards = select(&page, "[data-testid=grid] > [data-testid=card]");
        assert_eq!(cards.len(), catalogue().len());
        for (card, mysfit) in cards.into_iter().zip(catalogue()) {
            assert_eq!(card.attr("data-slug"), Some(mysfit.slug));
            assert_eq!(card.attr("data-id"), Some(mysfit.id.as_str()));
            assert_eq!(card.attr("data-good-evil"), Some(mysfit.alignment.good_evil.as_str()));
            assert_eq!(card.attr("data-law-chaos"), Some(mysfit.alignment.law_chaos.as_str()));
            let words = text(card);
            for expected in [mysfit.name, mysfit.species] {
                assert!(words.contains(expected.get(locale)), "{words}");
            }
            let portrait = within(card, "img")[0];
            assert_eq!(portrait.attr("src"), Some(mysfit.image_uri().as_str()));
            assert_eq!(portrait.attr("alt"), Some(mysfit.portrait.get(locale)));
            assert!(words.contains(card_line(mysfit).get(locale)), "{words}");
            let link = within(card, "h3 a[data-testid=view-profile]")[0];
            assert_eq!(link.attr("href"), Some(profile_path(locale, mysfit.slug).as_str()));
            assert_eq!(link.attr("data-opens"), Some(mysfit.slug));
        }
    }
}

/// Dialogs and results show copies of the templates.
#[test]
fn each_card_has_the_profile_as_a_template() {
    for locale in Locale::ALL {
        let source = prerender::content(StaticPage::Home, locale);
        let templates: Vec<_> = source.split("<template>").skip(1).collect();
        assert_eq!(templates.len(), MYSFIT_COUNT);
        for (template, mysfit) in templates.into_iter().zip(catalogue()) {
            let (template, _) = template.split_once("</template>").expect("a template ends");
            let profile = Html::parse_fragment(template);
            let article = one(&profile, "article.profile");
            assert_eq!(article.attr("data-id"), Some(mysfit.id.as_str()));
            assert_eq!(text(one(&profile, "h2[tabindex=\"-1\"]")), mysfit.name.get(locale));
            assert_eq!(text(one(&profile, ".bio")), squeezed(mysfit.description.get(locale)));
            assert!(select(&profile, "[id]").is_empty(), "a template may be shown twice at once");
        }
    }
}

#[test]
fn the_questionnaire_has_the_questions_of_the_domain() {
    for locale in Locale::ALL {
        let page = parsed(StaticPage::Home, locale);
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
fn the_first_question_is_shown_before_hydration() {
    let page = parsed(StaticPage::Home, Locale::En);
    let hidden: Vec<_> =
        select(&page, "[data-testid=question]").iter().map(|field| field.attr("hidden").is_some()).collect();
    assert_eq!(hidden, [false, true, true, true, true]);
    assert!(one(&page, "[data-testid=review]").attr("hidden").is_some());
    assert_eq!(select(&page, "[data-testid=review] li").len(), QUESTION_COUNT);
    assert_eq!(text(one(&page, "[data-testid=progress]")), "0 of 5 answered");
    assert!(one(&page, "[data-testid=previous]").attr("disabled").is_some());
    assert_eq!(text(one(&page, "[data-testid=next]")), "Next");
}

#[test]
fn the_filters_have_every_value_and_start_with_all() {
    let page = parsed(StaticPage::Home, Locale::En);
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
    for (locale, count) in [(Locale::En, "12 of 12 mysfits"), (Locale::Ko, "미스핏 12명 중 12명")] {
        let page = parsed(StaticPage::Home, locale);
        assert_eq!(text(one(&page, "[data-testid=count][role=status]")), count);
    }
}

/// The code sorts the cards by these attributes.
#[test]
fn cards_have_their_positions_in_every_order() {
    for locale in Locale::ALL {
        let page = parsed(StaticPage::Home, locale);
        let options = select(&page, "select[name=sort] option");
        let values: Vec<_> = options.iter().map(|option| option.attr("value").unwrap_or("none")).collect();
        assert_eq!(values, ["", "name", "age", "likes"]);
        let sorted = |order: &str| {
            let mut cards: Vec<(usize, &str)> = select(&page, ".card")
                .iter()
                .map(|card| {
                    let position =
                        card.attr(&format!("data-by-{order}")).and_then(|number| number.parse().ok());
                    (position.expect("a position"), card.attr("data-slug").unwrap_or_default())
                })
                .collect();
            cards.sort_unstable();
            assert!(cards.iter().enumerate().all(|(i, (position, _))| i == *position), "{order}: {cards:?}");
            cards.into_iter().map(|(_, slug)| slug.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(sorted("arrival"), catalogue().each_ref().map(|mysfit| mysfit.slug));
        let [first, .., last] = &sorted("age")[..] else { panic!("cards") };
        assert_eq!((first.as_str(), last.as_str()), ("pauly", "hasla"));
        let by_name = if locale == Locale::En { ["atlantis", "coco"] } else { ["gary", "gretta"] };
        assert_eq!(sorted("name")[..2], by_name);
    }
}

/// Their ids are those that an address selects.
#[test]
fn every_choice_of_the_filters_has_an_id() {
    let page = parsed(StaticPage::Home, Locale::En);
    for radio in select(&page, "#filters [type=radio]") {
        let [name, value] = ["name", "value"].map(|attribute| radio.attr(attribute).unwrap_or_default());
        assert_eq!(radio.attr("id"), Some(format!("{name}-{value}").as_str()));
    }
    for option in select(&page, "#filters option") {
        assert_eq!(
            option.attr("id"),
            Some(format!("sort-{}", option.attr("value").unwrap_or_default()).as_str())
        );
    }
}

/// Translators may wrap texts and proxies may remove comments before hydration.
#[test]
fn hydrated_elements_contain_no_texts_and_no_comments() {
    let page = parsed(StaticPage::Home, Locale::En);
    let walked = "#app > div, #app main, #filters, #profile, #quiz, #quiz-form, .progress, .questions, .send, .review, \
                  .review ol, .review li, .review li > div";
    let elements = select(&page, walked);
    assert_eq!(elements.len(), 11 + 2 * QUESTION_COUNT);
    for element in elements {
        let others: Vec<_> = element.children().filter(|child| !child.value().is_element()).collect();
        assert!(others.is_empty(), "<{}> holds {others:?}", element.value().name());
    }
    // The loader compares this number with the elements in the browser.
    let n_elements = one(&page, "#app").attr("data-elements").and_then(|count| count.parse().ok());
    assert_eq!(n_elements, Some(select(&page, "#app *").len()));
    for live in ["[data-testid=count]", "[data-testid=progress]", "[data-testid=next]"] {
        assert!(within(one(&page, live), "*").is_empty());
    }
}

#[test]
fn commands_open_and_close_the_questionnaire_without_code() {
    let page = parsed(StaticPage::Home, Locale::En);
    let opens = one(&page, "[data-testid=recommend]");
    assert_eq!((opens.attr("command"), opens.attr("commandfor")), (Some("show-modal"), Some("quiz")));
    assert!(one(&page, "dialog#quiz").attr("open").is_none());
    let closes = one(&page, "dialog#quiz [data-testid=close]");
    assert_eq!((closes.attr("command"), closes.attr("commandfor")), (Some("close"), Some("quiz")));
}

/// `UPDATE_EXPECT=1 cargo test -p mysfits-web` updates these files.
#[test]
fn the_files_that_the_browser_tests_hydrate_are_current() {
    expect_file!["../browser/home.html"].assert_eq(&prerender::content(StaticPage::Home, Locale::En));
    expect_file!["../browser/home.ko.html"].assert_eq(&prerender::content(StaticPage::Home, Locale::Ko));
    let atlantis = catalogue().iter().find(|mysfit| mysfit.slug == "atlantis").expect("Atlantis");
    expect_file!["../browser/profile.html"]
        .assert_eq(&prerender::content(StaticPage::Profile(atlantis.id), Locale::En));
}
