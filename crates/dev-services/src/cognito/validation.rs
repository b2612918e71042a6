//! Validation of names, passwords and times, with the default policy of Cognito.

use jiff::civil::DateTime;

use super::error::CognitoError;

/// The shortest and the longest password, in characters.
const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;
/// The longest address that mail can be sent to (RFC 5321), in bytes.
pub(super) const MAX_EMAIL_BYTES: usize = 254;
/// The longest name of a user, in characters.
const MAX_USERNAME_CHARS: usize = 128;
/// What counts as a symbol in a password; a space does inside of it.
const SYMBOLS: &str = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ";
/// The form of a client's time, without a zero in front of the day.
const TIMESTAMP: &str = "%a %b %-d %H:%M:%S UTC %Y";

/// Names are of printable characters without spaces.
pub(super) fn username(name: &str) -> Result<(), CognitoError> {
    let is_printable = |c: char| !c.is_whitespace() && !c.is_control();
    if (1..=MAX_USERNAME_CHARS).contains(&name.chars().count()) && name.chars().all(is_printable) {
        return Ok(());
    }
    Err(CognitoError::InvalidParameter(format!(
        "1 validation error detected: Value at 'username' failed to satisfy constraint: Member must have 1 to \
         {MAX_USERNAME_CHARS} printable characters, none of them a space"
    )))
}

/// The default policy: eight characters, among them a capital and a small letter, a digit and a symbol.
pub(super) fn password(password: &str) -> Result<(), CognitoError> {
    let has = |what: fn(char) -> bool| password.chars().any(what);
    let n_chars = password.chars().count();
    let wanted = [
        (n_chars >= *PASSWORD_CHARS.start(), "Password not long enough"),
        (n_chars <= *PASSWORD_CHARS.end(), "Password must have at most 256 characters"),
        (password.trim().len() == password.len(), "Password must not begin or end with a space"),
        (has(|c| c.is_ascii_lowercase()), "Password must have lowercase characters"),
        (has(|c| c.is_ascii_uppercase()), "Password must have uppercase characters"),
        (has(|c| c.is_ascii_digit()), "Password must have numeric characters"),
        (has(|c| SYMBOLS.contains(c)), "Password must have symbol characters"),
    ];
    wanted
        .into_iter()
        .find(|(is_met, _)| !is_met)
        .map_or(Ok(()), |(_, what)| Err(CognitoError::InvalidPassword(what)))
}

/// The client's time, in the one form that Cognito takes: `Wed Nov 5 09:04:07 UTC 2026`, the day without a zero in front.
pub(super) fn timestamp(text: &str) -> Result<(), CognitoError> {
    // The parser also reads other forms, such as a zero in front of the day.
    let is_good =
        DateTime::strptime(TIMESTAMP, text).is_ok_and(|time| time.strftime(TIMESTAMP).to_string() == text);
    if is_good {
        return Ok(());
    }
    let text = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.";
    Err(CognitoError::InvalidParameter(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_follow_the_default_policy() {
        assert_eq!(password("Passw0rd!"), Ok(()));
        assert_eq!(password("암호Pass w0rd"), Ok(()), "a space inside is a symbol");
        for (bad, what) in [
            ("Pa0!", "Password not long enough"),
            ("PASSW0RD!", "Password must have lowercase characters"),
            ("passw0rd!", "Password must have uppercase characters"),
            ("Password!", "Password must have numeric characters"),
            ("Passw0rdd", "Password must have symbol characters"),
            (" Passw0rd!", "Password must not begin or end with a space"),
            (&"Passw0rd!".repeat(40), "Password must have at most 256 characters"),
        ] {
            assert_eq!(password(bad), Err(CognitoError::InvalidPassword(what)), "{bad}");
        }
    }

    #[test]
    fn times_have_one_form() {
        for good in ["Wed Nov 25 15:47:26 UTC 2026", "Thu Jan 1 00:00:00 UTC 1970"] {
            assert_eq!(timestamp(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "Thu Jan 01 00:00:00 UTC 1970",
            "Thu Jan 1 0:00:00 UTC 1970",
            "Thu Jan 1 00:00:00 KST 1970",
            "Thu Jan 1 24:00:00 UTC 1970",
            "목 1월 1 00:00:00 UTC 1970",
            "Thu  Jan 1 00:00:00 UTC 1970",
            "1970-01-01T00:00:00Z",
        ] {
            assert!(timestamp(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_printable() {
        for good in ["a", "a@example.org", "한글", "a-at-b"] {
            assert_eq!(username(good), Ok(()), "{good}");
        }
        for bad in ["", " ", "a b", "a\n", &"a".repeat(129)] {
            assert!(username(bad).is_err(), "{bad:?}");
        }
    }
}
