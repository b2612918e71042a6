//! One line about each mysfit, for its card.

use mysfits_domain::{LocalizedText, MYSFIT_COUNT, Mysfit};

macro_rules! lines {
    ($($slug:literal: $en:literal | $ko:literal,)+) => {
        [$(($slug, LocalizedText { en: $en, ko: $ko })),+]
    };
}

/// The slugs and lines, in label order.
const LINES: [(&str, LocalizedText); MYSFIT_COUNT] = lines! {
    "evangeline": "Has a contract for everything, breakfast included." | "아침밥에도 계약서를 내밀어요.",
    "pauly": "One eye, one nap, one right way to stack blocks." | "눈도 하나, 낮잠도 하나, 블록 쌓는 법도 하나예요.",
    "coco": "Answers every rule with “Not Implemented”." | "어떤 규칙에든 ‘구현되지 않음’이라고 답해요.",
    "gretta": "Ends any argument with a glance." | "눈길 한 번이면 말싸움이 끝나요.",
    "hasla": "Remembers when the cloud was only weather." | "클라우드가 그냥 구름이던 시절을 기억해요.",
    "snowflake": "Freezes your builds and, on Mondays, your slippers." | "월요일이면 슬리퍼까지 꽁꽁 얼려요.",
    "gary": "Starts eight things at once. Finishes none." | "여덟 가지를 벌여 놓고 하나도 끝내지 않아요.",
    "nessi": "In beta for 75 million years, and in no hurry." | "7,500만 년째 베타 버전. 서두르지 않아요.",
    "atlantis": "Guaranteed uptime, as long as you water it." | "물만 주면 가동률은 보장해요.",
    "twilight-glitter": "Says sorry to clouds and reports her own bugs." | "구름에게 사과하고, 자기 버그도 스스로 신고해요.",
    "cole": "Calls bursting into flames a minor update." | "활활 타올라도 ‘마이너 업데이트’래요.",
    "rujin": "Deploys on Fridays, out of sheer malice." | "순전히 심술로 금요일마다 배포해요.",
};

/// Returns the line on a mysfit's card.
#[must_use]
pub fn card_line(mysfit: &Mysfit) -> LocalizedText {
    LINES[usize::from(mysfit.label.get())].1
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mysfits_domain::catalogue;

    use super::*;

    #[test]
    fn every_mysfit_has_a_short_line_of_its_own_in_both_languages() {
        for (mysfit, (slug, _)) in catalogue().iter().zip(LINES) {
            assert_eq!(mysfit.slug, slug);
            let LocalizedText { en, ko } = card_line(mysfit);
            assert!(
                (10..=60).contains(&en.chars().count()) && (10..=30).contains(&ko.chars().count()),
                "{slug}"
            );
            assert!(en.is_ascii() || en.contains('“'), "{en}");
            assert!(ko.ends_with("요.") && ko.chars().any(|c| ('가'..='힣').contains(&c)), "{ko}");
        }
        assert_eq!(LINES.map(|(_, line)| line.en).into_iter().collect::<BTreeSet<_>>().len(), MYSFIT_COUNT);
    }
}
