//! The texts of the page about this site.

super::table::texts! {
    /// A text of the page about this site.
    pub enum AboutText {
        Title: "How it works · Mythical Mysfits" | "추천 원리 · 미시컬 미스핏츠",
        Summary: "How the questionnaire finds your mysfit, with a map of neighbours to try out, and what this site stores about you." | "질문지가 어떻게 내 미스핏을 찾는지 이웃 지도로 직접 확인하고, 이 사이트가 무엇을 저장하는지 알아보세요.",
        Heading: "How it works" | "이렇게 찾아요",
        Intro: "Twelve creatures of legend look for a home. You answer five questions, and people who answered like you decide who moves in." | "전설 속 친구 열둘이 새 가족을 기다려요. 질문 다섯 개에 답하면, 나와 비슷하게 답한 사람들이 누가 이사 올지 정해 줘요.",
        StepsHeading: "In three steps" | "세 단계로 보면",
        StepSurvey: "A survey comes first: a million answers to the five questions, each with the mysfit that was chosen. (It was made up for this workshop. The model does not mind.)" | "먼저 설문이 있어요. 다섯 질문에 대한 답 백만 건과, 그때 고른 미스핏이에요. (이 워크숍을 위해 지어낸 설문이지만, 모델은 개의치 않아요.)",
        StepNeighbours: "Your five answers are a point. The model looks for the ten answers in the survey that are nearest to it: your neighbours." | "내가 고른 답 다섯 개는 점 하나가 돼요. 모델은 설문에서 그 점과 가장 가까운 답 열 개, 곧 내 이웃을 찾아요.",
        StepVote: "Each neighbour has one vote. The mysfit with the most votes is yours." | "이웃은 한 표씩 던져요. 표를 가장 많이 받은 미스핏이 나의 미스핏이에요.",
        MapHeading: "Try it: who are your neighbours?" | "직접 해 보기: 내 이웃은 누구일까요?",
        MapIntro: "On this map two questions are enough: each mark is a neighbour, and near means that they answered alike. Choose where you live, and how many neighbours may vote." | "이 지도에서는 질문이 두 개뿐이에요. 표시 하나가 이웃 한 명이고, 가까울수록 비슷하게 답한 이웃이에요. 어디에 살지, 이웃 몇 명이 투표할지 골라 보세요.",
        Where: "Where do you live?" | "어디에 살까요?",
        HowMany: "How many neighbours vote?" | "이웃 몇 명이 투표할까요?",
        Crossroads: "Crossroads" | "갈림길",
        Cave: "Cave" | "동굴",
        Bay: "Bay" | "바닷가",
        TownGate: "Gate" | "성문",
        You: "You" | "나",
        MapLabel: "Map with {count} neighbours. Lines lead from you to those who vote." | "이웃 {count}명이 있는 지도. 나와 투표하는 이웃이 선으로 이어져 있어요.",
        OneVotes: "Your nearest neighbour lives with {name}, so you get {name}." | "가장 가까운 이웃의 선택: {name}. 결과: {name}",
        SomeVote: "Votes of your {k} nearest neighbours: {votes}. You get {name}." | "가장 가까운 이웃 {k}명의 표: {votes}. 결과: {name}",
        MapLesson: "One neighbour may be an exception, as at the crossroads. Ten give a steadier answer, but if too many vote, those who live far away outvote the few around you. The site asks ten." | "갈림길에서처럼 이웃 한 명은 예외일 수 있어요. 열 명에게 물으면 답이 안정되지만, 너무 많이 물으면 멀리 사는 이웃이 가까운 몇 명을 이겨 버려요. 이 사이트는 열 명에게 물어요.",
        PrivacyHeading: "Privacy" | "개인정보",
        PrivacyNothing: "No advertising, no tracking by others, no cookies except one: it keeps the language that you chose, for a year." | "광고도, 제삼자 추적도 없어요. 쿠키는 고른 언어를 1년 동안 기억하는 것 하나뿐이에요.",
        PrivacyAnswers: "Your answers stay in this tab until you close it. They are sent only when you ask for your mysfit, without your name. An address with #quiz= holds them too, so anyone with your link can read them." | "답은 탭을 닫을 때까지 이 탭에만 남아요. 미스핏을 찾을 때만 이름 없이 전송돼요. #quiz=가 있는 주소에도 답이 들어 있으니, 링크를 받은 사람은 내 답을 볼 수 있어요.",
        PrivacyOffline: "Your browser keeps a copy of the site's files, so that it opens without a network too. The copy holds nothing about you." | "네트워크 없이도 열리도록 브라우저가 사이트 파일의 사본을 보관해요. 사본에는 나에 대한 정보가 없어요.",
        PrivacyAccount: "Where there are accounts: your e-mail address and password are kept by Amazon Cognito; the page never sends the password itself to sign in, and forgets you when the tab is closed. What you liked and adopted is marked in this browser until you delete the account, and counted by the service." | "계정이 있는 사이트라면: 이메일과 비밀번호는 Amazon Cognito에 저장돼요. 로그인할 때 비밀번호 자체는 전송하지 않고, 탭을 닫으면 로그인이 풀려요. 좋아요와 입양은 계정을 삭제할 때까지 이 브라우저에 표시되고, 서비스에서 집계돼요.",
        PrivacyViews: "Where visits are counted: opening a profile sends the mysfit and a random number of this tab, or the number of your account if you are signed in." | "방문을 집계하는 사이트라면: 프로필을 열 때 미스핏과 이 탭의 임의 번호가 전송돼요. 로그인했다면 계정 번호가 전송돼요.",
        PrivacyFeedback: "Where feedback is collected: what you say about a result is kept with the five answers, without your name." | "의견을 받는 사이트라면: 결과에 대한 의견은 답 다섯 개와 함께 이름 없이 저장돼요.",
        PrivacyContact: "A question that you send goes to the people who run this site, with your e-mail address." | "보내신 질문은 이메일 주소와 함께 이 사이트 운영자에게 전달돼요.",
        SourceHeading: "Source and licences" | "소스와 라이선스",
        SourceText: "This is module 7 of the AWS Modern Application Workshop, written in Rust: the page, the service behind it and the model. Code, texts and drawings may be used under the MIT licence or the Apache License 2.0, as you prefer." | "AWS 모던 애플리케이션 워크숍의 7번 모듈을 Rust로 만든 사이트예요. 페이지도, 그 뒤의 서비스도, 모델도요. 코드와 글과 그림은 MIT 라이선스나 Apache License 2.0 가운데 하나를 골라 쓸 수 있어요.",
        SourceFonts: "The headings are set in Fraunces (English) and Gowun Batang (Korean), both under the SIL Open Font License 1.1." | "제목 글꼴은 Fraunces(영어)와 고운바탕(한국어)이고, 둘 다 SIL Open Font License 1.1을 따라요.",
    }
}
