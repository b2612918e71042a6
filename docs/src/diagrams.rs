//! The guide's diagrams as Mermaid. Numbers and names in them come from the code that they are about.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_data::{DEFAULT_K, DEFAULT_ROWS, DEFAULT_SAMPLE_SIZE, DEFAULT_SEED, train_rows};
use mysfits_domain::{Entry, Locale, MYSFIT_COUNT, OPTION_COUNT, QUESTION_COUNT, catalogue};
use mysfits_infra::{Stack, recommendations, sagemaker};

/// The label of the workshop's data point.
const LABEL: usize = 8;

/// Returns a diagram's Mermaid source.
///
/// # Errors
/// If the name is unknown, or the deployer's stages are not those of the diagram.
pub fn diagram(name: &str, locale: Locale) -> Result<String> {
    match name {
        "request" => Ok(request(locale)),
        "messages" => Ok(messages(locale)),
        "data" => Ok(data(locale)),
        "stacks" => stacks(locale),
        "deploy" => deploy(locale),
        _ => bail!("unknown diagram {name:?}"),
    }
}

/// Returns the path of a request, in AWS and on one machine.
fn request(locale: Locale) -> String {
    let entries = grouped(Entry::COUNT);
    match locale {
        Locale::En => format!(
            r#"flowchart LR
    browser["Browser<br/>five answers, 1 to 8 each"]
    subgraph aws["In AWS"]
        gateway["API Gateway<br/>validates the body, throttles,<br/>answers preflight requests"]
        function["Lambda function<br/>the router of mysfits-api"]
        endpoint["SageMaker endpoint<br/>k nearest neighbours"]
        table[("Decision table<br/>{entries} answers")]
    end
    subgraph local["On your machine: one process, cargo xtask dev"]
        server["mysfits-server<br/>limits time, concurrency and size;<br/>metrics"]
        router["The same router"]
        local_endpoint["Endpoint on the same port<br/>SageMaker's formats"]
        local_table[("Decision table<br/>used by default")]
    end
    browser --> gateway --> function
    function --> endpoint
    function --> table
    browser --> server --> router
    router --> local_endpoint
    router --> local_table
"#
        ),
        Locale::Ko => format!(
            r#"flowchart LR
    browser["브라우저<br/>답 다섯 개, 각각 1에서 8"]
    subgraph aws["AWS에서"]
        gateway["API Gateway<br/>본문 검증, 속도 제한,<br/>사전 요청에 응답"]
        function["Lambda 함수<br/>mysfits-api의 라우터"]
        endpoint["SageMaker 엔드포인트<br/>k-최근접 이웃"]
        table[("결정 테이블<br/>답 {entries}개")]
    end
    subgraph local["내 컴퓨터에서: 프로세스 하나, cargo xtask dev"]
        server["mysfits-server<br/>시간, 동시 요청 수, 크기 제한;<br/>지표"]
        router["같은 라우터"]
        local_endpoint["같은 포트의 엔드포인트<br/>SageMaker의 형식"]
        local_table[("결정 테이블<br/>기본값")]
    end
    browser --> gateway --> function
    function --> endpoint
    function --> table
    browser --> server --> router
    router --> local_endpoint
    router --> local_table
"#
        ),
    }
}

/// Returns the messages of a request, with the workshop's data point.
fn messages(locale: Locale) -> String {
    let mysfit = &catalogue()[LABEL];
    let (browser, endpoint) = match locale {
        Locale::En => ("Browser", "Endpoint"),
        Locale::Ko => ("브라우저", "엔드포인트"),
    };
    format!(
        r#"sequenceDiagram
    participant browser as {browser}
    participant api as API
    participant endpoint as {endpoint}
    browser->>api: POST /recommendations {{"entry": [1,2,3,4,5]}}
    api->>endpoint: application/jsonlines {{"features": [1, 2, 3, 4, 5]}}
    endpoint->>api: {{"predictions": [{{"predicted_label": {}.0}}]}}
    api->>browser: {{"recommendedMysfit":"{}"}}
"#,
        mysfit.label.get(),
        mysfit.id
    )
}

