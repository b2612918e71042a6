//! The two filters, View All, and the spoken count.
//!
//! The radios belong to the browser: no signal writes to them, so a choice made before the code arrived survives
//! hydration, and the style sheet hides cards without any code. Only the count is ours.

use leptos::prelude::*;
use mysfits_domain::{GoodEvil, LawChaos, MYSFIT_COUNT};

use crate::{Filter, Texts, browser, fixed::fixed};

const FORM_ID: &str = "filters";

/// The grid's heading and the filters above it.
#[component]
pub fn Filters(
    /// The page's words.
    texts: &'static Texts,
) -> impl IntoView {
    let filter = RwSignal::new(Filter::default());
    let read = move || filter.set(chosen_filter());
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
            on:reset=move |_| filter.set(Filter::default())
        >
            <div class="filters" inner_html=fixed(|| view! { <Controls texts/> })></div>
            <p class="count" role="status" data-testid="count">
                {move || (texts.count)(filter.get().count(), MYSFIT_COUNT)}
            </p>
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
    /// The page's words.
    texts: &'static Texts,
) -> impl IntoView {
    let good_evil = GoodEvil::ALL.map(|value| (value.as_str(), texts.moral(value)));
    let law_chaos = LawChaos::ALL.map(|value| (value.as_str(), texts.order(value)));
    view! {
        <h2 id="gallery">{texts.gallery}</h2>
        <Axis name=Filter::GOOD_EVIL legend=texts.good_evil all=texts.all values=good_evil/>
        <Axis name=Filter::LAW_CHAOS legend=texts.law_chaos all=texts.all values=law_chaos/>
        <button type="reset" class="button" data-testid="view-all">{texts.view_all}</button>
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
