//! What a device needs to know to keep the site on its home screen.

use mysfits_domain::Locale;
use mysfits_web::{art, home_path, i18n::StaticText};
use serde_json::json;

/// The colour of the banner's sky, which the page names as its own too.
const THEME: &str = "#2a1f5e";

/// The manifest in a language.
pub fn text(locale: Locale) -> String {
    // The picture is within the safe zone, so a device may cut it to its own shape; those that do not cut ask for "any".
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
        "start_url": home_path(locale),
        "scope": "/",
        "display": "minimal-ui",
        "theme_color": THEME,
        "background_color": THEME,
        "icons": icons.into_iter().chain([maskable]).collect::<Vec<_>>(),
    });
    format!("{manifest:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_icons_that_are_drawn() {
        let manifest: serde_json::Value = serde_json::from_str(&text(Locale::En)).expect("JSON");
        let drawn: Vec<_> = art::icons().into_iter().map(|(path, _)| format!("/{path}")).collect();
        let icons = manifest["icons"].as_array().expect("a list");
        assert_eq!(icons.len(), 3);
        for icon in icons {
            assert!(drawn.iter().any(|path| icon["src"] == path.as_str()), "{icon}");
        }
        assert_eq!(manifest["start_url"], "/");
        assert_eq!(manifest["lang"], "en");
        assert!(manifest["short_name"].as_str().is_some_and(|name| name.len() <= 12));
    }
}
