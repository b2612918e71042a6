//! The page about this site: how it works, with a map to try out, privacy, licences. All of it is static HTML without code.

use leptos::prelude::*;
use mysfits_domain::Locale;

use crate::{
    components::{banner::LanguageLink, footer::Footer},
    i18n::{AboutText, StaticText},
    neighbour_map::{self, KS, PLACES},
    state::{StaticPage, home_path, questionnaire_path},
};

/// The page about this site.
#[component]
pub fn AboutPage(locale: Locale) -> impl IntoView {
    let text = move |text: AboutText| text.get(locale);
    let quiz = questionnaire_path(locale);
    let steps = [AboutText::StepSurvey, AboutText::StepNeighbours, AboutText::StepVote];
    let privacy = [
        AboutText::PrivacyNothing,
        AboutText::PrivacyAnswers,
        AboutText::PrivacyOffline,
        AboutText::PrivacyAccount,
        AboutText::PrivacyViews,
        AboutText::PrivacyFeedback,
        AboutText::PrivacyContact,
    ];
    view! {
        <header class="banner small">
            <nav class="top" aria-label=StaticText::SiteMenu.get(locale)>
                <a class="brand" href=home_path(locale) data-testid="home">{StaticText::Brand.get(locale)}</a>
                <LanguageLink locale page=StaticPage::About/>
            </nav>
        </header>
        <main class="prose" data-testid="about">
            <h1>{text(AboutText::Heading)}</h1>
            <p>{text(AboutText::Intro)}</p>
            <h2>{text(AboutText::StepsHeading)}</h2>
            <ol>{steps.map(|step| view! { <li>{text(step)}</li> })}</ol>
            <h2 id="map">{text(AboutText::MapHeading)}</h2>
            <p>{text(AboutText::MapIntro)}</p>
            <NeighbourMap locale/>
            <p>{text(AboutText::MapLesson)}</p>
            <p class="actions">
                <a class="button main" href=quiz>{StaticText::Recommend.get(locale)}</a>
                <a class="button" href=home_path(locale)>{StaticText::Home.get(locale)}</a>
            </p>
            <h2 id="privacy">{text(AboutText::PrivacyHeading)}</h2>
            <ul>{privacy.map(|line| view! { <li>{text(line)}</li> })}</ul>
            <h2 id="source">{text(AboutText::SourceHeading)}</h2>
            <p>{text(AboutText::SourceText)}</p>
            <p>{text(AboutText::SourceFonts)}</p>
        </main>
        <footer><Footer locale has_code=false/></footer>
    }
}

/// The map of neighbours. Radio buttons choose the place and the number of neighbours; the style sheet shows the case.
#[component]
fn NeighbourMap(locale: Locale) -> impl IntoView {
    let place = |(place, name): (usize, AboutText)| {
        let id = format!("at-{place}");
        view! { <Choice name="at" id label=name.get(locale).to_owned() is_first=place == 0/> }
    };
    let number =
        |k: usize| view! { <Choice name="k" id=format!("k-{k}") label=k.to_string() is_first=k == KS[0]/> };
    let spot =
        |place: usize| view! { <label for=format!("at-{place}") class=format!("spot spot-{place}")></label> };
    view! {
        <div class="map" data-testid="map">
            <fieldset class="segments" data-testid="place">
                <legend>{AboutText::Where.get(locale)}</legend>
                {PLACES.iter().map(|place| place.name).enumerate().map(place).collect_view()}
            </fieldset>
            <fieldset class="segments" data-testid="k">
                <legend>{AboutText::HowMany.get(locale)}</legend>
                {KS.map(number)}
            </fieldset>
            <div class="board">
                <div inner_html=neighbour_map::picture(locale)></div>
                {(0..PLACES.len()).map(spot).collect_view()}
            </div>
            <ul class="key">
                {neighbour_map::key(locale)
                    .into_iter()
                    .map(|(mark, meaning)| view! { <li><span inner_html=mark></span>{meaning}</li> })
                    .collect_view()}
            </ul>
            <div class="verdict" role="status" data-testid="verdict">
                {neighbour_map::verdicts(locale)
                    .into_iter()
                    .map(|(class, text)| view! { <p class=class>{text}</p> })
                    .collect_view()}
            </div>
        </div>
    }
}

/// A radio button of the map.
#[component]
fn Choice(name: &'static str, id: String, label: String, is_first: bool) -> impl IntoView {
    view! {
        <label>
            <input type="radio" id=id name=name checked=is_first/>
            <span>{label}</span>
        </label>
    }
}
