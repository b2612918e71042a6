//! The way of one request: from a browser to a label and back, in AWS and on one machine.

use mysfits_domain::{Entry, catalogue};

use super::grouped;
use crate::draw::{Anchor, Picture, Style, Tone, area};

/// The label of the workshop's data point.
const LABEL: usize = 8;

/// Draws it.
pub fn draw() -> Picture {
    let title = ("The way of one request", "요청 하나가 지나는 길");
    let mut picture = Picture::new(title, 860.0, 500.0);
    let n_entries = grouped(Entry::COUNT);

    let browser = area(20.0, 150.0, 130.0, 84.0);
    let name = (Style::Name, ("Browser", "브라우저").into());
    let lines = vec![("five answers,", "답 다섯 개,").into(), ("one to eight each", "각각 1에서 8").into()];
    picture.card(browser, Tone::Person, name, lines);

    picture.frame(area(190.0, 18.0, 650.0, 164.0), ("In AWS", "AWS에서"));
    let gateway = area(210.0, 62.0, 150.0, 92.0);
    let name = (Style::Name, "API Gateway".into());
    let lines = vec![
        ("checks the body,", "본문을 검사하고").into(),
        ("throttles, answers", "속도를 제한하며").into(),
        ("preflights", "사전 요청에 답함").into(),
    ];
    picture.card(gateway, Tone::Cloud, name, lines);
    let function = area(405.0, 62.0, 180.0, 92.0);
    let name = (Style::Name, ("Lambda function", "Lambda 함수").into());
    let lines = vec![
        ("mysfits-api's router:", "mysfits-api의 라우터:").into(),
        ("entry, Recommender,", "응답, Recommender,").into(),
        ("or a problem in words", "또는 오류 설명").into(),
    ];
    picture.card(function, Tone::Code, name, lines);
    let endpoint = area(640.0, 40.0, 182.0, 60.0);
    let name = (Style::Name, ("SageMaker endpoint", "SageMaker 엔드포인트").into());
    picture.card(endpoint, Tone::Cloud, name, vec![("k nearest neighbours", "k-최근접 이웃").into()]);
    let table = area(640.0, 112.0, 182.0, 60.0);
    let name = (Style::Name, ("decision table", "결정 테이블").into());
    let lines = vec![(format!("{n_entries} answers"), format!("답 {n_entries}개")).into()];
    picture.card(table, Tone::Data, name, lines);
    picture.arrow(&[browser.at(1.0, 0.3), (170.0, browser.at(1.0, 0.3).1), (170.0, 108.0), (209.0, 108.0)]);
    picture.arrow(&[gateway.at(1.0, 0.5), function.at(0.0, 0.5)]);
    picture.arrow(&[
        function.at(1.0, 0.3),
        (612.0, function.at(1.0, 0.3).1),
        (612.0, 70.0),
        endpoint.at(0.0, 0.5),
    ]);
    picture.arrow(&[
        function.at(1.0, 0.7),
        (612.0, function.at(1.0, 0.7).1),
        (612.0, 142.0),
        table.at(0.0, 0.5),
    ]);

    let heading =
        ("On your machine: one process, cargo xtask dev", "내 컴퓨터에서: 프로세스 하나, cargo xtask dev");
    picture.frame(area(190.0, 200.0, 650.0, 150.0), heading);
    let server = area(210.0, 240.0, 150.0, 92.0);
    let name = (Style::Name, "mysfits-server".into());
    let lines = vec![
        ("bounds time, number", "시간, 동시 요청 수,").into(),
        ("and size; counts", "크기를 제한하고").into(),
        ("(/metrics)", "집계함(/metrics)").into(),
    ];
    picture.card(server, Tone::Code, name, lines);
    let router = area(405.0, 240.0, 180.0, 92.0);
    let name = (Style::Name, ("the same router", "같은 라우터").into());
    let lines =
        vec![("the very code that", "Lambda에서 실행되는").into(), ("runs on Lambda", "바로 그 코드").into()];
    picture.card(router, Tone::Code, name, lines);
    let local = area(640.0, 222.0, 182.0, 60.0);
    let name = (Style::Name, ("endpoint, same port", "엔드포인트, 같은 포트").into());
    picture.card(local, Tone::Code, name, vec![("SageMaker's formats", "SageMaker의 형식 그대로").into()]);
    let local_table = area(640.0, 290.0, 182.0, 50.0);
    let name = (Style::Name, ("decision table", "결정 테이블").into());
    picture.card(local_table, Tone::Data, name, vec![("answers by default", "기본으로 답하는 곳").into()]);
    picture.arrow(&[browser.at(1.0, 0.7), (170.0, browser.at(1.0, 0.7).1), (170.0, 286.0), (209.0, 286.0)]);
    picture.arrow(&[server.at(1.0, 0.5), router.at(0.0, 0.5)]);
    picture.arrow(&[router.at(1.0, 0.3), (612.0, router.at(1.0, 0.3).1), (612.0, 252.0), local.at(0.0, 0.5)]);
    picture.arrow(&[
        router.at(1.0, 0.7),
        (612.0, router.at(1.0, 0.7).1),
        (612.0, 315.0),
        local_table.at(0.0, 0.5),
    ]);

    let mysfit = &catalogue()[LABEL];
    let rows = [
        (
            ("browser to API", "브라우저에서 API로"),
            r#"POST /recommendations  {"entry": [1,2,3,4,5]}"#.to_owned(),
        ),
        (
            ("API to endpoint", "API에서 엔드포인트로"),
            r#"application/jsonlines  {"features": [1, 2, 3, 4, 5]}"#.to_owned(),
        ),
        (
            ("endpoint to API", "엔드포인트에서 API로"),
            format!(r#"{{"predictions": [{{"predicted_label": {}.0}}]}}"#, mysfit.label.get()),
        ),
        (("API to browser", "API에서 브라우저로"), format!(r#"{{"recommendedMysfit":"{}"}}"#, mysfit.id)),
    ];
    for ((from, code), down) in rows.into_iter().zip([388.0, 414.0, 440.0, 466.0]) {
        picture.text((24.0, down), Anchor::Start, Style::Line, from, 160.0);
        picture.text((190.0, down), Anchor::Start, Style::CodeLine, code, 640.0);
    }
    picture
}
