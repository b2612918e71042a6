//! The style sheet: its tokens and their contrast.

use std::collections::{BTreeMap, BTreeSet};

use mysfits_domain::{MYSFIT_COUNT, catalogue};
use mysfits_web::{art, style};

/// Returns the custom properties of a block.
fn tokens(block: &str) -> BTreeMap<&str, &str> {
    let declarations = block.split([';', '\n']).filter_map(|line| line.trim().strip_prefix("--"));
    declarations.filter_map(|declaration| declaration.split_once(':')).map(|(n, v)| (n, v.trim())).collect()
}

/// Returns the tokens of the light theme, and the same with those of the dark theme.
fn themes(sheet: &str) -> [BTreeMap<&str, &str>; 2] {
    let (light, rest) = sheet.split_once('}').expect("the tokens come first");
    let (_, dark) = rest.split_once("prefers-color-scheme: dark").expect("a dark theme");
    let (dark, _) = dark.split_once('}').expect("the tokens end");
    let light = tokens(light);
    let mut both = light.clone();
    both.extend(tokens(dark));
    [light, both]
}

#[test]
fn every_token_is_defined_and_used() {
    let sheet = style::sheet();
    let [light, dark] = themes(&sheet);
    let used: BTreeSet<_> =
        sheet.split("var(--").skip(1).filter_map(|rest| rest.split([')', ',']).next()).collect();
    assert_eq!(used, light.keys().copied().collect());
    assert_eq!(light.len(), dark.len(), "the dark theme adds no tokens");
}

/// Portraits load lazily; until then their places have the colours of their skies.
#[test]
fn the_place_of_every_portrait_has_its_colours() {
    let sheet = style::sheet();
    let skies = art::skies();
    assert_eq!(skies.len(), MYSFIT_COUNT);
    for (slug, sky) in skies {
        assert_eq!(sky.len(), 2, "{slug}: {sky:?}");
        assert!(sky.iter().all(|colour| colour.starts_with('#')), "{slug}: {sky:?}");
        let rule = format!("img[src*=\"/{slug}\"]{{background:linear-gradient({},{})}}\n", sky[0], sky[1]);
        assert_eq!(sheet.matches(&rule).count(), 1, "{rule}");
    }
}

/// `flex: 1` has a basis of 0 %. In a column whose height follows its content (a dialog) WebKit takes that for 0 pixels, and
/// the item collapses.
#[test]
fn no_flex_item_has_a_basis_of_zero() {
    let sheet = style::sheet();
    let values =
        sheet.split("flex:").skip(1).map(|rest| rest.split([';', '}']).next().unwrap_or_default().trim());
    let found: Vec<_> = values.filter(|value| !["none", "1 1 auto"].contains(value)).collect();
    assert_eq!(found, [""; 0]);
}

/// A box that is flatter than its picture would show the ground beside it.
#[test]
fn portraits_fill_their_boxes() {
    let sheet = style::sheet();
    for selector in [".card > img", ".profile > img", ".alike img"] {
        let (_, rule) = sheet.split_once(&format!("\n{selector} {{")).unwrap_or_else(|| panic!("{selector}"));
        let (rule, _) = rule.split_once('}').expect("a rule ends");
        assert!(rule.contains("object-fit: cover"), "{selector}: {rule}");
    }
}

#[test]
fn nothing_moves_in_the_banner_with_reduced_motion() {
    let sheet = style::sheet();
    let (_, reduced) =
        sheet.split_once("(prefers-reduced-motion: reduce)").expect("a part for reduced motion");
    let (reduced, _) = reduced.split_once("@media").expect("another part follows");
    assert!(reduced.contains(".banner :is(.glow, .blink) { display: none; }"), "{reduced}");
}

#[test]
fn closed_dialogs_are_not_printed() {
    let sheet = style::sheet();
    let (_, print) = sheet.split_once("@media print").expect("a part for printing");
    assert!(print.contains("dialog:not([open]) { display: none !important; }"), "{print}");
}

