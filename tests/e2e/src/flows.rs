//! The flows: what a visitor does, and what the page must show. Expected values come from the domain and from the API, never
//! from the page. Each part of the site has a file that lists its flows by name.

pub mod account;
mod addresses;
pub mod early;
pub mod failures;
pub mod grid;
mod home;
pub mod languages;
pub mod layout;
pub mod layout_rules;
pub mod loading;
pub mod my_account;
mod other_results;
pub mod profiles;
pub mod quiz;
pub mod quiz_history;
pub mod result;
pub mod self_test;
pub mod shared_results;
mod sharing;

use std::{
    collections::BTreeSet,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use mysfits_output::{OutputError, outln};

use crate::{
    api::Api,
    axe::Axe,
    page::{
        BrowserPage,
        emulation::{Connection, NeedsChromium, Window},
        equal, origin,
        picture::Extent,
    },
    proxy::Proxy,
};

/// The flows that run in every engine for each pull request: the site's main functions. The nightly set has all flows but those
/// that need Chromium's own protocol.
pub const IN_ALL_ENGINES: [&str; 18] = [
    "the rules of the layout notice faults",
    "the page opens",
    "filters show the right mysfits",
    "back closes a profile and forward opens it",
    "back after a reload leads to the grid",
    "a click beside a profile closes it",
    "a language chosen with the link is kept",
    "the questionnaire is as high as its content",
    "five answers by mouse lead to a mysfit",
    "five answers by keyboard lead to a mysfit",
    "answers survive a reload and a closed dialog",
    "without a network the page answers from the table",
    "back leads one question back",
    "digits choose answers",
    "an account is made on the way to a like",
    "the page shows a message if its code cannot be loaded",
    "no state breaks the rules of the layout",
    "the questionnaire opens before the code is loaded",
];

/// How long a flow may take.
const TIMEOUT: Duration = Duration::from_mins(2);
/// The browser's preferred languages unless a flow sets others.
const LANGUAGES: &str = "en-US,en";

/// What a flow uses.
#[derive(Debug)]
pub struct Visit {
    /// The page.
    pub page: BrowserPage,
    /// The proxy between the browser and all servers.
    pub proxy: Arc<Proxy>,
    /// The API behind the page.
    pub api: Api,
    /// Checks accessibility, if axe-core is given.
    pub axe: Option<Axe>,
    /// Whether what takes longer is checked: Korean pages and other engines in every window, not only in the most different.
    pub is_nightly: bool,
    /// The folder for screenshots.
    pub screenshots: PathBuf,
    /// The server's log, which has the codes that Amazon Cognito would mail.
    pub server_log: Option<PathBuf>,
}

/// A running flow.
type FlowFuture<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;
/// The function of a flow; it fails if an expectation is not met.
pub type Way = for<'a> fn(&'a Visit) -> FlowFuture<'a>;
/// A flow: its name and its function.
pub type Flow = (&'static str, Way);

/// Returns all flows: the tests of the test tools first, then the parts of the site in a visitor's order.
#[must_use]
pub fn all() -> Vec<Flow> {
    [
        self_test::FLOWS,
        grid::FLOWS,
        home::FLOWS,
        profiles::FLOWS,
        languages::FLOWS,
        quiz::FLOWS,
        quiz_history::FLOWS,
        result::FLOWS,
        shared_results::FLOWS,
        sharing::FLOWS,
        other_results::FLOWS,
        failures::FLOWS,
        loading::FLOWS,
        account::FLOWS,
        my_account::FLOWS,
        early::FLOWS,
        layout::FLOWS,
        layout_rules::FLOWS,
    ]
    .concat()
}

/// Runs a flow as a new visitor: a window of a usual size, a good connection, no faults, nothing stored. Afterwards it checks
/// what must hold in every flow: an empty console, and no request to a third-party origin.
///
/// # Errors
/// If the flow fails or takes too long, or one of these checks fails.
pub async fn run(visit: &Visit, way: Way) -> Result<()> {
    visit.reset().await?;
    let page = &visit.page;
    tokio::time::timeout(TIMEOUT, way(visit))
        .await
        .with_context(|| format!("not done after {} s", TIMEOUT.as_secs()))??;
    equal("the browser's console", page.console().await?, Vec::<String>::new())?;
    equal("third-party origins", visit.third_party_origins().await?, BTreeSet::new())
}

/// Runs the chosen flows one after the other and prints a line for each; returns how many failed. In other engines, flows that
/// need Chromium's own protocol are skipped, except those of [`IN_ALL_ENGINES`].
///
/// # Errors
/// If standard output is closed or full.
pub async fn run_all(visit: &Visit, chosen: impl Fn(&str) -> bool) -> Result<usize, OutputError> {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, way) in all().into_iter().filter(|(name, _)| chosen(name)) {
        let begun = Instant::now();
        match run(visit, way).await {
            Ok(()) => {
                passed += 1;
                outln!("ok  {name}  {:.1} s", begun.elapsed().as_secs_f64())?;
            }
            Err(error) if error.is::<NeedsChromium>() && !IN_ALL_ENGINES.contains(&name) => {
                skipped += 1;
                outln!("--  {name}: only in Chromium")?;
            }
            Err(error) => {
                failed += 1;
                outln!("FAILED {name}: {}", shown(&error))?;
                if let Ok(seen) = visit.show_failure(name).await {
                    outln!("       seen at the end: {}", seen.display())?;
                }
            }
        }
    }
    let skipped = if skipped > 0 { format!(", {skipped} only in Chromium") } else { String::new() };
    outln!("{passed} passed, {failed} failed{skipped}")?;
    Ok(failed)
}

