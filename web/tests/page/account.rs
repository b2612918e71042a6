//! The account's dialog.

use mysfits_domain::{Locale, MYSFIT_COUNT};
use mysfits_web::StaticPage;

use super::{all_with_code, is_hangul, one, select, text, within};

#[test]
fn the_account_dialog_shows_the_sign_in_form_first() {
    for (_, locale, html) in all_with_code() {
        let dialog = one(&html, "dialog#account");
        assert_eq!(text(one(&html, "#account-title")), title(&html, "#sign-in-form"));
        let forms = within(dialog, "[data-account-form]");
        assert_eq!(forms.len(), 7);
        for form in forms {
            assert_eq!(form.attr("hidden").is_none(), form.attr("id") == Some("sign-in-form"));
            let title = form.attr("data-title").unwrap_or_default();
            assert!(!title.is_empty() && title.contains(is_hangul) == (locale == Locale::Ko), "{title}");
        }
    }
}

fn title(html: &scraper::Html, form: &str) -> String {
    one(html, form).attr("data-title").unwrap_or_default().to_owned()
}

#[test]
fn links_between_the_account_forms_have_targets() {
    for (_, _, html) in all_with_code() {
        let links = select(&html, "#account [data-to]");
        assert!(links.len() >= 7);
        for link in links {
            let target = link.attr("data-to").unwrap_or_default();
            one(&html, &format!("#account > #{target}[data-account-form]"));
        }
    }
}

#[test]
fn passwords_can_be_shown_and_are_known_to_password_managers() {
    for (_, _, html) in all_with_code() {
        let fields = select(&html, "#account .password");
        assert_eq!(fields.len(), 4);
        for field in fields {
            assert_eq!(within(field, "button[data-do=show-password][aria-pressed=false]").len(), 1);
            let input = within(field, "input[name=password][type=password][spellcheck=false]")[0];
            match input.attr("autocomplete") {
                Some("new-password") => assert!(input.attr("aria-describedby").is_some(), "no rules"),
                other => assert_eq!(other, Some("current-password")),
            }
        }
    }
}

/// Password managers store a password with the account's name.
#[test]
fn every_form_with_a_password_names_the_account() {
    for (_, _, html) in all_with_code() {
        for form in select(&html, "#account form:has(input[type=password])") {
            assert_eq!(within(form, "input[name=email][autocomplete=username]").len(), 1);
        }
    }
}

#[test]
fn registration_and_account_link_to_the_privacy_section() {
    for (_, locale, html) in all_with_code() {
        let about = StaticPage::About.path(locale);
        for part in ["register-form", "my-account-panel"] {
            let link = one(&html, &format!("#account [data-testid={part}] .hint > a"));
            assert_eq!(link.attr("href"), Some(&*format!("{about}#privacy")), "{part}");
            assert_eq!(text(link).contains(is_hangul), locale == Locale::Ko, "{part}");
        }
    }
}

/// The code shows those that the visitor likes or has adopted.
#[test]
fn my_mysfits_has_all_mysfits_hidden() {
    for (_, _, html) in all_with_code() {
        let rows = select(&html, "[data-testid=my-mysfits] > li[data-mine][data-id][hidden]");
        assert_eq!(rows.len(), MYSFIT_COUNT);
        assert!(rows.iter().all(|row| within(*row, "a[data-opens]").len() == 1));
    }
}
