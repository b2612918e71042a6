//! The two languages of the site, and texts that exist in both.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English, the default.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Locale {
    /// All languages, the default first.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// Returns the ISO 639-1 code, as used in `lang` attributes and query parameters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// Returns the other language of the site.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::En => Self::Ko,
            Self::Ko => Self::En,
        }
    }
}

/// A language code that is not one of the site's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a language of this site; it must be \"en\" or \"ko\"")]
pub struct UnknownLocale(pub String);

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(code: &str) -> Result<Self, UnknownLocale> {
        Self::ALL.into_iter().find(|l| l.code() == code).ok_or_else(|| UnknownLocale(code.to_owned()))
    }
}

/// A text in both languages of the site; never empty, which the build checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LocalizedText {
    /// English.
    pub en: &'static str,
    /// Korean.
    pub ko: &'static str,
}

impl LocalizedText {
    /// Returns the text in a language.
    #[must_use]
    pub const fn get(&self, locale: Locale) -> &'static str {
        match locale {
            Locale::En => self.en,
            Locale::Ko => self.ko,
        }
    }
}
