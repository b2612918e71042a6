//! The questionnaire, from the first question to the result.

use mysfits_domain::catalogue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{
    ATLANTIS, CONFIGURED, TestPage, address, document, mock_fetch, mock_service, pause, requests, run,
    settle, wait_for_address,
};

/// A recommendation with its explanation: seven votes for Atlantis, two for Evangeline, one for Cole.
fn explained() -> String {
    let [evangeline, cole] = [0, 10].map(|label| catalogue()[label].id);
    let neighbours =
        [8, 8, 8, 8, 0, 8, 8, 0, 8, 10].map(|label| format!("\"{}\"", catalogue()[label].id)).join(",");
    format!(
        r#"{{"recommendedMysfit":"{ATLANTIS}","explanation":{{"backend":"model","k":10,"votes":[
        {{"mysfit":"{ATLANTIS}","count":7}},{{"mysfit":"{evangeline}","count":2}},{{"mysfit":"{cole}","count":1}}],
        "distances":[0.0,0.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.4142135],"neighbours":[{neighbours}]}}}}"#
    )
}

#[wasm_bindgen_test]
async fn sends_the_answers_and_shows_the_mysfit_with_the_explanation() {
    mock_service(200, &explained());
    let page = TestPage::home().await;
    page.submit([1, 2, 3, 4, 5]).await;
    assert_eq!(
        requests(),
        [r#"POST https://api.example/recommendations {"entry":[1,2,3,4,5],"explain":true}"#]
    );
    let result = "[data-testid=result]";
    assert_eq!(page.attribute(result, "data-mysfit-id"), ATLANTIS);
    assert_eq!(page.attribute(result, "data-slug"), "atlantis");
    assert_eq!(page.attribute(result, "data-source"), "neighbours");
    assert_eq!(page.text("[data-testid=result] h3"), "Your mysfit is Atlantis");
    assert!(page.text("[data-testid=sure]").starts_with("7 of your 10 nearest neighbours chose Atlantis."));
    assert_eq!(
        page.text("[data-testid=near]"),
        "Of them, 2 gave exactly your answers, 7 differed in one answer, 1 differed in two."
    );
    assert_eq!(page.text("[data-testid=second]"), "Second: Evangeline.");
    let picture = page.attribute("[data-testid=map] [role=img]", "aria-label");
    assert!(picture.ends_with("Evangeline 1.0, Atlantis 1.0, Cole 1.4"), "{picture}");
    let votes = page.text("[data-testid=votes]");
    assert_eq!(votes, "Atlantis7 votesEvangeline2 votesCole1 vote");
    assert_eq!(page.attribute("[data-testid=winner] .full", "width"), "70");
    assert_eq!(page.attribute("[data-testid=runner-up] .full", "width"), "20");
    page.click("[data-testid=start-over]").await;
    assert_eq!(page.text("[data-testid=progress]"), "0 of 5 answered");
    assert_eq!((page.current_question().as_str(), address().as_str()), ("age", "/#quiz=00000"));
}

#[wasm_bindgen_test]
async fn opens_the_profile_of_a_runner_up_over_the_result() {
    mock_service(200, &explained());
    let page = TestPage::home().await;
    page.submit([1, 2, 3, 4, 5]).await;
    page.click("[data-testid=runner-up] a").await;
    assert!(page.has("[data-testid=profile][open]") && page.has("[data-testid=quiz][open]"));
    assert_eq!(address(), "/mysfits/evangeline/");
    page.click("[data-testid=profile] [data-testid=close]").await;
    wait_for_address("/#quiz=12345").await;
    assert!(page.has("[data-testid=quiz][open] [data-testid=result]"));
    assert_eq!(address(), "/#quiz=12345");
}

/// The table of these tests has Cole for every entry.
#[wasm_bindgen_test]
async fn another_answer_leads_to_the_result_that_it_would_bring() {
    mock_service(200, &explained());
    let page = TestPage::home().await;
    page.submit([1, 2, 3, 4, 5]).await;
    let others = "[data-testid=what-if] li:nth-child(3) [data-testid=alternative]";
    let option = mysfits_domain::questionnaire()[2].options[1].en;
    assert_eq!(page.text(others), format!("Cole {option}"));
    assert_eq!(page.attribute(others, "data-result"), "12245");
    page.click(others).await;
    wait_for_address("/#quiz=12245").await;
}

#[wasm_bindgen_test]
async fn a_recommendation_without_an_explanation_says_so() {
    mock_service(200, &format!("{{\"recommendedMysfit\":\"{ATLANTIS}\"}}"));
    let page = TestPage::home().await;
    page.submit([1, 2, 3, 4, 5]).await;
    assert_eq!(page.attribute("[data-testid=result]", "data-source"), "service");
    assert_eq!(page.text("[data-testid=reason]"), "The service did not tell us how the neighbours voted.");
}

#[wasm_bindgen_test]
async fn a_skipped_question_is_marked_and_nothing_is_sent() {
    mock_service(200, "{}");
    let page = TestPage::home().await;
    page.click("[data-testid=recommend]").await;
    page.click("#age-1").await;
    page.click("[data-testid=next]").await;
    assert_eq!(page.current_question(), "occupation");
    page.click("[data-testid=next]").await;
    assert_eq!(page.current_question(), "occupation");
    assert_eq!(page.text("[data-testid=progress]"), "Choose an answer to go on.");
    assert!(page.has("#question-occupation[data-skipped]"));
    page.click("#occupation-3").await;
    assert!(!page.has("[data-skipped]"));
    assert_eq!(requests(), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn answers_can_be_reviewed_and_changed_before_they_are_sent() {
    mock_service(200, &explained());
    let page = TestPage::home().await;
    page.click("[data-testid=recommend]").await;
    page.answer([1, 2, 3, 4, 5]).await;
    assert!(!page.find("[data-testid=review]").hidden());
    assert_eq!(requests(), Vec::<String>::new());
    let given = mysfits_domain::questionnaire()[2].options[2].en;
    assert!(page.text("[data-testid=review]").contains(given));
    page.click("[data-testid=review] li:nth-child(3) [data-testid=edit]").await;
    assert_eq!(page.current_question(), "relaxation");
    page.click("#relaxation-8").await;
    page.click("[data-testid=next]").await;
    assert!(!page.find("[data-testid=review]").hidden(), "a changed answer leads back to the review");
    page.click("[data-testid=previous]").await;
    assert_eq!(page.current_question(), mysfits_domain::FEATURES[4]);
    page.click("[data-testid=next]").await;
    page.click("[data-testid=submit]").await;
    settle().await;
    assert!(requests()[0].contains("[1,2,8,4,5]"), "{:?}", requests());
}

#[wasm_bindgen_test]
async fn advances_automatically_after_a_pointer_but_not_after_a_key() {
    mock_service(200, "{}");
    let page = TestPage::home().await;
    page.click("[data-testid=recommend]").await;
    page.click("#age-4").await;
    pause(700).await;
    assert_eq!(page.current_question(), "age", "an arrow key does not advance");
    run("document.querySelector('#age-5').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))");
    page.click("#age-5").await;
    assert_eq!(page.current_question(), "age", "the answer stays visible for a moment");
    pause(700).await;
    assert_eq!(page.current_question(), "occupation");
}

#[wasm_bindgen_test]
async fn the_focus_moves_to_the_question() {
    mock_service(200, &explained());
    let focused = || document().active_element().map(|element| element.id()).unwrap_or_default();
    let page = TestPage::home().await;
    page.click("[data-testid=recommend]").await;
    assert_eq!(focused(), "age-1", "not the close button");
    page.click("[data-testid=next]").await;
    assert_eq!(focused(), "age-1", "the question without an answer");
    assert_eq!(
        page.attribute("#question-age", "aria-describedby"),
        page.attribute("[data-testid=progress]", "id")
    );
    page.click("#age-2").await;
    page.click("[data-testid=next]").await;
    assert!(!page.has("[aria-invalid], [aria-describedby=quiz-status]"));
    assert_eq!(focused(), "occupation-1");
    page.click("[data-testid=previous]").await;
    assert_eq!(focused(), "age-2", "the selected answer");
}

#[wasm_bindgen_test]
async fn the_address_has_the_answers_and_closing_keeps_them() {
    mock_service(200, "{}");
    let page = TestPage::home().await;
    page.click("[data-testid=recommend]").await;
    assert_eq!(address(), "/#quiz=00000");
    page.click("#age-7").await;
    page.click("[data-testid=next]").await;
    page.click("#occupation-8").await;
    assert_eq!(address(), "/#quiz=78000");
    page.click("[data-testid=quiz] [data-testid=close]").await;
    wait_for_address("/").await;
    assert_eq!(address(), "/");
    page.click("[data-testid=recommend]").await;
    assert_eq!(address(), "/#quiz=78000");
}

#[wasm_bindgen_test]
async fn a_link_with_answers_opens_the_first_unanswered_question() {
    mock_service(200, "{}");
    let page = TestPage::at("/#quiz=78000").await;
    assert!(page.has("[data-testid=quiz][open]") && page.has("#age-7:checked"));
    assert_eq!(page.current_question(), "relaxation");
}

#[wasm_bindgen_test]
async fn a_link_with_all_answers_opens_the_result() {
    mock_service(200, &explained());
    let page = TestPage::at("/#quiz=78123").await;
    settle().await;
    assert!(requests()[0].contains("[7,8,1,2,3]"), "{:?}", requests());
    assert!(page.has("[data-testid=quiz][open] [data-testid=result]"));
    page.click("[data-testid=result] [data-testid=back]").await;
    assert!(!page.find("[data-testid=review]").hidden());
    run("history.back()");
    pause(300).await;
    assert!(page.has("[data-testid=result]"));
}

#[wasm_bindgen_test]
async fn each_question_has_an_entry_in_the_history() {
    mock_service(200, "{}");
    let page = TestPage::home().await;
    page.click("[data-testid=recommend]").await;
    page.click("#age-3").await;
    page.click("[data-testid=next]").await;
    page.click("#occupation-3").await;
    page.click("[data-testid=next]").await;
    assert_eq!(page.current_question(), "relaxation");
    for question in ["occupation", "age"] {
        run("history.back()");
        pause(300).await;
        assert_eq!((page.current_question().as_str(), address().as_str()), (question, "/#quiz=33000"));
    }
    run("history.back()");
    wait_for_address("/").await;
    assert!(!page.has("[data-testid=quiz][open]"), "back on the first question closes");
}

#[wasm_bindgen_test]
async fn digits_choose_answers() {
    mock_service(200, "{}");
    let press = |key: &str, more: &str| {
        run(&format!(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true {more} }}))"
        ));
    };
    let page = TestPage::home().await;
    press("4", "");
    page.click("[data-testid=recommend]").await;
    press("4", ", ctrlKey: true");
    press("9", "");
    settle().await;
    assert_eq!(address(), "/#quiz=00000");
    press("4", "");
    pause(700).await;
    assert_eq!((page.current_question().as_str(), address().as_str()), ("occupation", "/#quiz=40000"));
    press("Escape", "");
    wait_for_address("/").await;
    assert!(!page.has("[data-testid=quiz][open]"));
}

#[wasm_bindgen_test]
async fn ignores_a_late_response_to_an_abandoned_request() {
    let response = format!(
        "new Promise(done => setTimeout(() => done(new Response({:?}, {{ status: 200 }})), 1500))",
        explained()
    );
    mock_fetch(CONFIGURED, true, &response);
    let page = TestPage::home().await;
    page.submit([1, 2, 3, 4, 5]).await;
    assert!(page.has("[data-testid=waiting]"));
    page.click("[data-testid=waiting] [data-testid=back]").await;
    pause(2000).await;
    assert!(!page.has("[data-testid=result]"));
    assert!(!page.find("[data-testid=review]").hidden());
}
