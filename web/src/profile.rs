//! A mysfit's profile, alone in its dialog or as the result of the questionnaire.

use leptos::prelude::*;
use mysfits_domain::{Locale, Mysfit};

use crate::{Texts, fixed::fixed};

/// The id of the profile's dialog.
pub const PROFILE_ID: &str = "profile";

/// The dialog that shows one profile after the other.
#[component]
pub fn ProfileDialog(
    /// The language.
    locale: Locale,
    /// Whose profile to show; nobody's until the first card is opened.
    visited: RwSignal<Option<&'static Mysfit>>,
) -> impl IntoView {
    let texts = Texts::of(locale);
    let id = move || visited.get().map(|mysfit| mysfit.id.as_str());
    let profile =
        move || visited.get().map(|mysfit| view! { <Profile mysfit locale heading_id="profile-name"/> });
    view! {
        <dialog
            id=PROFILE_ID
            class="sheet"
            closedby="any"
            aria-labelledby="profile-name"
            data-testid="profile"
            data-mysfit-id=id
        >
            <div class="corner" inner_html=fixed(|| view! { <CloseButton dialog_id=PROFILE_ID texts/> })></div>
            {profile}
        </dialog>
    }
}

/// Everything that the page knows about one mysfit.
#[component]
pub fn Profile(
    /// Whose profile it is.
    mysfit: &'static Mysfit,
    /// The language.
    locale: Locale,
    /// The id of the heading with the name; it can take the focus.
    heading_id: &'static str,
) -> impl IntoView {
    let texts = Texts::of(locale);
    let (name, species) = (mysfit.name.get(locale), mysfit.species.get(locale));
    view! {
        <article class="profile" data-good-evil=mysfit.alignment.good_evil.as_str()>
            <img src=mysfit.image_uri() alt=(texts.portrait)(name, species) width="320" height="320"/>
            <div>
                <h2 id=heading_id tabindex="-1">{name}</h2>
                <dl>
                    <div><dt>{texts.species}</dt><dd>{species}</dd></div>
                    <div><dt>{texts.age}</dt><dd>{(texts.years)(mysfit.age)}</dd></div>
                    <div>
                        <dt>{texts.alignment}</dt>
                        <dd class="tag">{texts.alignment_of(mysfit.alignment)}</dd>
                    </div>
                </dl>
                <p>{mysfit.description.get(locale)}</p>
            </div>
        </article>
    }
}

/// The cross in a dialog's corner; never hydrated. It works before any code has arrived, where the browser knows
/// `command`.
#[component]
pub fn CloseButton(
    /// Which dialog to close.
    dialog_id: &'static str,
    /// The page's words.
    texts: &'static Texts,
) -> impl IntoView {
    view! {
        <button type="button" class="close" data-testid="close" command="close" commandfor=dialog_id>
            <span class="sr">{texts.close}</span>
        </button>
    }
}
