//! The stages of a deployment and of a removal, in their order; that they are those of the deployer is checked against
//! its source.

use std::{collections::BTreeSet, fs};

use anyhow::{Context as _, Result, ensure};

use crate::draw::{Anchor, Picture, Style, Words, area};

/// A stage, what happens in it, and whether it happens each time.
type Stage = (&'static str, (&'static str, &'static str), bool);

const DEPLOY: [Stage; 12] = [
    ("plan", ("change sets, cost, a question", "변경 세트, 비용, 확인 질문"), true),
    ("artifact-bucket", ("where packages are put", "패키지를 올릴 버킷"), true),
    ("upload-function", ("a zip, named by its hash", "해시를 이름으로 쓰는 zip"), true),
    ("stack-sagemaker", ("bucket, notebook, repository", "버킷, 노트북, 저장소"), true),
    ("upload-model", ("the model of the package", "패키지 안의 모델"), false),
    ("train", ("or a training job makes it", "또는 학습 작업이 만든 모델"), false),
    ("stack-sagemaker-endpoint", ("model, endpoint", "모델, 엔드포인트"), false),
    ("stack-recommendations", ("function, API, alarms", "함수, API, 경보"), true),
    ("stack-website", ("bucket, CloudFront", "버킷, CloudFront"), true),
    ("upload-site", ("hashed files first", "해시 붙은 파일부터"), true),
    ("invalidate", ("only if a page changed", "페이지가 바뀌었을 때만"), true),
    ("smoke-test", ("the workshop's request", "워크숍의 요청"), true),
];

const DESTROY: [Stage; 6] = [
    ("stop-training", ("jobs that are at work", "실행 중인 학습 작업"), false),
    ("remove-{}", ("the stacks, the last one first", "스택, 마지막 것부터"), true),
    ("remove-endpoints", ("what stacks do not know of", "스택이 모르는 것"), true),
    ("remove-logs", ("what SageMaker wrote", "SageMaker가 남긴 로그"), true),
    ("remove-buckets", ("the artifact bucket last", "아티팩트 버킷을 마지막으로"), true),
    ("search", ("by stack, name and tag", "스택, 이름, 태그로 검색"), true),
];

const ROW: f64 = 30.0;

/// Draws it.
pub fn draw() -> Result<Picture> {
    check(&["planning.rs", "deploy.rs"], &DEPLOY)?;
    check(&["destroy.rs"], &DESTROY)?;
    let height = 58.0 + DEPLOY.len() as f64 * ROW;
    let title = ("The stages of a deployment and of a removal", "배포와 삭제의 단계");
    let mut picture = Picture::new(title, 860.0, height + 32.0);
    list(&mut picture, 16.0, 440.0, 210.0, "cargo xtask deploy".into(), &DEPLOY);
    list(&mut picture, 472.0, 372.0, 150.0, "cargo xtask destroy".into(), &DESTROY);
    let notes: [Words; 4] = [
        ("Killed at any point, it can be run again:", "어느 단계에서 중단되어도 다시 실행할 수 있습니다.")
            .into(),
        ("each stage looks first at what is there.", "단계마다 무엇이 있는지부터 확인합니다.").into(),
        ("Full: each time.", "채워진 점: 항상 실행되는 단계").into(),
        ("Ring: only where it is needed.", "빈 점: 필요할 때만 실행되는 단계").into(),
    ];
    for (row, note) in notes.into_iter().enumerate() {
        let y = 290.0 + row as f64 * 24.0 + if row > 1 { 16.0 } else { 0.0 };
        picture.text((486.0, y), Anchor::Start, Style::Line, note, 350.0);
    }
    Ok(picture)
}

fn list(picture: &mut Picture, x: f64, width: f64, column: f64, heading: Words, stages: &[Stage]) {
    let height = 58.0 + stages.len() as f64 * ROW;
    picture.frame(area(x, 16.0, width, height - 8.0), heading);
    let y = |row: usize| 66.0 + row as f64 * ROW;
    picture.line((x + 22.0, y(0)), (x + 22.0, y(stages.len() - 1)));
    for (row, (name, what, is_always)) in stages.iter().enumerate() {
        picture.dot((x + 22.0, y(row)), *is_always);
        let name = name.replace("{}", "stack-…");
        picture.text((x + 36.0, y(row) + 4.0), Anchor::Start, Style::CodeLine, name, column);
        let room = width - column - 36.0;
        picture.text((x + 34.0 + column, y(row) + 4.0), Anchor::Start, Style::Line, *what, room);
    }
}

/// The stages of a diagram are those that the deployer's source announces.
fn check(files: &[&str], drawn: &[Stage]) -> Result<()> {
    let mut announced = BTreeSet::new();
    for file in files {
        let path = crate::root().join("crates/deploy/src").join(file);
        let source = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let names = source.split(".stage(").skip(1).filter_map(|rest| rest.split('"').nth(1));
        announced.extend(names.map(str::to_owned));
    }
    let drawn: BTreeSet<String> = drawn.iter().map(|(name, ..)| (*name).to_owned()).collect();
    ensure!(announced == drawn, "the deployer's stages are {announced:?}, the diagram's {drawn:?}");
    Ok(())
}
