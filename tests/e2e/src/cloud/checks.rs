//! Checks of a deployed module, independent of how it was deployed.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use mysfits_domain::{Entry, Locale, QUESTION_COUNT};
use mysfits_e2e::{
    api::{Api, ApiAnswer},
    browser::Browser,
    flows::{Visit, all, run_all},
    page::BrowserPage,
};
use mysfits_model::table_files;
use mysfits_output::outln;
use mysfits_site::results;

use crate::{Cli, deployer::DeployedAddresses};

/// The workshop's request and answer, to the letter.
const REQUEST: &str = r#"{"entry": [1,2,3,4,5]}"#;
const ANSWER: &str = r#"{"recommendedMysfit":"c0684344-1eb7-40e7-b334-06d25ac9268c"}"#;
/// The workshop's answer to a preflight request, to the letter.
const PREFLIGHT: [(&str, &str); 4] = [
    (
        "access-control-allow-headers",
        "content-type,x-amz-date,authorization,x-api-key,x-amz-security-token,x-amz-user-agent",
    ),
    ("access-control-allow-origin", "*"),
    ("access-control-allow-credentials", "false"),
    ("access-control-allow-methods", "options,get,put,post,delete"),
];
/// Every so many entries one is asked: a prime, so that no feature keeps step with it.
const ENTRY_STEP: usize = 1_361;
/// The flows that need nothing but the deployed site and API; the others look at the page alone and are the site's own
/// tests' matter.
const FLOWS: [&str; 4] = [
    "the page opens",
    "profiles open and close",
    "five answers lead to the API's mysfit",
    "a skipped question shows a hint",
];

/// The workshop's curl prints what the workshop shows.
pub async fn workshops_curl(api: &Api) -> Result<()> {
    let answer = api.post(REQUEST).await?;
    expect(&answer, 200)?;
    ensure!(answer.body == ANSWER, "the body is {}", answer.body);
    Ok(())
}

/// The preflight request that a browser sends before the site's page calls the API.
pub async fn preflight(api: &Api, site: &str) -> Result<()> {
    let site = Api::new(site)?;
    let headers = [("Origin", site.origin()), ("Access-Control-Request-Method", "POST")];
    let answer = api.ask("OPTIONS", "/recommendations", &headers, None).await?;
    expect(&answer, 200)?;
    for (name, expected) in PREFLIGHT {
        let found = answer.header(name).unwrap_or("absent");
        ensure!(found == expected, "{name} is {found}, not {expected}");
    }
    Ok(())
}

/// Checks that the API recommends what a model's decision table says; returns the number of entries that were sent.
pub async fn answers_of(api: &Api, table: &Path) -> Result<usize> {
    let table = table_files::read(table)?;
    let entries: Vec<_> = Entry::all().step_by(ENTRY_STEP).collect();
    for entry in &entries {
        let expected = table.label(*entry).mysfit();
        let found = api.recommend(*entry).await?.mysfit();
        ensure!(
            found.id == expected.id,
            "{:?} is recommended {}, the model says {}",
            entry.answers(),
            found.slug,
            expected.slug
        );
    }
    Ok(entries.len())
}

/// Checks that the page of a shared result names the mysfit of a model's decision table, in both languages, and that invalid
/// answers are a missing page.
pub async fn shared_results(site: &str, table: &Path) -> Result<()> {
    let (site, table) = (Api::new(site)?, table_files::read(table)?);
    let entry = Entry::try_from([8; QUESTION_COUNT])?;
    let mysfit = table.label(entry).mysfit();
    for locale in Locale::ALL {
        let path = results::path(locale, entry);
        let answer = site.ask("GET", &path, &[], None).await?;
        expect(&answer, 200)?;
        let name = mysfit.name.get(locale);
        for (before, after) in [("<title>", "</title>"), ("\"og:title\" content=\"", "\"")] {
            let rest = answer.body.split_once(before).map_or("", |(_, rest)| rest);
            let title = rest.split(after).next().unwrap_or_default();
            ensure!(title.contains(name), "{path}: {before}{title} does not name {name}");
        }
        let is_absolute = answer.body.contains(&format!("{path}\">")) && !answer.body.contains("content=\"/");
        ensure!(is_absolute, "{path} has no absolute address: {}", answer.body);
        let policy = answer.header("content-security-policy").unwrap_or_default();
        ensure!(
            policy.contains("upgrade-insecure-requests"),
            "{path}: not the distribution's policy: {policy}"
        );
    }
    let answer = site.ask("GET", "/r/88880/", &[("Accept", "text/html")], None).await?;
    expect(&answer, 404)
}

