//! The panel with the recommended mysfit: who it is, why, and what the visitor can do next.

mod comparison;
mod feedback;
mod html;
mod map;
mod reveal;
mod share;
mod what_if;
mod why;

use leptos::prelude::*;
use mysfits_domain::Locale;

use self::{comparison::CompareForm, feedback::FeedbackButtons, reveal::Reveal, what_if::WhatIf, why::Why};
use crate::{
    i18n::Messages,
    state::{Quiz, QuizResult, card_by_id, profile_html},
};

/// The result: the reveal, the profile, and below it the explanation, other results and a comparison.
#[component]
pub fn ResultPanel(result: QuizResult, messages: Messages, locale: Locale, quiz: Quiz) -> impl IntoView {
    let QuizResult { mysfit, source } = result;
    let card = card_by_id(mysfit);
    let entry = quiz.answers.get_untracked().entry().ok();
    let (name, slug, source_name) = (card.name.clone(), card.slug.clone(), source.name());
    let profile = profile_html(&slug);
    view! {
        <section
            class="result"
            data-testid="result"
            data-mysfit-id=mysfit.as_str()
            data-slug=slug
            data-source=source_name
        >
            <Reveal card entry messages locale quiz/>
            <div class="told">
                <div class="facts">
                    <div class="content" inner_html=profile></div>
                    {entry.map(|entry| view! { <FeedbackButtons entry mysfit name=name.clone() messages quiz/> })}
                </div>
                <Why source mysfit name=name.clone() messages locale quiz/>
                {entry
                    .map(|entry| {
                        view! {
                            <WhatIf entry mysfit name messages locale quiz/>
                            <CompareForm entry mysfit messages locale quiz/>
                        }
                    })}
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use mysfits_domain::{Explanation, Vote, catalogue};

    use super::*;
    use crate::state::{ConfigStore, DecisionTableReason, QuizAnswers, ResultSource};

    fn rendered(source: ResultSource, locale: Locale) -> String {
        let result = QuizResult { mysfit: catalogue()[8].id, source };
        Owner::new().with(|| {
            let quiz = Quiz::new(ConfigStore::new());
            quiz.answers.set(QuizAnswers::parse("12345").expect("answers"));
            view! { <ResultPanel result messages=Messages::new(locale) locale quiz/> }.to_html()
        })
    }

    fn explanation() -> Explanation {
        let votes = [(8, 6), (0, 3), (10, 1)];
        let votes = votes.map(|(label, count): (usize, usize)| Vote { mysfit: catalogue()[label].id, count });
        let neighbours = votes.iter().flat_map(|vote| std::iter::repeat_n(vote.mysfit, vote.count));
        Explanation {
            backend: "model".to_owned(),
            k: 10,
            distances: vec![1.0; 10],
            neighbours: neighbours.collect(),
            votes: votes.to_vec(),
        }
    }

    #[test]
    fn shows_votes_as_bars_numbers_and_neighbours() {
        for (locale, summary) in [(Locale::En, "6 of your 10 nearest"), (Locale::Ko, "이웃 10명 중 6명")]
        {
            let html = rendered(ResultSource::Neighbours(explanation()), locale);
            assert!(html.contains(summary), "{html}");
            for width in ["width=\"60\"", "width=\"30\"", "width=\"10\""] {
                assert!(html.contains(width), "{width}: {html}");
            }
            assert_eq!(html.matches("data-testid=\"winner\"").count(), 1);
            assert_eq!(html.matches("data-testid=\"runner-up\"").count(), 2);
            assert_eq!(html.matches("class=\"dot\"").count(), 10);
            assert!(html.contains("data-testid=\"second\""), "{html}");
        }
    }

    #[test]
    fn an_explanation_without_the_neighbours_mysfits_has_no_picture() {
        let explanation = Explanation { neighbours: Vec::new(), ..explanation() };
        let html = rendered(ResultSource::Neighbours(explanation), Locale::En);
        assert!(html.contains("data-testid=\"votes\"") && !html.contains("data-testid=\"map\""), "{html}");
    }

    #[test]
    fn every_source_has_its_own_text() {
        let reasons = [
            DecisionTableReason::Offline,
            DecisionTableReason::NoService,
            DecisionTableReason::Requested,
            DecisionTableReason::ServiceFailed,
        ];
        let sources = [ResultSource::Unexplained].into_iter().chain(reasons.map(ResultSource::DecisionTable));
        let mut seen = std::collections::HashSet::new();
        for source in sources {
            let name = source.name();
            let can_retry = source == ResultSource::DecisionTable(DecisionTableReason::ServiceFailed);
            let html = rendered(source, Locale::En);
            assert!(html.contains(&format!("data-source=\"{name}\"")), "{html}");
            assert_eq!(html.contains("data-testid=\"retry\""), can_retry, "{html}");
            let (_, why) = html.split_once("data-testid=\"why\"").expect("an explanation");
            assert!(seen.insert(why.to_owned()), "two sources have the same text");
        }
    }

    /// Live regions outside of buttons, whose content screen readers flatten.
    #[test]
    fn the_result_can_be_shared_and_says_so_outside_of_the_button() {
        let html = rendered(ResultSource::Unexplained, Locale::Ko);
        let (_, rest) = html.split_once("data-testid=\"share\"").expect("a button");
        let (button, rest) = rest.split_once("</button>").expect("a button ends");
        assert!(!button.contains("role="), "{button}");
        assert!(rest.trim_start().starts_with("<p") && rest.contains("role=\"status\""), "{rest}");
        let entry = QuizAnswers::parse("12345").and_then(|answers| answers.entry().ok()).expect("an entry");
        assert!(
            rest.contains(&format!("value=\"{}\"", mysfits_site::results::path(Locale::Ko, entry))),
            "{rest}"
        );
    }
}