/// Returns an error with its causes, without the driver's stack trace.
fn shown(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    let lines = text.lines().take_while(|line| !line.trim().starts_with("Stacktrace:"));
    lines.filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

impl Visit {
    /// Makes the browser that of a new visitor: a window of a usual size, a good connection, no faults, nothing stored.
    ///
    /// # Errors
    /// The browser's.
    pub async fn reset(&self) -> Result<()> {
        let Self { page, proxy, .. } = self;
        page.open_nothing().await?;
        page.look_through(Window::USUAL).await?;
        self.connect(Connection::Good).await?;
        if page.is_chromium() {
            page.block(None).await?;
            page.prefer(LANGUAGES).await?;
            page.allow_scripts(true).await?;
            page.touchable(false).await?;
            // No service worker: its cache would respond where faults are injected.
            page.save_data(true).await?;
        }
        proxy.heal();
        page.forget().await?;
        page.console().await?;
        page.addresses().await?;
        proxy.forget();
        Ok(())
    }

    /// Sets the quality of the network. For other engines than Chromium the proxy closes the connections, and a script tells the
    /// page that is open.
    ///
    /// # Errors
    /// The browser's; [`NeedsChromium`] for a slow network.
    pub async fn connect(&self, connection: Connection) -> Result<()> {
        if self.page.is_chromium() {
            return self.page.connect(connection).await;
        }
        let is_online = match connection {
            Connection::Good => true,
            Connection::Offline => false,
            Connection::Slow => return Err(NeedsChromium.into()),
        };
        self.proxy.cut(!is_online);
        let script = format!(
            "Object.defineProperty(navigator, 'onLine', {{ value: {is_online}, configurable: true }})"
        );
        self.page.script(&script).await.map(drop)
    }

    /// Takes a screenshot at the end of a failed flow.
    ///
    /// # Errors
    /// The browser's, or the file's.
    pub async fn show_failure(&self, name: &str) -> Result<PathBuf> {
        let path = self
            .screenshots
            .join(format!("failed-{}.png", name.replace(|c: char| !c.is_alphanumeric(), "-")));
        self.page.screenshot(&path, Extent::Window).await?;
        Ok(path)
    }

    /// Clears console messages about failed requests for these paths, into which faults were injected.
    ///
    /// # Errors
    /// If the console has other messages.
    pub async fn expect_noise(&self, paths: &[&str]) -> Result<()> {
        let console = self.page.console().await?;
        let is_expected = |line: &String| paths.iter().any(|path| line.contains(path));
        ensure!(console.iter().all(is_expected), "the browser's console: {console:?}");
        Ok(())
    }

    /// Returns the origins that pages have sent requests to since the last call, without those of the site and the API.
    ///
    /// # Errors
    /// The browser's.
    pub async fn third_party_origins(&self) -> Result<BTreeSet<String>> {
        let addresses = self.page.addresses().await?;
        let origins = addresses.iter().map(|address| origin(address));
        let known = [self.page.origin(), self.api.origin()];
        Ok(origins.filter(|origin| !known.contains(origin)).map(ToOwned::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_flows_for_all_engines_exist() {
        let names: BTreeSet<&str> = all().into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            IN_ALL_ENGINES.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>(),
            [""; 0]
        );
    }
}
