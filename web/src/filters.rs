//! The two filters, View All, and the spoken count.
//!
//! The radios belong to the browser: no signal writes to them, so a choice made before the code arrived survives
//! hydration, and the style sheet hides cards without any code. Only the count is ours.

use leptos::prelude::*;
use mysfits_domain::{GoodEvil, LawChaos, Locale, MYSFIT_COUNT};

use crate::{
    browser,
    filter::Filter,
    fixed::fixed,
    words::{Spoken, Voice, Written, moral, order},
};

const FORM_ID: &str = "filters";

/// The grid's heading and the filters above it.
#[component]
pub fn Filters(
    /// What the code says.
    voice: Voice,
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let shown = RwSignal::new(MYSFIT_COUNT);
    let read = move || shown.set(chosen_filter().count());
    let count = move || {
        let numbers = [("shown", &*shown.get().to_string()), ("all", &MYSFIT_COUNT.to_string())];
        voice.fill(Spoken::Count, &numbers)
    };
    // After hydration: what the visitor chose while the code was on its way.
    Effect::new(move |_| read());
    view! {
        <form
            id=FORM_ID
            class="bar"
            autocomplete="off"
            data-testid="filters"
            on:change=move |_| read()
            // The event comes before the radios change.
            on:reset=move |_| shown.set(MYSFIT_COUNT)
        >
            <div class="filters" inner_html=fixed(|| view! { <Controls locale/> })></div>
            <p class="count" role="status" data-testid="count" inner_html=count></p>
        </form>
    }
}

fn chosen_filter() -> Filter {
    let value = |name| browser::chosen(FORM_ID, name);
    Filter::from_values(value(Filter::GOOD_EVIL).as_deref(), value(Filter::LAW_CHAOS).as_deref())
}

/// The heading, the radios and View All; never hydrated.
#[component]
fn Controls(
    /// The language.
    locale: Locale,
) -> impl IntoView {
    let good_evil = GoodEvil::ALL.map(|value| (value.as_str(), moral(value).get(locale)));
    let law_chaos = LawChaos::ALL.map(|value| (value.as_str(), order(value).get(locale)));
    let all = Written::All.get(locale);
    view! {
        <h2 id="gallery">{Written::Gallery.get(locale)}</h2>
        <Axis name=Filter::GOOD_EVIL legend=Written::GoodEvil.get(locale) all values=good_evil/>
        <Axis name=Filter::LAW_CHAOS legend=Written::LawChaos.get(locale) all values=law_chaos/>
        <button type="reset" class="button" data-testid="view-all">{Written::ViewAll.get(locale)}</button>
    }
}

/// One axis as a row of radios, "all" first.
#[component]
fn Axis(
    /// The radios' name.
    name: &'static str,
    /// What the axis is called.
    legend: &'static str,
    /// The word for no choice.
    all: &'static str,
    /// The other choices: value and word.
    values: [(&'static str, &'static str); 3],
) -> impl IntoView {
    let radio = |(value, word): (&'static str, &'static str)| {
        view! {
            <label>
                <input type="radio" name=name value=value checked=value.is_empty()/>
                <span>{word}</span>
            </label>
        }
    };
    let radios = std::iter::once(("", all)).chain(values).map(radio).collect_view();
    view! {
        <fieldset class="segments" data-testid=name>
            <legend>{legend}</legend>
            {radios}
        </fieldset>
    }
}
