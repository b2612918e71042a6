//! The data's flow: from three files to a page, by way of a survey, a model, an artifact and a table.

use mysfits_data::{DEFAULT_K, DEFAULT_ROWS, DEFAULT_SAMPLE_SIZE, DEFAULT_SEED, n_train};
use mysfits_domain::{Entry, MYSFIT_COUNT, OPTION_COUNT, QUESTION_COUNT};

use super::grouped;
use crate::draw::{Picture, Style, Tone, Words, area};

/// Draws it.
pub fn draw() -> Picture {
    let mut picture = Picture::new(("Data flows one way", "한 방향으로 흐르는 데이터"), 860.0, 410.0);
    let (rows, kept) = (grouped(DEFAULT_ROWS), grouped(DEFAULT_SAMPLE_SIZE));
    let n_trained = n_train(DEFAULT_ROWS);
    let (trained, held_out, entries) =
        (grouped(n_trained), grouped(DEFAULT_ROWS - n_trained), grouped(Entry::COUNT));
    let code = |name: &str| (Style::CodeName, Words::from(name));
    let name = |en: &str, ko: &str| (Style::Name, Words::from((en, ko)));

    let questionnaire = area(20.0, 20.0, 190.0, 62.0);
    let text = (
        format!("{QUESTION_COUNT} questions, {OPTION_COUNT} options each"),
        format!("질문 {QUESTION_COUNT}개, 선택지 {OPTION_COUNT}개씩"),
    );
    picture.card(questionnaire, Tone::Data, code("questionnaire.json"), vec![text.into()]);
    let mysfits = area(20.0, 104.0, 190.0, 62.0);
    let text = (format!("{MYSFIT_COUNT} labels, by position"), format!("레이블 {MYSFIT_COUNT}개, 순서대로"));
    picture.card(mysfits, Tone::Data, code("mysfits.json"), vec![text.into()]);
    let prototypes = area(20.0, 188.0, 190.0, 62.0);
    let text = ("whom each mysfit suits", "미스핏마다 가장 어울리는 응답");
    picture.card(prototypes, Tone::Data, code("prototypes.json"), vec![text.into()]);

    let survey = area(250.0, 93.0, 170.0, 84.0);
    let lines = vec![
        (format!("{rows} rows, seed {DEFAULT_SEED}"), format!("{rows}행, 시드 {DEFAULT_SEED}")).into(),
        ("five answers, a favourite", "답 다섯 개와 미스핏").into(),
    ];
    picture.card(survey, Tone::Data, name("survey", "설문"), lines);
    for (card, down) in [(questionnaire, 0.25), (mysfits, 0.5), (prototypes, 0.75)] {
        let (from, to) = (card.at(1.0, 0.5), survey.at(0.0, down));
        picture.arrow(&[from, (230.0, from.1), (230.0, to.1), to]);
    }

    let held_out_rows = area(460.0, 20.0, 170.0, 62.0);
    let lines = vec![(format!("{held_out} rows"), format!("{held_out}행")).into()];
    picture.card(held_out_rows, Tone::Data, name("held out, to test", "테스트용으로 남긴 행"), lines);
    let model = area(460.0, 104.0, 170.0, 84.0);
    let lines = vec![
        (format!("of {trained} rows"), format!("{trained}행 가운데")).into(),
        (format!("{kept} are kept"), format!("{kept}행을 보관")).into(),
        (format!("{DEFAULT_K} neighbours vote"), format!("이웃 {DEFAULT_K}명이 투표")).into(),
    ];
    picture.card(model, Tone::Code, name("model: k-NN", "모델: k-NN"), lines);
    picture.arrow(&[
        survey.at(1.0, 0.3),
        (440.0, survey.at(1.0, 0.3).1),
        (440.0, 51.0),
        held_out_rows.at(0.0, 0.5),
    ]);
    picture.arrow(&[survey.at(1.0, 0.7), (440.0, survey.at(1.0, 0.7).1), (440.0, 146.0), model.at(0.0, 0.5)]);

    let accuracy = area(670.0, 20.0, 170.0, 62.0);
    let lines = vec![("beside the exact ceiling", "정확한 상한과 나란히").into()];
    picture.card(accuracy, Tone::Code, name("accuracy", "정확도"), lines);
    let artifact = area(670.0, 104.0, 170.0, 62.0);
    picture.card(
        artifact,
        Tone::Data,
        code("model.tar.gz"),
        vec![("SageMaker's layout", "SageMaker의 형식").into()],
    );
    let table = area(670.0, 188.0, 170.0, 62.0);
    let lines = vec![(format!("{entries} entries"), format!("응답 {entries}개 전부")).into()];
    picture.card(table, Tone::Data, name("decision table", "결정 테이블"), lines);
    picture.arrow(&[held_out_rows.at(1.0, 0.5), accuracy.at(0.0, 0.5)]);
    picture.arrow(&[model.at(1.0, 0.37), artifact.at(0.0, 0.5)]);
    picture.arrow(&[model.at(1.0, 0.75), (650.0, model.at(1.0, 0.75).1), (650.0, 219.0), table.at(0.0, 0.5)]);
    picture.arrow(&[model.at(0.75, 0.0), (model.at(0.75, 0.0).0, 93.0), (690.0, 93.0), (690.0, 82.0)]);

    let endpoint = area(670.0, 316.0, 170.0, 68.0);
    let lines = vec![("of SageMaker, or ours", "SageMaker 또는 우리 것").into()];
    picture.card(endpoint, Tone::Cloud, name("endpoint", "엔드포인트"), lines);
    let api = area(460.0, 316.0, 170.0, 68.0);
    let lines = vec![("one router, two hosts", "라우터 하나, 호스트 둘").into()];
    picture.card(api, Tone::Code, name("API", "API"), lines);
    let page = area(250.0, 316.0, 170.0, 68.0);
    let lines = vec![("asks, and explains", "묻고, 이유를 설명함").into()];
    picture.card(page, Tone::Code, name("page", "페이지"), lines);
    let visitor = area(20.0, 316.0, 190.0, 68.0);
    let lines = vec![("meets a mysfit", "미스핏을 만남").into()];
    picture.card(visitor, Tone::Person, name("visitor", "방문자"), lines);
    picture.arrow(&[artifact.at(1.0, 0.5), (850.0, 135.0), (850.0, 350.0), (841.0, 350.0)]);
    picture.arrow(&[endpoint.at(0.0, 0.5), api.at(1.0, 0.5)]);
    picture.arrow(&[table.at(0.5, 1.0), (table.at(0.5, 1.0).0, 284.0), (545.0, 284.0), api.at(0.5, 0.0)]);
    picture.arrow(&[api.at(0.0, 0.5), page.at(1.0, 0.5)]);
    picture.arrow(&[page.at(0.0, 0.5), visitor.at(1.0, 0.5)]);
    picture
}
