//! The macro that declares a table of texts.

/// Declares an enum of texts, with each text in both languages.
macro_rules! texts {
    ($(#[$doc:meta])* pub enum $name:ident { $($text:ident: $en:literal | $ko:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $(#[doc = $en] $text,)+ }

        impl $name {
            /// The number of texts.
            pub const COUNT: usize = [$(Self::$text),+].len();

            /// All texts, in the order of their declaration.
            pub const ALL: [Self; Self::COUNT] = [$(Self::$text),+];

            const TABLE: [mysfits_domain::LocalizedText; Self::COUNT] =
                [$(mysfits_domain::LocalizedText { en: $en, ko: $ko }),+];

            /// Returns the text in both languages.
            #[must_use]
            pub const fn text(self) -> mysfits_domain::LocalizedText {
                Self::TABLE[self as usize]
            }

            /// Returns the text in one language.
            #[must_use]
            pub const fn get(self, locale: mysfits_domain::Locale) -> &'static str {
                self.text().get(locale)
            }
        }

        // A missing translation fails the build.
        const _: () = {
            $(assert!(
                !$en.trim_ascii().is_empty() && !$ko.trim_ascii().is_empty(),
                concat!(stringify!($text), " lacks a language"),
            );)+
        };
    };
}
pub(super) use texts;
