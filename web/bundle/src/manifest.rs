//! The web manifest, with which devices show the site on their home screens.

use mysfits_domain::Locale;
use mysfits_web::{art, home_path, i18n::StaticText, questionnaire_path};
use serde_json::json;

/// The colour of the banner's sky, also the pages' `theme-color`.
const THEME: &str = "#2a1f5e";

/// Returns the manifest in a language.
pub fn text(locale: Locale) -> String {
    // Devices that cut icons to their own shape use "maskable": the face is within the safe zone. Others use "any".
    let icons = art::ICONS.map(|(src, size)| {
        json!({ "src": src, "sizes": format!("{size}x{size}"), "type": "image/png", "purpose": "any" })
    });
    let [.., (src, size)] = art::ICONS;
    let maskable =
        json!({ "src": src, "sizes": format!("{size}x{size}"), "type": "image/png", "purpose": "maskable" });
    let manifest = json!({
        "name": StaticText::Brand.get(locale),
        "short_name": StaticText::ShortName.get(locale),
        "description": StaticText::Tagline.get(locale),
        "lang": locale.code(),
        // Each language is an app of its own.
        "id": home_path(locale),
        "start_url": home_path(locale),
        "scope": "/",
        "display": "standalone",
        // With the browser's "back", where there is such a display.
        "display_override": ["minimal-ui", "standalone"],
        "theme_color": THEME,
        "background_color": THEME,
        "icons": icons.into_iter().chain([maskable]).collect::<Vec<_>>(),
        "shortcuts": [{ "name": StaticText::Recommend.get(locale), "url": questionnaire_path(locale) }],
    });
    format!("{manifest:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures;

    #[test]
    fn names_packed_icons() {
        let manifest: serde_json::Value = serde_json::from_str(&text(Locale::En)).expect("JSON");
        let icons = manifest["icons"].as_array().expect("a list");
        assert_eq!(icons.len(), 3);
        for icon in icons {
            assert!(pictures::FILES.iter().any(|(path, _)| icon["src"] == format!("/{path}")), "{icon}");
        }
        assert_eq!(manifest["start_url"], "/");
        assert_eq!(manifest["id"], "/");
        assert_eq!(manifest["shortcuts"][0]["url"], "/#quiz=00000");
        assert_eq!(manifest["lang"], "en");
        assert!(manifest["short_name"].as_str().is_some_and(|name| name.len() <= 12));
    }
}