/// With forced colours, backgrounds are not drawn by default.
#[test]
fn close_buttons_and_progress_are_visible_with_forced_colours() {
    let sheet = style::sheet();
    let (_, forced) = sheet.split_once("(forced-colors: active)").expect("a part for forced colours");
    for selector in [".close::before, .close::after", "progress", "progress::-moz-progress-bar"] {
        let (_, rule) =
            forced.split_once(&format!("\n{selector} {{")).unwrap_or_else(|| panic!("{selector}"));
        let (rule, _) = rule.split_once('}').expect("a rule ends");
        assert!(rule.contains("background:"), "{selector}: {rule}");
    }
}

/// The reveal of a result has the colours of the portrait's sky, and rays of 12 % white on it.
#[test]
fn the_name_in_a_result_has_enough_contrast_in_every_portraits_colours() {
    let sheet = style::sheet();
    assert!(sheet.contains("#ffffff1f 0deg 9deg"), "the rays that are checked here");
    let themes = catalogue().iter().map(|mysfit| {
        let (_, rule) = sheet.split_once(&format!("[data-slug={}]{{", mysfit.slug)).expect("a rule");
        tokens(rule.split('}').next().unwrap_or_default())
    });
    for theme in themes {
        let (sky, ink) = (theme["sky"], theme["sky-ink"]);
        let lighter = |i: usize| {
            let value = u32::from_str_radix(&sky[i..i + 2], 16).expect("hexadecimal");
            value + (255 - value) * 0x1f / 255
        };
        let ray = format!("#{:02x}{:02x}{:02x}", lighter(1), lighter(3), lighter(5));
        for ground in [sky, &ray] {
            let ratio = contrast(ink, ground);
            assert!(ratio >= 4.5, "{ink} on {ground} has {ratio:.2}");
        }
    }
}

#[test]
fn the_reveal_of_a_result_does_not_move_with_reduced_motion() {
    let sheet = style::sheet();
    let (_, reduced) =
        sheet.split_once("(prefers-reduced-motion: reduce)").expect("a part for reduced motion");
    let (rules, _) = reduced.split_once("\n}").expect("the part ends");
    assert!(rules.contains(".reveal *, .neighbours .dot { animation: none !important; }"));
}

/// Returns the relative luminance (WCAG 2.2) of a colour `#rgb` or `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let digits = colour.strip_prefix('#').unwrap_or_else(|| panic!("{colour} is no colour"));
    let channel = |i: usize| {
        let hex =
            if digits.len() == 3 { digits[i..=i].repeat(2) } else { digits[2 * i..2 * i + 2].to_owned() };
        let value = f64::from(u8::from_str_radix(&hex, 16).expect("hexadecimal")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn computes_contrast_like_wcag() {
    assert!((contrast("#000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777", "#fff") - 4.478).abs() < 1e-3);
}

#[test]
fn texts_have_enough_contrast_in_both_themes() {
    let sheet = style::sheet();
    for (name, theme) in ["light", "dark"].into_iter().zip(themes(&sheet)) {
        let grounds = ["paper", "card", "wash"];
        let words = ["ink", "ink-2", "accent"];
        let pairs = grounds.iter().flat_map(|ground| words.map(|word| (word, *ground)));
        let others =
            [("on-accent", "accent"), ("on-accent", "accent-2"), ("warn", "card"), ("ink", "warn-wash")];
        for (word, ground) in pairs.chain(others) {
            let ratio = contrast(theme[word], theme[ground]);
            assert!(ratio >= 4.5, "{name}: {word} on {ground} has {ratio:.2}");
        }
        // Graphics: the focus, bars, dots.
        for (mark, ground) in [
            ("focus", "paper"),
            ("focus", "card"),
            ("accent", "track"),
            ("ink-2", "track"),
            ("accent", "card"),
            ("warn", "card"),
            // Outlines and the pressed edges.
            ("line", "paper"),
            ("line", "card"),
        ] {
            let ratio = contrast(theme[mark], theme[ground]);
            assert!(ratio >= 3.0, "{name}: {mark} on {ground} has {ratio:.2}");
        }
    }
}
