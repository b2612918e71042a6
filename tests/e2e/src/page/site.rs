//! The parts of this site: cards and questions.

use anyhow::{Context as _, Result};
use mysfits_domain::{Entry, questionnaire};
use serde_json::Value;

use super::{BrowserPage, part};

impl BrowserPage {
    /// The slugs of the cards that are to be seen, in order.
    ///
    /// # Errors
    /// The browser's.
    pub async fn cards(&self) -> Result<Vec<String>> {
        let slugs = self
            .script(
                "return [...document.querySelectorAll('[data-testid=card]')]
                    .filter(card => card.checkVisibility()).map(card => card.dataset.slug)",
            )
            .await?;
        serde_json::from_value(slugs).context("the cards' slugs")
    }

    /// Answers the question that is asked, as a finger or mouse does; the page goes on by itself. The question counts
    /// from 0, the answer as the visitor sees it from 1.
    ///
    /// # Errors
    /// If another question is asked, or the page stays where it is.
    pub async fn answer(&self, position: usize, answer: u8) -> Result<()> {
        let feature = questionnaire()[position].feature;
        let question = format!("{}[data-feature=\"{feature}\"]:not([hidden])", part("question"));
        self.see(&question).await?;
        self.choose(&format!("{question} input[value=\"{answer}\"]")).await?;
        self.gone(&question).await
    }

    /// Answers all questions of the open questionnaire, until the review.
    ///
    /// # Errors
    /// As for [`answer`](Self::answer).
    pub async fn answer_all(&self, entry: Entry) -> Result<()> {
        for (position, answer) in entry.answers().iter().enumerate() {
            self.answer(position, answer.get()).await?;
        }
        self.see(&part("review")).await.map(drop)
    }

    /// Returns the answers that are chosen, by question; null where none is.
    ///
    /// # Errors
    /// The browser's.
    pub async fn chosen(&self) -> Result<Value> {
        self.script(
            "return [...document.querySelectorAll('[data-testid=question]')]
                .map(question => +question.querySelector('input:checked')?.value || null)",
        )
        .await
    }
}
