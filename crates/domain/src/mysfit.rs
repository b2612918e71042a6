//! The mysfits: the catalogue and its labels.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{LocalizedText, MYSFIT_COUNT};

/// A mythical creature that can be adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mysfit {
    /// The id, a UUID.
    pub id: MysfitId,
    /// The number that the model predicts for this mysfit.
    pub label: Label,
    /// Name for URLs and files: lower-case ASCII letters and hyphens.
    pub slug: &'static str,
    /// Name.
    pub name: LocalizedText,
    /// Species.
    pub species: LocalizedText,
    /// Age in years.
    pub age: u64,
    /// Good or evil, lawful or chaotic.
    pub alignment: Alignment,
    /// What the portrait shows, for people who cannot see it. Does not repeat name and species.
    pub portrait: LocalizedText,
    /// A few sentences for the profile.
    pub description: LocalizedText,
}

impl Mysfit {
    /// Returns the mysfit with this slug.
    #[must_use]
    pub fn by_slug(slug: &str) -> Option<&'static Self> {
        catalogue().iter().find(|m| m.slug == slug)
    }

    /// Returns the path of the portrait, from the root of the site.
    #[must_use]
    pub fn image_uri(&self) -> String {
        format!("/art/{}.svg", self.slug)
    }
}

/// Returns all mysfits in label order: `catalogue()[i].label` is `i`.
#[must_use]
pub fn catalogue() -> &'static [Mysfit; MYSFIT_COUNT] {
    &tables::CATALOGUE
}

/// The id of a mysfit of the catalogue.
///
/// Serialized as the lower-case UUID. Unknown ids cannot be parsed or deserialized.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MysfitId(pub(crate) u8);

impl MysfitId {
    /// Returns all ids in label order.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..MYSFIT_COUNT).map(|position| Self(position as u8))
    }

    /// Returns the alignment of the mysfit.
    #[must_use]
    pub fn alignment(self) -> Alignment {
        tables::ALIGNMENTS[usize::from(self.0)]
    }

    /// Returns the lower-case UUID.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        tables::MYSFIT_IDS[usize::from(self.0)]
    }

    /// Returns the mysfit with this id.
    #[must_use]
    pub fn mysfit(self) -> &'static Mysfit {
        &catalogue()[usize::from(self.0)]
    }
}

impl fmt::Debug for MysfitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MysfitId({self})")
    }
}

impl fmt::Display for MysfitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An id that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no mysfit with the id {0:?}")]
pub struct UnknownMysfit(pub String);

impl FromStr for MysfitId {
    type Err = UnknownMysfit;

    // Uses the table of ids only, so that the page does not contain the texts of the catalogue.
    fn from_str(id: &str) -> Result<Self, UnknownMysfit> {
        let position = tables::MYSFIT_IDS.iter().position(|known| *known == id);
        position.map(|position| Self(position as u8)).ok_or_else(|| UnknownMysfit(id.to_owned()))
    }
}

impl Serialize for MysfitId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MysfitId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The number of a mysfit in survey and model: `0..MYSFIT_COUNT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8")]
pub struct Label(pub(crate) u8);

impl Label {
    /// Returns all labels, ascending.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        catalogue().iter().map(|m| m.label)
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Returns the mysfit with this label.
    #[must_use]
    pub fn mysfit(self) -> &'static Mysfit {
        &catalogue()[usize::from(self.0)]
    }
}

/// A number that is not the label of a mysfit.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("label {0} stands for no mysfit; it must be a whole number from 0 to {max}", max = MYSFIT_COUNT - 1)]
pub struct UnknownLabel(pub f64);

impl TryFrom<u8> for Label {
    type Error = UnknownLabel;

    fn try_from(label: u8) -> Result<Self, UnknownLabel> {
        if usize::from(label) < MYSFIT_COUNT { Ok(Self(label)) } else { Err(UnknownLabel(f64::from(label))) }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Label> for MysfitId {
    fn from(label: Label) -> Self {
        Self(label.0)
    }
}

/// Converts the prediction of a k-NN model, which must be a whole number.
impl TryFrom<f64> for Label {
    type Error = UnknownLabel;

    fn try_from(label: f64) -> Result<Self, UnknownLabel> {
        // The cast saturates, and NaN becomes 0; the comparison rejects everything but whole numbers in range.
        let whole = label as u8;
        if f64::from(whole) == label { Self::try_from(whole) } else { Err(UnknownLabel(label)) }
    }
}

/// The alignment of a mysfit on two axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alignment {
    /// The moral axis.
    pub good_evil: GoodEvil,
    /// The orderly axis.
    pub law_chaos: LawChaos,
}

/// A name that is not that of a value of [`GoodEvil`] or [`LawChaos`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid alignment {name:?} (expected one of {})", expected.join(", "))]
#[non_exhaustive]
pub struct UnknownAlignment {
    /// The name.
    pub name: String,
    /// The valid names.
    pub expected: [&'static str; 3],
}

macro_rules! axis {
    ($(#[$doc:meta])* $name:ident: $($(#[$variant_doc:meta])* $variant:ident),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// All values, in the order in which the site offers them.
            pub const ALL: [Self; 3] = [$(Self::$variant),+];

            /// Returns the name of the value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant)),+
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownAlignment;

            fn from_str(name: &str) -> Result<Self, UnknownAlignment> {
                Self::ALL
                    .into_iter()
                    .find(|value| value.as_str() == name)
                    .ok_or_else(|| UnknownAlignment { name: name.to_owned(), expected: Self::ALL.map(Self::as_str) })
            }
        }
    };
}

axis! {
    /// The moral axis.
    GoodEvil:
        /// Good.
        Good,
        /// Neither.
        Neutral,
        /// Evil.
        Evil
}

axis! {
    /// The orderly axis.
    LawChaos:
        /// Lawful.
        Lawful,
        /// Neither.
        Neutral,
        /// Chaotic.
        Chaotic
}

#[expect(clippy::unreadable_literal, reason = "the build script writes ages as in the data")]
mod tables {
    use super::{Alignment, GoodEvil, Label, LawChaos, LocalizedText, MYSFIT_COUNT, Mysfit, MysfitId};

    include!(concat!(env!("OUT_DIR"), "/mysfits.rs"));
}
