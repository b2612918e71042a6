//! Statistics of a survey: how often each mysfit is the favourite, and how strongly each question is associated with it.

use std::fmt;

use mysfits_domain::{MYSFIT_COUNT, OPTION_COUNT, QUESTION_COUNT, catalogue, questionnaire};

use crate::Sample;

/// Counts of a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The counts of labels for each question and option.
    counts: [[[u64; MYSFIT_COUNT]; OPTION_COUNT]; QUESTION_COUNT],
    n_samples: u64,
}

/// The association of a question with the favourite mysfit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// The question's feature.
    pub feature: &'static str,
    /// Cramér's V between answer and label, bias not corrected: 0 is no association, 1 the strongest that a table of
    /// this shape can have.
    pub cramers_v: f64,
}

impl Description {
    /// Counts the samples.
    #[must_use]
    pub fn of(samples: impl Iterator<Item = Sample>) -> Self {
        let mut this = Self { counts: [[[0; MYSFIT_COUNT]; OPTION_COUNT]; QUESTION_COUNT], n_samples: 0 };
        for sample in samples {
            for (options, answer) in this.counts.iter_mut().zip(sample.entry.answers()) {
                options[usize::from(answer.get() - 1)][usize::from(sample.label.get())] += 1;
            }
            this.n_samples += 1;
        }
        this
    }

    /// Returns the number of samples.
    #[must_use]
    pub fn n_samples(&self) -> u64 {
        self.n_samples
    }

    /// Returns how often each label occurs, in label order.
    #[must_use]
    pub fn label_counts(&self) -> [u64; MYSFIT_COUNT] {
        // Every sample answers the first question once.
        std::array::from_fn(|label| self.counts[0].iter().map(|labels| labels[label]).sum())
    }

    /// Returns the share of each label among the samples with an option of a question. Positions count from
    /// 0.
    ///
    /// # Panics
    /// If there is no such question or option.
    #[must_use]
    pub fn label_shares(&self, question: usize, option: usize) -> [f64; MYSFIT_COUNT] {
        let labels = &self.counts[question][option];
        let total = labels.iter().sum::<u64>().max(1);
        labels.map(|count| count as f64 / total as f64)
    }

    /// Returns the association of each question with the label, in the order of the questionnaire.
    #[must_use]
    pub fn associations(&self) -> [Association; QUESTION_COUNT] {
        let labels = self.label_counts();
        std::array::from_fn(|question| {
            let mut chi_squared = 0.0;
            for option in &self.counts[question] {
                let chosen = option.iter().sum::<u64>() as f64;
                for (observed, label) in option.iter().zip(labels) {
                    let expected = chosen * label as f64 / self.n_samples.max(1) as f64;
                    if expected > 0.0 {
                        chi_squared += (*observed as f64 - expected).powi(2) / expected;
                    }
                }
            }
            let degrees = (OPTION_COUNT.min(MYSFIT_COUNT) - 1) as f64;
            let cramers_v = (chi_squared / (self.n_samples.max(1) as f64 * degrees)).sqrt();
            Association { feature: questionnaire()[question].feature, cramers_v }
        })
    }
}

/// Writes a bar for each mysfit and for each question.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.label_counts();
        let most = counts.into_iter().max().unwrap_or(0).max(1);
        writeln!(f, "{} samples\n\nfavourite mysfit", self.n_samples)?;
        for (mysfit, count) in catalogue().iter().zip(counts) {
            let share = 100.0 * count as f64 / self.n_samples.max(1) as f64;
            let bar = "█".repeat((count * 40 / most) as usize);
            writeln!(f, "{:>3} {:<17} {count:>9} {share:>5.1} % {bar}", mysfit.label.get(), mysfit.name.en)?;
        }
        writeln!(f, "\nassociation of each question with the favourite (Cramér's V)")?;
        for Association { feature, cramers_v } in self.associations() {
            let bar = "█".repeat((cramers_v * 80.0).round() as usize);
            writeln!(f, "    {feature:<27} {cramers_v:>7.3}   {bar}")?;
        }
        Ok(())
    }
}
