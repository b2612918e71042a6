//! The logic of conditions and assertions.

use serde::{Serialize, Serializer};

use super::{
    Condition,
    expr::{one, parameter},
};
use crate::cfn::Text;

/// The logic of a condition or an assertion.
#[derive(Debug, Clone, PartialEq)]
pub enum Logic {
    /// A parameter has this value.
    Equals(&'static str, &'static str),
    /// Not.
    Not(Box<Logic>),
    /// All of them.
    And(Vec<Logic>),
    /// At least one of them.
    Or(Vec<Logic>),
    /// Another condition, defined before this one; not in assertions.
    Is(Condition),
}

impl Logic {
    /// Returns the condition that the parameter is not empty.
    #[must_use]
    pub fn given(parameter: &'static str) -> Self {
        Self::Not(Box::new(Self::Equals(parameter, "")))
    }

    /// Calls `each` with every compared parameter.
    pub(super) fn compared_parameters(&self, each: &mut impl FnMut(&'static str)) {
        match self {
            Self::Equals(parameter, _) => each(parameter),
            Self::Not(inner) => inner.compared_parameters(each),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|one| one.compared_parameters(each)),
            Self::Is(_) => {}
        }
    }

    /// Calls `each` with every condition that it refers to.
    pub(super) fn conditions(&self, each: &mut impl FnMut(Condition)) {
        match self {
            Self::Is(other) => each(*other),
            Self::Not(inner) => inner.conditions(each),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|one| one.conditions(each)),
            Self::Equals(..) => {}
        }
    }
}

impl Serialize for Logic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Equals(name, value) => {
                let name: Text = parameter(name);
                one(serializer, "Fn::Equals", &(name, value))
            }
            Self::Not(inner) => one(serializer, "Fn::Not", &[inner]),
            Self::And(all) => one(serializer, "Fn::And", all),
            Self::Or(all) => one(serializer, "Fn::Or", all),
            Self::Is(condition) => one(serializer, "Condition", condition),
        }
    }
}