/// Checks that the API recommends what a model's decision table says for an entry of which another table says something else.
pub async fn answers_unlike(api: &Api, table: &Path, other: &Path) -> Result<()> {
    let (table, other) = (table_files::read(table)?, table_files::read(other)?);
    let entry = Entry::all().find(|entry| table.label(*entry) != other.label(*entry));
    let entry = entry.context("the two tables are the same")?;
    let (expected, found) = (table.label(entry).mysfit(), api.recommend(entry).await?.mysfit());
    ensure!(found.id == expected.id, "{:?}: {}, expected {}", entry.answers(), found.slug, expected.slug);
    Ok(())
}

/// How many of the entries that [`answers_of`] asks have different answers in two tables: without a difference it
/// could not tell the models apart.
pub fn differences(one: &Path, other: &Path) -> Result<usize> {
    let (one, other) = (table_files::read(one)?, table_files::read(other)?);
    let differ = |entry: &Entry| one.label(*entry) != other.label(*entry);
    Ok(Entry::all().step_by(ENTRY_STEP).filter(differ).count())
}

/// Every bad request of the API's own tests is refused through the gateway too, in a way that a browser may read: by
/// the function, with its problem document, or by the gateway, which looks at the body first and knows only 400.
pub async fn bad_requests(api: &Api) -> Result<usize> {
    let cases = mysfits_api_cases::bad_requests();
    let mut by_function = 0;
    for case in &cases {
        let name = || case.name.clone();
        let headers = [("Content-Type", case.content_type.as_str())];
        let answer =
            api.ask("POST", "/recommendations", &headers, Some(&case.body())).await.with_context(name)?;
        let body: serde_json::Value = serde_json::from_str(&answer.body).with_context(name)?;
        if body["type"] == case.problem_type.as_str() {
            by_function += 1;
            expect(&answer, case.status).with_context(name)?;
        } else {
            expect(&answer, 400).with_context(name)?;
        }
        let origin = answer.header("access-control-allow-origin");
        ensure!(origin == Some("*"), "{}: a browser may not read the answer: {}", case.name, answer.head);
    }
    outln!("          {} by the function, {} by the gateway", by_function, cases.len() - by_function)?;
    Ok(cases.len())
}

/// Checks the response when the endpoint is unavailable and there is no fallback: 503 with `Retry-After`,
/// without internal text.
pub async fn unavailable(api: &Api) -> Result<()> {
    let answer = api.post(REQUEST).await?;
    expect(&answer, 503)?;
    let seconds = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
    ensure!(seconds.is_some_and(|seconds| seconds > 0), "no Retry-After: {}", answer.head);
    ensure!(answer.header("access-control-allow-origin") == Some("*"), "{}", answer.head);
    ensure!(!answer.body.contains("127.0.0.1") && !answer.body.contains("Error"), "{}", answer.body);
    Ok(())
}

/// Returns whether the fallback answers the workshop's request.
pub async fn is_fallback(api: &Api) -> Result<bool> {
    let answer = api.post(REQUEST).await?;
    expect(&answer, 200)?;
    ensure!(answer.body == ANSWER, "the body is {}", answer.body);
    Ok(answer.header(mysfits_api::backend_headers::FALLBACK.as_str()).is_some())
}

/// A visitor's way through the deployed site with its deployed settings.
pub async fn visit(cli: &Cli, addresses: &DeployedAddresses) -> Result<()> {
    let browser = Browser::start(&cli.chromedriver, cli.chromium.as_deref()).await?;
    let visit = Visit {
        page: BrowserPage::new(&browser, &addresses.site),
        proxy: browser.proxy(),
        api: Api::new(&addresses.api)?,
        axe: None,
        is_nightly: false,
        screenshots: cli.work.join("screenshots"),
        server_log: None,
    };
    std::fs::create_dir_all(&visit.screenshots)?;
    // A name that no flow has would be a flow that never fails.
    let unknown: Vec<_> =
        FLOWS.iter().filter(|name| !all().iter().any(|(known, _)| known == *name)).collect();
    ensure!(unknown.is_empty(), "there are no flows {unknown:?}");
    let failed = run_all(&visit, |name| FLOWS.contains(&name)).await;
    browser.quit().await;
    let failed = failed?;
    ensure!(failed == 0, "{failed} of {} flows failed", FLOWS.len());
    Ok(())
}

fn expect(answer: &ApiAnswer, status: u16) -> Result<()> {
    ensure!(answer.status == status, "status {}, expected {status}: {}", answer.status, answer.body);
    Ok(())
}
