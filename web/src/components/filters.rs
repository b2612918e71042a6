//! The filters by alignment, View All, and the announced count.
//!
//! No signal writes to the radio buttons, so a choice that was made before hydration is kept. The style sheet hides the cards;
//! the code only updates the count.

use leptos::prelude::*;
use mysfits_domain::{GoodEvil, LawChaos, Locale, MYSFIT_COUNT};

use super::static_html::static_html;
use crate::{
    browser,
    i18n::{DynamicText, Messages, StaticText, good_evil_text, law_chaos_text},
    state::AlignmentFilter,
};

const FORM_ID: &str = "filters";

/// The grid's heading and filters.
#[component]
pub fn Filters(messages: Messages, locale: Locale) -> impl IntoView {
    let shown = RwSignal::new(MYSFIT_COUNT);
    let read = move || shown.set(selected_filter().count());
    let count = move || {
        let numbers = [("shown", &*shown.get().to_string()), ("all", &MYSFIT_COUNT.to_string())];
        messages.format(DynamicText::Count, &numbers)
    };
    // Reads what the visitor selected before hydration.
    Effect::new(move |_| read());
    view! {
        <form
            id=FORM_ID
            class="bar"
            autocomplete="off"
            data-testid="filters"
            on:change=move |_| read()
            // The event comes before the radio buttons change.
            on:reset=move |_| shown.set(MYSFIT_COUNT)
        >
            <div class="filters" inner_html=static_html(|| view! { <Controls locale/> })></div>
            <p class="count" role="status" data-testid="count" inner_html=count></p>
        </form>
    }
}

fn selected_filter() -> AlignmentFilter {
    let value = |name| browser::form_value(FORM_ID, name);
    AlignmentFilter::from_values(
        value(AlignmentFilter::GOOD_EVIL).as_deref(),
        value(AlignmentFilter::LAW_CHAOS).as_deref(),
    )
}

/// The heading, the radio buttons and View All. Static HTML.
#[component]
fn Controls(locale: Locale) -> impl IntoView {
    let good_evil = GoodEvil::ALL.map(|value| (value.as_str(), good_evil_text(value).get(locale)));
    let law_chaos = LawChaos::ALL.map(|value| (value.as_str(), law_chaos_text(value).get(locale)));
    let all = StaticText::All.get(locale);
    view! {
        <h2 id="gallery">{StaticText::Gallery.get(locale)}</h2>
        <Axis name=AlignmentFilter::GOOD_EVIL legend=StaticText::GoodEvil.get(locale) all values=good_evil/>
        <Axis name=AlignmentFilter::LAW_CHAOS legend=StaticText::LawChaos.get(locale) all values=law_chaos/>
        <button type="reset" class="button" data-testid="view-all">{StaticText::ViewAll.get(locale)}</button>
    }
}

/// The radio buttons of one axis, with "all" first.
#[component]
fn Axis(
    /// The name of the radio buttons.
    name: &'static str,
    legend: &'static str,
    /// The label of "all".
    all: &'static str,
    /// The other values and their labels.
    values: [(&'static str, &'static str); 3],
) -> impl IntoView {
    let radio = |(value, label): (&'static str, &'static str)| {
        view! {
            <label>
                <input type="radio" name=name value=value checked=value.is_empty()/>
                <span>{label}</span>
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
