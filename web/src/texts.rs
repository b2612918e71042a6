//! Every word of the page that does not come from the domain, in both languages.
//!
//! One value of [`Texts`] a language: a word that is missing in one of them does not compile.

use mysfits_domain::{Alignment, GoodEvil, LawChaos, Locale};

use crate::{exchange::Failure, number::grouped};

/// The page's words in one language.
///
/// Texts that hold a value are functions, because the value's place differs from language to language.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the text that its name says; a sentence about each would repeat it"
)]
pub struct Texts {
    pub title: &'static str,
    pub summary: &'static str,
    pub heading: &'static str,
    pub tagline: &'static str,
    pub recommend: &'static str,
    pub gallery: &'static str,
    pub good_evil: &'static str,
    pub law_chaos: &'static str,
    pub all: &'static str,
    pub good: &'static str,
    pub neutral: &'static str,
    pub evil: &'static str,
    pub lawful: &'static str,
    pub chaotic: &'static str,
    pub true_neutral: &'static str,
    pub view_all: &'static str,
    pub count: fn(shown: usize, all: usize) -> String,
    pub portrait: fn(name: &str, species: &str) -> String,
    pub view_profile: &'static str,
    /// Read after "view profile" by a screen reader: of whom.
    pub of: fn(name: &str) -> String,
    pub age: &'static str,
    pub years: fn(age: u64) -> String,
    pub species: &'static str,
    pub alignment: &'static str,
    pub close: &'static str,
    pub quiz_title: &'static str,
    pub quiz_intro: &'static str,
    pub question: fn(number: usize, of: usize) -> String,
    pub answered: fn(answered: usize, of: usize) -> String,
    pub unanswered: fn(number: usize) -> String,
    pub submit: &'static str,
    pub waiting: &'static str,
    pub waiting_hint: &'static str,
    pub result: &'static str,
    pub ask_again: &'static str,
    pub retry: &'static str,
    pub back_to_answers: &'static str,
    pub failed: &'static str,
    pub answers_kept: &'static str,
    pub not_configured: &'static str,
    pub away: &'static str,
    pub timed_out: &'static str,
    pub busy: &'static str,
    pub refused: &'static str,
    pub broken: &'static str,
    pub unknown_mysfit: &'static str,
    pub unreadable: &'static str,
    pub footer: &'static str,
    pub no_script: &'static str,
    pub not_found: &'static str,
    pub not_found_hint: &'static str,
    pub home: &'static str,
}

impl Texts {
    /// The words of a language.
    #[must_use]
    pub const fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::En => &ENGLISH,
            Locale::Ko => &KOREAN,
        }
    }

    /// The word for a value of the moral axis.
    #[must_use]
    pub const fn moral(&self, value: GoodEvil) -> &'static str {
        match value {
            GoodEvil::Good => self.good,
            GoodEvil::Neutral => self.neutral,
            GoodEvil::Evil => self.evil,
        }
    }

    /// The word for a value of the orderly axis.
    #[must_use]
    pub const fn order(&self, value: LawChaos) -> &'static str {
        match value {
            LawChaos::Lawful => self.lawful,
            LawChaos::Neutral => self.neutral,
            LawChaos::Chaotic => self.chaotic,
        }
    }

    /// Both axes in one phrase, the orderly one first.
    #[must_use]
    pub fn alignment_of(&self, alignment: Alignment) -> String {
        match alignment {
            Alignment { good_evil: GoodEvil::Neutral, law_chaos: LawChaos::Neutral } => {
                self.true_neutral.to_owned()
            }
            Alignment { good_evil, law_chaos } => {
                format!("{} {}", self.order(law_chaos), self.moral(good_evil))
            }
        }
    }

    /// What the visitor is told about a failure.
    #[must_use]
    pub const fn failure(&self, failure: &Failure) -> &'static str {
        match failure {
            Failure::NotConfigured => self.not_configured,
            Failure::Away => self.away,
            Failure::TimedOut => self.timed_out,
            Failure::Busy => self.busy,
            Failure::Refused { .. } => self.refused,
            Failure::Broken => self.broken,
            Failure::UnknownMysfit => self.unknown_mysfit,
            Failure::Unreadable => self.unreadable,
        }
    }
}

