//! The costs that the guide states, from `mysfits_infra::cost`.

use std::time::Duration;

use anyhow::{Context as _, Result};
use mysfits_domain::Locale;
use mysfits_infra::cost::{
    Choice, EndpointHosting, INSTANCE_HOUR, NOTEBOOK_GB, NOTEBOOK_HOUR, NOTEBOOK_VOLUME, PRICES_AS_OF,
    estimate,
};

/// For how long the guide lets an endpoint live.
const TTL: Duration = Duration::from_hours(2);

/// Returns the deployment of a name.
fn choice(name: &str) -> Option<Choice> {
    let with = |endpoint| Choice { endpoint, ..Choice::default() };
    Some(match name {
        // What `cargo xtask deploy` deploys.
        "embedded" => with(None),
        // The same with `--with-notebook`.
        "notebook" => Choice { has_notebook: true, ..with(None) },
        "instance" => with(Some(EndpointHosting::Instances { count: 1 })),
        "instance for 2h" => Choice { ttl: Some(TTL), ..with(Some(EndpointHosting::Instances { count: 1 })) },
        // The memory is the template's default.
        "serverless" => with(Some(EndpointHosting::Serverless { memory_mb: 2048 })),
        _ => return None,
    })
}

/// Returns the cost of a deployment as a line of the guide.
///
/// # Errors
/// If the name is unknown.
pub fn sentence(name: &str, locale: Locale) -> Result<String> {
    let choice = choice(name).with_context(|| format!("unknown cost {name:?}"))?;
    let estimate = estimate(&choice);
    let (idle, million) = (estimate.idle_usd(), estimate.per_million_usd());
    let (instance, notebook) = (INSTANCE_HOUR.usd, NOTEBOOK_HOUR.usd);
    let disk = NOTEBOOK_GB * NOTEBOOK_VOLUME.usd;
    let has_notebook = choice.has_notebook;
    let hourly = matches!(choice.endpoint, Some(EndpointHosting::Instances { .. }));
    Ok(match locale {
        Locale::En => {
            let hourly = if hourly {
                format!("; the endpoint's instance {instance:.3} USD an hour, used or not")
            } else {
                String::new()
            };
            let notebook = if has_notebook {
                format!(
                    " The notebook's disk is {disk:.2} USD of the month; while it runs, it is {notebook:.2} USD an hour more."
                )
            } else {
                String::new()
            };
            let until = choice.ttl.map_or("", |_| " (the endpoint is gone after two hours)");
            format!(
                "> **Cost**: {idle:.2} USD a month when idle{until}, and {million:.2} USD for a million \
                 recommendations{hourly}.{notebook} List prices of us-east-1, {PRICES_AS_OF}: an estimate, not a bill."
            )
        }
        Locale::Ko => {
            let hourly = if hourly {
                format!(" 엔드포인트 인스턴스는 요청이 없어도 시간당 {instance:.3} USD입니다.")
            } else {
                String::new()
            };
            let notebook = if has_notebook {
                format!(
                    " 월 비용 가운데 {disk:.2} USD는 노트북의 디스크 비용이고, 노트북을 켜 두면 시간당 {notebook:.2} USD가 더해집니다."
                )
            } else {
                String::new()
            };
            let until = choice.ttl.map_or("", |_| "(엔드포인트는 두 시간 뒤 삭제)");
            format!(
                "> **비용**: 방문자가 한 명도 없는 달에는 {idle:.2} USD가 들고{until}, 추천 백만 건마다 {million:.2} USD가 \
                 더 듭니다.{hourly}{notebook} us-east-1의 {PRICES_AS_OF} 정가로 \
                 계산한 추정치이며, 실제 청구액과 다를 수 있습니다."
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use mysfits_infra::sagemaker::INSTANCE_TYPE;

    use super::*;

    #[test]
    fn both_languages_state_the_same_figures() {
        let figures = |text: &str| -> Vec<String> {
            let mut figures: Vec<String> = text
                .split(|c: char| !c.is_ascii_digit() && c != '.')
                .map(|word| word.trim_matches('.'))
                .filter(|word| word.contains('.'))
                .map(str::to_owned)
                .collect();
            figures.sort();
            figures
        };
        for name in ["embedded", "notebook", "instance", "instance for 2h", "serverless"] {
            let [english, korean] = Locale::ALL.map(|locale| figures(&sentence(name, locale).unwrap()));
            assert_eq!(english, korean);
            assert!(english.len() >= 2);
        }
    }

    #[test]
    fn the_notebook_states_the_same_price_in_both_languages() {
        let path = crate::root().join("notebook/mysfit_recommendations_knn.ipynb");
        let stated = std::fs::read_to_string(path).unwrap();
        let price = INSTANCE_HOUR.usd;
        for said in [
            format!("{price:.3} USD for each hour"),
            format!("시간당 {price:.3} USD"),
            format!("(`{INSTANCE_TYPE}` in us-east-1, list price of {PRICES_AS_OF})"),
            format!("(us-east-1의 `{INSTANCE_TYPE}`, {PRICES_AS_OF} 정가)"),
        ] {
            assert_eq!(stated.matches(&said).count(), 1, "{said}");
        }
    }

    #[test]
    fn the_serverless_choice_has_the_template_s_memory() {
        let template = mysfits_infra::Stack::SageMaker.template();
        let name = mysfits_infra::sagemaker::parameter::SERVERLESS_MEMORY_IN_MB;
        let memory_mb = template.default_of(name).unwrap().parse().unwrap();
        assert_eq!(choice("serverless").unwrap().endpoint, Some(EndpointHosting::Serverless { memory_mb }));
    }
}
