//! The filters by alignment, the order of the cards, the button that shows all, and the announced count.
//!
//! No signal writes to the controls, so a choice that was made before hydration is kept. The style sheet hides the cards; the code
//! updates the count, the order and the address. Browsers may restore the controls: the address says the same.

use leptos::{ev, prelude::*};
use mysfits_domain::{GoodEvil, LawChaos, Locale, MYSFIT_COUNT};

use super::static_html::static_html;
use crate::{
    browser,
    i18n::{DynamicText, Messages, StaticText, good_evil_text, law_chaos_text},
    state::{
        AlignmentFilter, FILTERS_ID, SORT, SORT_BY_AGE, SORT_BY_LIKES, SORT_BY_NAME, choice_id, home_path,
        restore_filters, select_filters_of_address, sort_cards, store_filters,
    },
};

/// The grid's heading, filters and order.
#[component]
pub fn Filters(messages: Messages, locale: Locale) -> impl IntoView {
    let count_text = move |shown: usize| {
        let numbers = [("shown", &*shown.to_string()), ("all", &MYSFIT_COUNT.to_string())];
        messages.format(DynamicText::Count, &numbers)
    };
    let count = RwSignal::new(count_text(MYSFIT_COUNT));
    let show = move || {
        count.set(count_text(AlignmentFilter::selected().count()));
        sort_cards();
    };
    let changed = move || {
        show();
        store_filters();
    };
    Effect::new(move |_| {
        restore_filters();
        changed();
        let handle = window_event_listener(ev::popstate, move |_| {
            if browser::path() == home_path(locale) && browser::hash().is_empty() {
                select_filters_of_address();
                show();
            }
        });
        on_cleanup(move || handle.remove());
    });
    view! {
        <form
            id=FILTERS_ID
            class="bar"
            data-testid="filters"
            on:change=move |_| changed()
            // The event comes before the controls change.
            on:reset=move |_| browser::next_frame(changed)
        >
            <div class="filters" inner_html=static_html(|| view! { <Controls locale/> })></div>
            <p class="count" role="status" data-testid="count" inner_html=move || count.get()></p>
        </form>
    }
}

/// The heading, the radio buttons, the order and the button that shows all. Static HTML.
///
/// In narrow windows the style sheet shows the controls only while the checkbox is checked.
#[component]
fn Controls(locale: Locale) -> impl IntoView {
    let good_evil = GoodEvil::ALL.map(|value| (value.as_str(), good_evil_text(value).get(locale)));
    let law_chaos = LawChaos::ALL.map(|value| (value.as_str(), law_chaos_text(value).get(locale)));
    let all = StaticText::All.get(locale);
    view! {
        <h2 id="gallery">{StaticText::Gallery.get(locale)}</h2>
        <label class="toggle">
            <input type="checkbox"/>
            <span>{StaticText::FilterAndSort.get(locale)}</span>
        </label>
        <Axis name=AlignmentFilter::GOOD_EVIL legend=StaticText::GoodEvil.get(locale) all values=good_evil/>
        <Axis
            name=AlignmentFilter::LAW_CHAOS
            legend=StaticText::LawChaos.get(locale)
            hint=StaticText::RulesOrWhims.get(locale)
            all
            values=law_chaos
        />
        <Order locale/>
        <button type="reset" class="quiet" data-testid="view-all">{StaticText::ViewAll.get(locale)}</button>
    }
}

/// The radio buttons of one axis, with "all" first.
#[component]
fn Axis(
    /// The name of the radio buttons.
    name: &'static str,
    legend: &'static str,
    /// What the legend means.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// The label of "all".
    all: &'static str,
    /// The other values and their labels.
    values: [(&'static str, &'static str); 3],
) -> impl IntoView {
    let radio = |(value, label): (&'static str, &'static str)| {
        view! {
            <label>
                <input type="radio" id=choice_id(name, value) name=name value=value checked=value.is_empty()/>
                <span>{label}</span>
            </label>
        }
    };
    let radios = std::iter::once(("", all)).chain(values).map(radio).collect_view();
    view! {
        <fieldset class="segments" data-testid=name>
            <legend>
                {legend}
                {hint.map(|hint| view! { <small>" ("{hint}")"</small> })}
            </legend>
            {radios}
        </fieldset>
    }
}

/// The order of the cards.
#[component]
fn Order(locale: Locale) -> impl IntoView {
    let orders = [
        ("", StaticText::OrderOfArrival),
        (SORT_BY_NAME, StaticText::OrderByName),
        (SORT_BY_AGE, StaticText::OrderByAge),
        (SORT_BY_LIKES, StaticText::OrderByLikes),
    ];
    let option = |(value, label): (&'static str, StaticText)| {
        view! { <option id=choice_id(SORT, value) value=value>{label.get(locale)}</option> }
    };
    view! {
        <label class="order">
            <span>{StaticText::Order.get(locale)}</span>
            <select name=SORT data-testid=SORT>{orders.map(option)}</select>
        </label>
    }
}
