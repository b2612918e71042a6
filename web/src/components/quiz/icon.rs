//! The drawings of the options.

use leptos::prelude::*;

/// A symbol for each option, with the id `{feature}-{number}`.
const DRAWINGS: &str = include_str!("../../art/options.svg");

/// The drawing of an option, which its text describes too. Static HTML.
#[component]
pub fn Icon(
    feature: &'static str,
    /// The option, counted from 1.
    number: u8,
) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 32 32" aria-hidden="true" inner_html=drawing(feature, number)></svg> }
}

fn drawing(feature: &str, number: u8) -> &'static str {
    let start = format!("<symbol id=\"{feature}-{number}\">");
    let found = DRAWINGS.split_once(&start).and_then(|(_, rest)| rest.split_once("</symbol>"));
    found.map_or("", |(drawing, _)| drawing.trim())
}
