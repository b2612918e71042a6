//! Texts of the prerendered HTML.

use mysfits_domain::{Alignment, GoodEvil, LawChaos, Locale};

super::table::texts! {
    /// A text of the prerendered HTML.
    pub enum StaticText {
        Title: "Mythical Mysfits: adopt a creature of legend" | "미시컬 미스핏츠: 전설 속 친구를 입양하세요",
        Summary: "Twelve creatures of legend are looking for a home. Meet them all, or answer five questions and find out who suits you." | "전설 속 친구 열둘이 새 가족을 기다려요. 모두 만나 보거나, 다섯 가지 질문에 답하고 나와 어울리는 친구를 찾아보세요.",
        Brand: "Mythical Mysfits" | "미시컬 미스핏츠",
        ShortName: "Mysfits" | "미스핏츠",
        SiteMenu: "Site" | "사이트 메뉴",
        OtherLanguage: "한국어" | "English",
        Tagline: "Twelve creatures, each a little out of place in its own legend. One of them will feel at home with you." | "저마다의 전설에서 살짝 겉돌던 열두 친구. 그중 하나는 우리 집에 딱 어울릴 거예요.",
        Recommend: "Find my mysfit" | "내 미스핏 찾기",
        Gallery: "Meet the mysfits" | "미스핏을 만나 보세요",
        GoodEvil: "Good or evil" | "선과 악",
        LawChaos: "Lawful or chaotic" | "질서와 혼돈",
        All: "All" | "전체",
        Good: "Good" | "선",
        Neutral: "Neutral" | "중립",
        Evil: "Evil" | "악",
        Lawful: "Lawful" | "질서",
        Chaotic: "Chaotic" | "혼돈",
        TrueNeutral: "True Neutral" | "진정한 중립",
        ViewAll: "Show all" | "모두 보기",
        Age: "Age" | "나이",
        OneYear: "{age} year" | "{age}살",
        Years: "{age} years" | "{age}살",
        Species: "Species" | "종족",
        Alignment: "Alignment" | "성향",
        Close: "Close" | "닫기",
        QuizTitle: "Who's your mysfit?" | "나와 어울리는 미스핏은?",
        QuizIntro: "Five questions, one answer each. There are no wrong answers, only surprising housemates." | "질문은 다섯 개, 답은 하나씩. 틀린 답은 없어요. 뜻밖의 동거인이 있을 뿐이죠.",
        QuizKeys: "Keys 1 to 8 choose an answer." | "키보드의 1~8 키로도 고를 수 있어요.",
        QuestionNumber: "Question {number} of {of}" | "질문 {number}/{of}",
        Previous: "Back" | "이전",
        ReviewTitle: "Your answers" | "내가 고른 답",
        Edit: "Change" | "바꾸기",
        ProfileTitle: "{name} the {species} · Mythical Mysfits" | "{species} {name} · 미시컬 미스핏츠",
        Home: "All mysfits" | "모든 미스핏 보기",
        Others: "Other mysfits" | "다른 미스핏",
        Before: "Previous" | "이전 친구",
        After: "Next" | "다음 친구",
        SignIn: "Sign in" | "로그인",
        SignOut: "Sign out" | "로그아웃",
        Email: "E-mail" | "이메일",
        Password: "Password" | "비밀번호",
        PasswordRules: "At least eight characters, with upper and lower case, a digit and a symbol." | "8자 이상, 대문자·소문자·숫자·기호를 모두 넣어 주세요.",
        Register: "Create account" | "계정 만들기",
        ToRegister: "New here? Create an account" | "처음이신가요? 계정 만들기",
        ToSignIn: "I already have an account" | "이미 계정이 있어요",
        Code: "Code from the e-mail" | "이메일로 받은 코드",
        Confirm: "Confirm" | "확인",
        Resend: "Send a new code" | "코드 다시 받기",
        ShowPassword: "Show password" | "비밀번호 보기",
        ConfirmTitle: "Confirm your e-mail" | "이메일 인증",
        ToForgot: "Forgot your password?" | "비밀번호를 잊으셨나요?",
        ForgotTitle: "Reset your password" | "비밀번호 재설정",
        ForgotHint: "We send you a code by e-mail. With it you choose a new password." | "이메일로 코드를 보내 드려요. 그 코드로 새 비밀번호를 정할 수 있어요.",
        SendCode: "Send the code" | "코드 받기",
        BackToSignIn: "Back to sign-in" | "로그인으로 돌아가기",
        NewPassword: "New password" | "새 비밀번호",
        SavePassword: "Save and sign in" | "저장하고 로그인",
        MyAccount: "My account" | "내 계정",
        SignedInAs: "Signed in as" | "로그인한 계정:",
        MyMysfits: "My mysfits" | "나의 미스핏",
        NoMysfits: "You have not liked or adopted a mysfit yet." | "아직 좋아요를 누르거나 입양한 미스핏이 없어요.",
        Liked: "You like this mysfit" | "좋아요를 눌렀어요",
        ListHint: "Only this browser keeps the list." | "이 목록은 이 브라우저에만 저장돼요.",
        AccountPrivacy: "What this site does with your data" | "개인정보 처리 안내",
        DeleteAccount: "Delete my account" | "계정 삭제하기",
        DeleteHint: "This deletes your account for good. Likes and adoptions stay counted. Enter your password to confirm." | "계정이 완전히 삭제되며 되돌릴 수 없어요. 좋아요와 입양은 집계에 그대로 남아요. 확인을 위해 비밀번호를 입력해 주세요.",
        DeleteForGood: "Delete for good" | "완전히 삭제하기",
        KeepAccount: "Keep my account" | "삭제하지 않기",
        Likes: "Likes" | "좋아요 수",
        Like: "Like" | "좋아요",
        Adopt: "Adopt" | "입양하기",
        AdoptQuestion: "Adopt {name}? All visitors will see that {name} has found a home." | "{name}, 입양할까요? 입양하면 모든 방문자에게 새 가족을 찾았다고 표시돼요.",
        AdoptYes: "Yes, adopt" | "네, 입양할게요",
        AdoptNo: "Cancel" | "취소",
        Undo: "Undo" | "되돌리기",
        AdoptedByYou: "Lives with you now" | "이제 나와 함께 살아요",
        Adopted: "Has found a home" | "새 가족을 찾았어요",
        Contact: "Ask us something" | "궁금한 것 물어보기",
        Question: "Your question" | "문의 내용",
        Send: "Send" | "보내기",
        Footer: "A k-nearest-neighbours model does the matchmaking: the visitors who answered like you decide." | "나와 비슷하게 답한 사람들의 선택을 모아 k-최근접 이웃 모델이 짝을 찾아 줘요.",
        LoadError: "A part of this page did not load, so its buttons do not work yet. Reload the page. If that does not help, your browser may block WebAssembly." | "페이지의 일부를 불러오지 못해 버튼이 아직 작동하지 않아요. 새로 고침해 보세요. 그래도 안 되면 브라우저가 WebAssembly를 막고 있을 수 있어요.",
        Reload: "Reload" | "새로 고침",
        NoScript: "The questionnaire needs JavaScript. Everything else works without it." | "질문에 답하려면 JavaScript가 필요해요. 나머지는 JavaScript 없이도 볼 수 있어요.",
        NotFound: "Nothing lives here" | "여기에는 아무도 살지 않아요",
        NotFoundHint: "The path ends in the undergrowth." | "길이 덤불 속에서 끊겼어요.",
        BackHome: "Back to the mysfits" | "미스핏에게 돌아가기",

        // Home page, footer, 404.
        Promise: "Five questions, one minute" | "질문 다섯 개, 1분이면 돼요",
        FilterAndSort: "Filters" | "필터",
        RulesOrWhims: "rules or whims" | "규칙파, 자유파",
        Order: "Order" | "정렬",
        OrderOfArrival: "As they arrived" | "도착한 순서",
        OrderByName: "By name" | "이름순",
        OrderByAge: "Youngest first" | "나이 어린 순",
        OrderByLikes: "Most liked first" | "좋아요 많은 순",
        KeepsRules: "Keeps the rules" | "규칙을 지키며",
        BendsRules: "Bends the rules a little" | "규칙에 매이지 않고",
        FollowsWhims: "Follows every whim" | "마음 내키는 대로",
        MeansWell: "and means well." | "착하게 살아요.",
        TakesNoSide: "and takes no side." | "어느 편도 들지 않아요.",
        MeansMischief: "and means mischief." | "심술을 부려요.",
        Similar: "Alike in character" | "성격이 비슷한 친구",
        ShareProfile: "Share" | "공유하기",
        ProfileCopied: "Link copied" | "링크를 복사했어요",
        SiteNotes: "About this site" | "사이트 안내",
        AboutLink: "How it works" | "추천 원리",
        PrivacyLink: "Privacy" | "개인정보",
        SourceLink: "Source and licences" | "소스와 라이선스",
    }
}

/// Returns the name of a value of the good-evil axis.
#[must_use]
pub const fn good_evil_text(value: GoodEvil) -> StaticText {
    match value {
        GoodEvil::Good => StaticText::Good,
        GoodEvil::Neutral => StaticText::Neutral,
        GoodEvil::Evil => StaticText::Evil,
    }
}

/// Returns the name of a value of the law-chaos axis.
#[must_use]
pub const fn law_chaos_text(value: LawChaos) -> StaticText {
    match value {
        LawChaos::Lawful => StaticText::Lawful,
        LawChaos::Neutral => StaticText::Neutral,
        LawChaos::Chaotic => StaticText::Chaotic,
    }
}

/// Returns an alignment in words, with the law-chaos axis first.
#[must_use]
pub fn alignment_text(alignment: Alignment, locale: Locale) -> String {
    match alignment {
        Alignment { good_evil: GoodEvil::Neutral, law_chaos: LawChaos::Neutral } => {
            StaticText::TrueNeutral.get(locale).to_owned()
        }
        Alignment { good_evil, law_chaos } => {
            format!("{} {}", law_chaos_text(law_chaos).get(locale), good_evil_text(good_evil).get(locale))
        }
    }
}
