//! Takes the documentation's pictures of the site: four views, on a phone and a laptop, light and dark.

mod palette;

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use mysfits_domain::{Entry, Locale};
use mysfits_output::outln;

use crate::{
    flows::Visit,
    page::{
        emulation::{Scheme, Window},
        part,
        picture::Extent,
    },
};

/// The windows: a phone and a laptop.
const WINDOWS: [(u32, u32); 2] = [(360, 740), (1280, 800)];
/// Answers on which the neighbours disagree.
const ENTRY: [i64; 5] = [5, 4, 6, 2, 5];

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Grid,
    Questionnaire,
    Result,
    NotFound,
}

impl View {
    const ALL: [Self; 4] = [Self::Grid, Self::Questionnaire, Self::Result, Self::NotFound];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Questionnaire => "questionnaire",
            Self::Result => "result",
            Self::NotFound => "not-found",
        }
    }

    async fn open(self, visit: &Visit) -> Result<()> {
        let page = &visit.page;
        match self {
            Self::Grid => page.open_ready("/").await,
            Self::Questionnaire => visit.open_questionnaire(Locale::En).await,
            Self::Result => {
                visit.open_answers(Locale::En, Entry::try_from(ENTRY)?).await?;
                visit.submit().await?;
                page.see(&part("votes")).await.map(drop)
            }
            Self::NotFound => {
                page.open("/nowhere").await?;
                page.see("h1").await.map(drop)
            }
        }
    }
}

fn file_name(view: View, width: u32, scheme: Scheme) -> String {
    let suffix = if scheme == Scheme::Dark { "-dark" } else { "" };
    format!("{}-{width}{suffix}.png", view.as_str())
}

/// Writes all pictures to a folder.
///
/// # Errors
/// If a view does not open, or a file cannot be written.
pub async fn take(visit: &Visit, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for view in View::ALL {
        for (width, height) in WINDOWS {
            for scheme in Scheme::ALL {
                let name = file_name(view, width, scheme);
                let png = picture(visit, view, Window::new(width, height).with_scheme(scheme)).await;
                let png = palette::reduce(&png.with_context(|| name.clone())?)?;
                outln!("{name}  {} kB", png.len() / 1000)?;
                let path = folder.join(name);
                fs::write(&path, png).with_context(|| format!("cannot write {}", path.display()))?;
            }
        }
    }
    Ok(())
}

/// Takes a picture as a new visitor, when fonts and images are there.
async fn picture(visit: &Visit, view: View, window: Window) -> Result<Vec<u8>> {
    let page = &visit.page;
    visit.reset().await?;
    page.look_through(window).await?;
    page.hide_scroll_bars().await?;
    view.open(visit).await?;
    let loaded = "const done = arguments[0];
        const isNear = image => image.checkVisibility() && image.getBoundingClientRect().top < innerHeight;
        const images = [...document.images].filter(isNear).map(image => image.decode());
        Promise.allSettled([document.fonts.ready, ...images])
            .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
    page.script_later(loaded).await?;
    page.screenshot_png(Extent::Window).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most that all pictures may have together.
    const LIMIT: u64 = 1_500_000;

    #[test]
    fn committed_pictures_are_shown_and_small() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images/site");
        let text = fs::read_to_string(folder.join("README.md")).unwrap();
        let mut bytes = 0;
        for (view, (width, _)) in View::ALL.into_iter().flat_map(|view| WINDOWS.map(|window| (view, window)))
        {
            for scheme in Scheme::ALL {
                let name = file_name(view, width, scheme);
                assert!(text.contains(&format!("({name})")), "{name}");
                bytes += fs::metadata(folder.join(name)).unwrap().len();
            }
        }
        assert!(bytes <= LIMIT, "{bytes} bytes");
    }
}