/// Returns the flow of data: from three files to a page.
fn data(locale: Locale) -> String {
    let (rows, kept) = (grouped(DEFAULT_ROWS), grouped(DEFAULT_SAMPLE_SIZE));
    let n_trained = train_rows(DEFAULT_ROWS);
    let (trained, held_out) = (grouped(n_trained), grouped(DEFAULT_ROWS - n_trained));
    let entries = grouped(Entry::COUNT);
    match locale {
        Locale::En => format!(
            r#"flowchart LR
    questionnaire[("questionnaire.json<br/>{QUESTION_COUNT} questions, {OPTION_COUNT} options each")]
    mysfits[("mysfits.json<br/>{MYSFIT_COUNT} labels, by position")]
    prototypes[("prototypes.json<br/>typical answers for each mysfit")]
    survey["Survey<br/>{rows} rows, seed {DEFAULT_SEED}"]
    test["Test rows<br/>{held_out}"]
    model["Model: k-NN<br/>{kept} of {trained} rows are kept,<br/>{DEFAULT_K} neighbours vote"]
    accuracy["Accuracy<br/>beside the exact ceiling"]
    artifact[("model.tar.gz<br/>SageMaker's layout")]
    table[("Decision table<br/>{entries} entries")]
    endpoint["Endpoint<br/>SageMaker's or the local one"]
    api["API<br/>one router, two hosts"]
    page["Page"]
    questionnaire & mysfits & prototypes --> survey
    survey --> test & model
    test & model --> accuracy
    model --> artifact & table
    artifact --> endpoint --> api
    table --> api --> page
"#
        ),
        Locale::Ko => format!(
            r#"flowchart LR
    questionnaire[("questionnaire.json<br/>질문 {QUESTION_COUNT}개, 선택지 {OPTION_COUNT}개씩")]
    mysfits[("mysfits.json<br/>레이블 {MYSFIT_COUNT}개, 순서대로")]
    prototypes[("prototypes.json<br/>미스핏마다 전형적인 응답")]
    survey["설문<br/>{rows}행, 시드 {DEFAULT_SEED}"]
    test["테스트 행<br/>{held_out}행"]
    model["모델: k-NN<br/>{trained}행 가운데 {kept}행을 보관,<br/>이웃 {DEFAULT_K}명이 투표"]
    accuracy["정확도<br/>정확한 상한과 나란히"]
    artifact[("model.tar.gz<br/>SageMaker의 형식")]
    table[("결정 테이블<br/>응답 {entries}개")]
    endpoint["엔드포인트<br/>SageMaker 또는 로컬"]
    api["API<br/>라우터 하나, 호스트 둘"]
    page["페이지"]
    questionnaire & mysfits & prototypes --> survey
    survey --> test & model
    test & model --> accuracy
    model --> artifact & table
    artifact --> endpoint --> api
    table --> api --> page
"#
        ),
    }
}

/// Returns the resources of each stack, from the templates, and the outputs that become parameters.
fn stacks(locale: Locale) -> Result<String> {
    let optional = match locale {
        Locale::En => "optional",
        Locale::Ko => "선택",
    };
    let mut text = "flowchart LR\n".to_owned();
    for (number, stack) in Stack::ALL.into_iter().enumerate() {
        let template = stack.template();
        let resources = template.resources().map(|resource| {
            let service = resource.kind.split("::").nth(1).unwrap_or(resource.kind);
            let optional = resource.condition.map_or_else(String::new, |_| format!(", {optional}"));
            format!("{} ({service}{optional})", without_hash(resource.logical_id))
        });
        let list = resources.collect::<Vec<_>>().join("<br/>");
        writeln!(text, "    subgraph stack{number}[\"{}\"]", stack.name())?;
        writeln!(text, "        resources{number}[\"{list}\"]\n    end")?;
    }
    for (number, output) in
        [sagemaker::output::ENDPOINT_NAME, recommendations::output::RECOMMENDATIONS_API_ENDPOINT]
            .into_iter()
            .enumerate()
    {
        writeln!(text, "    stack{number} -- {output} --> stack{}", number + 1)?;
    }
    Ok(text)
}

/// Returns a logical id without the hash of a deployment of the API.
fn without_hash(logical_id: &str) -> String {
    let name = logical_id.trim_end_matches(|c: char| c.is_ascii_digit() || ('a'..='f').contains(&c));
    if logical_id.len() - name.len() >= 12 { format!("{name}…") } else { logical_id.to_owned() }
}

