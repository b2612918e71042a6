//! From the chosen radios of the questionnaire to an entry.

use mysfits_domain::{Answer, Entry, QUESTION_COUNT, questionnaire};

/// The first question, counted from 0, that has no answer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing(pub usize);

/// How many questions are answered; `chosen` gives the value of the radio chosen under a name, which is a feature's.
pub fn answered(chosen: impl Fn(&str) -> Option<String>) -> usize {
    questionnaire().iter().filter(|question| answer(&chosen, question.feature).is_some()).count()
}

/// The visitor's entry, in the order of the questionnaire.
///
/// `chosen` gives the value of the radio chosen under a name; the radios of a question are named after its feature.
///
/// # Errors
/// [`Missing`] for the first question without an answer, or with one that is not an option.
pub fn entry_from(chosen: impl Fn(&str) -> Option<String>) -> Result<Entry, Missing> {
    let mut answers = [Answer::MIN; QUESTION_COUNT];
    for (position, (slot, question)) in answers.iter_mut().zip(questionnaire()).enumerate() {
        *slot = answer(&chosen, question.feature).ok_or(Missing(position))?;
    }
    Ok(Entry::from(answers))
}

fn answer(chosen: &impl Fn(&str) -> Option<String>, feature: &str) -> Option<Answer> {
    Answer::try_from(chosen(feature)?.parse::<u8>().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A form in which question `i` is answered by `values[i]`; empty means not answered.
    fn form(values: [&'static str; QUESTION_COUNT]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let position = questionnaire().iter().position(|question| question.feature == name)?;
            Some(values[position].to_owned()).filter(|value| !value.is_empty())
        }
    }

    #[test]
    fn five_answers_are_an_entry_in_the_questionnaires_order() {
        let entry = entry_from(form(["1", "2", "3", "4", "8"])).expect("complete");
        assert_eq!(entry, Entry::try_from([1, 2, 3, 4, 8]).expect("valid"));
    }

    #[test]
    fn the_first_gap_is_named() {
        assert_eq!(entry_from(form(["1", "2", "", "4", ""])), Err(Missing(2)));
        assert_eq!(entry_from(form([""; QUESTION_COUNT])), Err(Missing(0)));
        assert_eq!(answered(form(["1", "2", "", "4", ""])), 3);
    }

    #[test]
    fn what_is_not_an_option_counts_as_missing() {
        assert_eq!(entry_from(form(["1", "2", "3", "9", "5"])), Err(Missing(3)));
        assert_eq!(entry_from(form(["0", "2", "3", "4", "5"])), Err(Missing(0)));
        assert_eq!(entry_from(form(["1", "x", "3", "4", "5"])), Err(Missing(1)));
    }
}
