//! Names of the variants of the crate's small enums.

/// A text that is not the name of a metric, predictor type or projection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid {kind}: {found:?} (expected one of {})", expected.join(", "))]
#[non_exhaustive]
pub struct ParseNameError {
    /// What was parsed, such as `metric`.
    pub kind: &'static str,
    /// The text.
    pub found: String,
    /// The valid names.
    pub expected: &'static [&'static str],
}

/// Implements `ALL`, `as_str`, `Display` and `FromStr` for an enum without fields.
macro_rules! impl_names {
    ($name:ident, $kind:literal, $($variant:ident => $text:literal),+) => {
        impl $name {
            /// All variants.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// Returns the name, as [`FromStr`](std::str::FromStr) reads it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseNameError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.into_iter().find(|value| value.as_str() == text).ok_or_else(|| {
                    $crate::ParseNameError { kind: $kind, found: text.to_owned(), expected: &[$($text),+] }
                })
            }
        }
    };
}

pub(crate) use impl_names;
