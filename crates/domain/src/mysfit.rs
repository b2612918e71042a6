//! The mysfits: the catalogue and its labels.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{MYSFIT_COUNT, Text, generated};

/// One mythical creature up for adoption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mysfit {
    /// Identity on every wire: a UUID.
    pub id: MysfitId,
    /// The number that the model predicts for this mysfit.
    pub label: Label,
    /// Name for URLs and files: lower-case ASCII letters and hyphens.
    pub slug: &'static str,
    /// Name.
    pub name: Text,
    /// Species.
    pub species: Text,
    /// Age in years.
    pub age: u64,
    /// Good or evil, lawful or chaotic.
    pub alignment: Alignment,
    /// A few sentences for the profile.
    pub description: Text,
}

impl Mysfit {
    /// The mysfit with this slug, if there is one.
    #[must_use]
    pub fn by_slug(slug: &str) -> Option<&'static Self> {
        catalogue().iter().find(|m| m.slug == slug)
    }

    /// Where the site keeps this mysfit's portrait: a path that starts at the site's root.
    #[must_use]
    pub fn image_uri(&self) -> String {
        format!("/art/{}.svg", self.slug)
    }
}

/// All mysfits in label order: `catalogue()[i].label` is `i`.
#[must_use]
pub fn catalogue() -> &'static [Mysfit; MYSFIT_COUNT] {
    generated::mysfits()
}

/// The identity of a mysfit in the catalogue; there is no value for any other.
///
/// Inside it is the mysfit's place in the catalogue. Serialised as the UUID in lower case; deserialising or parsing an id that no mysfit has fails.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MysfitId(pub(crate) u8);

impl MysfitId {
    /// All ids in label order.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..MYSFIT_COUNT).map(|position| Self(position as u8))
    }

    /// Where the mysfit stands on the two axes.
    #[must_use]
    pub fn alignment(self) -> Alignment {
        generated::alignments()[usize::from(self.0)]
    }

    /// The UUID, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        generated::mysfit_ids()[usize::from(self.0)]
    }

    /// The mysfit that has this id.
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

/// An id that no mysfit of the catalogue has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no mysfit with the id {0:?}")]
pub struct UnknownMysfit(pub String);

impl FromStr for MysfitId {
    type Err = UnknownMysfit;

    // By the ids alone: who only passes ids on, as the page does, need not carry the catalogue's texts.
    fn from_str(id: &str) -> Result<Self, UnknownMysfit> {
        let position = generated::mysfit_ids().iter().position(|known| *known == id);
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

/// The number that stands for a mysfit in survey and model: `0..MYSFIT_COUNT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Label(pub(crate) u8);

impl Label {
    /// All labels, ascending.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        catalogue().iter().map(|m| m.label)
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The identity of the mysfit that this label stands for.
    #[must_use]
    pub const fn mysfit_id(self) -> MysfitId {
        MysfitId(self.0)
    }

    /// The mysfit that this label stands for.
    #[must_use]
    pub fn mysfit(self) -> &'static Mysfit {
        &catalogue()[usize::from(self.0)]
    }
}

/// A number that stands for no mysfit.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("label {0} stands for no mysfit; it must be a whole number from 0 to {max}", max = MYSFIT_COUNT - 1)]
pub struct UnknownLabel(pub f64);

impl TryFrom<u8> for Label {
    type Error = UnknownLabel;

    fn try_from(label: u8) -> Result<Self, UnknownLabel> {
        if usize::from(label) < MYSFIT_COUNT { Ok(Self(label)) } else { Err(UnknownLabel(f64::from(label))) }
    }
}

/// From the float that a k-NN model predicts; only whole numbers stand for a mysfit.
impl TryFrom<f64> for Label {
    type Error = UnknownLabel;

    fn try_from(label: f64) -> Result<Self, UnknownLabel> {
        // The cast saturates, and NaN becomes 0; comparing back refuses all that was not a whole number in range.
        let whole = label as u8;
        if f64::from(whole) == label { Self::try_from(whole) } else { Err(UnknownLabel(label)) }
    }
}

/// Where a mysfit stands on the two axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alignment {
    /// The moral axis.
    pub good_evil: GoodEvil,
    /// The orderly axis.
    pub law_chaos: LawChaos,
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

            /// The value's name on every wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant)),+
                }
            }

            /// The value with this name, in exactly this spelling.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|v| v.as_str() == name)
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