static ENGLISH: Texts = Texts {
    title: "Mythical Mysfits: adopt a creature of legend",
    summary: "Twelve creatures of legend are looking for a home. Meet them all, or answer five questions and find out who suits you.",
    heading: "Mythical Mysfits",
    tagline: "Twelve creatures of legend, a little out of place in theirs. One of them would fit right in at yours.",
    recommend: "Recommend a Mysfit",
    gallery: "Meet the mysfits",
    good_evil: "Good or evil",
    law_chaos: "Lawful or chaotic",
    all: "All",
    good: "Good",
    neutral: "Neutral",
    evil: "Evil",
    lawful: "Lawful",
    chaotic: "Chaotic",
    true_neutral: "True Neutral",
    view_all: "View All",
    count: |shown, all| format!("{shown} of {all} mysfits"),
    portrait: |name, species| format!("Portrait of {name}, {species}"),
    view_profile: "View profile",
    of: |name| format!(" of {name}"),
    age: "Age",
    years: |age| {
        if age == 1 { "1 year".to_owned() } else { format!("{} years", grouped(age)) }
    },
    species: "Species",
    alignment: "Alignment",
    close: "Close",
    quiz_title: "Who suits you?",
    quiz_intro: "Five questions, one answer each. There are no wrong answers, only surprising housemates.",
    question: |number, of| format!("Question {number} of {of}"),
    answered: |answered, of| format!("{answered} of {of} answered"),
    unanswered: |number| format!("Question {number} is still open. Pick what comes closest."),
    submit: "Find my mysfit",
    waiting: "Asking around…",
    waiting_hint: "Your nearest neighbours in the realm are putting their heads together.",
    result: "Your mysfit is",
    ask_again: "Ask again",
    retry: "Try again",
    back_to_answers: "Look at my answers",
    failed: "No match just yet",
    answers_kept: "Your answers are safe.",
    not_configured: "This site has not been told where to ask for recommendations. The mysfits are still happy to be looked at.",
    away: "We could not get through. Is your connection up?",
    timed_out: "Nobody answered in time. They may be asleep; a second knock often helps.",
    busy: "Everybody is being asked at once right now. Give them a moment.",
    refused: "The answers came back with a note:",
    broken: "Something tripped on our side. It was not you.",
    unknown_mysfit: "We were pointed to somebody who does not live here. Strange things happen in old forests.",
    unreadable: "An answer came back, but in a tongue that we cannot read.",
    footer: "A k-nearest-neighbours model does the matchmaking: whoever answered like you decides.",
    no_script: "The questionnaire needs JavaScript. Everything else works without it.",
    not_found: "Nothing lives here",
    not_found_hint: "The path ends in the undergrowth.",
    home: "Back to the mysfits",
};

static KOREAN: Texts = Texts {
    title: "미시컬 미스핏츠: 전설 속 친구를 입양하세요",
    summary: "전설 속 친구 열둘이 새 가족을 기다립니다. 모두 만나 보거나, 다섯 가지 질문에 답하고 나와 어울리는 친구를 찾아보세요.",
    heading: "미시컬 미스핏츠",
    tagline: "제 전설에는 조금 어울리지 못한 열두 친구들. 그중 하나는 당신의 집에 꼭 어울립니다.",
    recommend: "미스핏 추천받기",
    gallery: "미스핏을 만나 보세요",
    good_evil: "선과 악",
    law_chaos: "질서와 혼돈",
    all: "전체",
    good: "선",
    neutral: "중립",
    evil: "악",
    lawful: "질서",
    chaotic: "혼돈",
    true_neutral: "진정한 중립",
    view_all: "모두 보기",
    count: |shown, all| format!("미스핏 {all}명 중 {shown}명"),
    portrait: |name, species| format!("{name}({species})의 초상화"),
    view_profile: "프로필 보기",
    of: |name| format!(": {name}"),
    age: "나이",
    years: |age| format!("{}살", grouped(age)),
    species: "종",
    alignment: "성향",
    close: "닫기",
    quiz_title: "나와 어울리는 미스핏은?",
    quiz_intro: "질문은 다섯 개, 답은 하나씩. 틀린 답은 없습니다. 뜻밖의 동거인이 있을 뿐이에요.",
    question: |number, of| format!("질문 {number}/{of}"),
    answered: |answered, of| format!("{of}개 중 {answered}개 답함"),
    unanswered: |number| format!("{number}번 질문에 아직 답하지 않았어요. 가장 가까운 답을 골라 주세요."),
    submit: "내 미스핏 찾기",
    waiting: "수소문하는 중…",
    waiting_hint: "당신과 가장 가까운 이웃들이 머리를 맞대고 있습니다.",
    result: "당신의 미스핏은",
    ask_again: "다시 물어보기",
    retry: "다시 시도",
    back_to_answers: "내 답 다시 보기",
    failed: "아직 찾지 못했어요",
    answers_kept: "고른 답은 그대로 있습니다.",
    not_configured: "이 사이트에는 추천을 물어볼 곳이 아직 정해지지 않았어요. 미스핏 구경은 언제든 환영입니다.",
    away: "연결되지 않았어요. 인터넷이 켜져 있나요?",
    timed_out: "시간 안에 답이 오지 않았어요. 자고 있을지도 모르니 한 번 더 두드려 보세요.",
    busy: "지금은 물어보는 분이 너무 많아요. 잠시만 기다려 주세요.",
    refused: "답이 쪽지와 함께 되돌아왔어요:",
    broken: "저희 쪽에서 발을 헛디뎠습니다. 당신 탓이 아니에요.",
    unknown_mysfit: "여기 살지 않는 누군가를 소개받았어요. 오래된 숲에서는 이상한 일도 있는 법이죠.",
    unreadable: "답은 왔지만, 저희가 읽을 수 없는 말로 쓰여 있어요.",
    footer: "k-최근접 이웃 모델이 짝을 찾습니다. 당신과 비슷하게 답한 이들이 결정해요.",
    no_script: "질문지에는 JavaScript가 필요합니다. 나머지는 없어도 모두 볼 수 있어요.",
    not_found: "여기에는 아무도 살지 않아요",
    not_found_hint: "길이 덤불 속에서 끊겼습니다.",
    home: "미스핏에게 돌아가기",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_language_wants_them() {
        let (en, ko) = (Texts::of(Locale::En), Texts::of(Locale::Ko));
        assert_eq!((en.count)(4, 12), "4 of 12 mysfits");
        assert_eq!((ko.count)(4, 12), "미스핏 12명 중 4명");
        assert_eq!((en.years)(1), "1 year");
        assert_eq!((en.years)(2709), "2,709 years");
        assert_eq!((ko.years)(2709), "2,709살");
    }
}