/// A stage, what happens in it, and whether it happens each time.
type DeploymentStage = (&'static str, [&'static str; 2], bool);

const DEPLOY: [DeploymentStage; 12] = [
    ("plan", ["change sets, cost, confirmation", "변경 세트, 비용, 확인 질문"], true),
    ("artifact-bucket", ["the bucket for packages", "패키지를 올릴 버킷"], true),
    ("upload-function", ["a zip, named by its hash", "해시를 이름으로 쓰는 zip"], true),
    ("stack-sagemaker", ["bucket, notebook, repository", "버킷, 노트북, 저장소"], true),
    ("upload-model", ["the model of the package", "패키지 안의 모델"], false),
    ("train", ["or a training job makes it", "또는 학습 작업이 만든 모델"], false),
    ("stack-sagemaker-endpoint", ["model, endpoint", "모델, 엔드포인트"], false),
    ("stack-recommendations", ["function, API, alarms", "함수, API, 경보"], true),
    ("stack-website", ["bucket, CloudFront", "버킷, CloudFront"], true),
    ("upload-site", ["hashed files first", "해시 붙은 파일부터"], true),
    ("invalidate", ["if a page changed", "페이지가 바뀌었을 때만"], true),
    ("smoke-test", ["the workshop's request", "워크숍의 요청"], true),
];

const DESTROY: [DeploymentStage; 6] = [
    ("stop-training", ["running jobs", "실행 중인 학습 작업"], false),
    ("remove-{}", ["the stacks, the last one first", "스택, 마지막 것부터"], true),
    ("remove-endpoints", ["created outside of stacks", "스택 밖에서 만든 것"], true),
    ("remove-logs", ["SageMaker's logs", "SageMaker가 남긴 로그"], true),
    ("remove-buckets", ["the artifact bucket last", "아티팩트 버킷을 마지막으로"], true),
    ("search", ["by stack, name and tag", "스택, 이름, 태그로 검색"], true),
];

/// Returns the stages of a deployment and of a removal. Rounded boxes are stages that run only if they are needed.
fn deploy(locale: Locale) -> Result<String> {
    check_stages(&["planning.rs", "deploy.rs"], &DEPLOY)?;
    check_stages(&["destroy.rs"], &DESTROY)?;
    let mut text = "flowchart TD\n".to_owned();
    for (command, stages) in [("deploy", &DEPLOY[..]), ("destroy", &DESTROY)] {
        writeln!(text, "    subgraph {command}[\"cargo xtask {command}\"]")?;
        for (number, (name, words, is_always)) in stages.iter().enumerate() {
            let name = name.replace("{}", "stack-…");
            let words = match locale {
                Locale::En => words[0],
                Locale::Ko => words[1],
            };
            let (open, close) = if *is_always { ("[", "]") } else { ("([", "])") };
            writeln!(text, "        {command}{number}{open}\"{name}: {words}\"{close}")?;
        }
        let chain: Vec<_> = (0..stages.len()).map(|number| format!("{command}{number}")).collect();
        writeln!(text, "        {}\n    end", chain.join(" --> "))?;
    }
    Ok(text)
}

/// Checks that the stages of a diagram are those that the deployer's source announces.
fn check_stages(files: &[&str], drawn: &[DeploymentStage]) -> Result<()> {
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

/// Returns a number with commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_thousands() {
        assert_eq!([7, 1_000, 32_768, 1_000_000].map(grouped), ["7", "1,000", "32,768", "1,000,000"]);
    }

    #[test]
    fn both_languages_have_the_same_nodes_and_arrows() {
        // Without the labels, which are in quotes or behind the name of a participant.
        let shape = |text: &str| -> Vec<String> {
            let line = |line: &str| line.split('"').step_by(2).collect::<Vec<_>>().join("\"");
            text.lines().filter(|line| !line.contains(" as ")).map(line).collect()
        };
        for name in ["request", "messages", "data", "stacks", "deploy"] {
            let [english, korean] = Locale::ALL.map(|locale| shape(&diagram(name, locale).unwrap()));
            assert_eq!(english, korean, "{name}");
        }
    }
}
