//! Conditions: which parameters make which of them true.

use serde::{Serialize, Serializer};

use super::{
    Condition,
    expr::{one, parameter},
};
use crate::cfn::Text;

/// What a condition or an assertion says.
#[derive(Debug, Clone, PartialEq)]
pub enum Logic {
    /// A parameter has this value.
    Equals(&'static str, &'static str),
    /// The opposite.
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

    /// Calls `each` with every comparison in it.
    pub(super) fn comparisons(&self, each: &mut impl FnMut(&'static str, &'static str)) {
        match self {
            Self::Equals(parameter, value) => each(parameter, value),
            Self::Not(inner) => inner.comparisons(each),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|one| one.comparisons(each)),
            Self::Is(_) => {}
        }
    }

    /// Calls `each` with every condition that it asks for.
    pub(super) fn conditions(&self, each: &mut impl FnMut(Condition)) {
        match self {
            Self::Is(other) => each(*other),
            Self::Not(inner) => inner.conditions(each),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|one| one.conditions(each)),
            Self::Equals(..) => {}
        }
    }

    /// Returns whether the condition holds, given values of parameters and other conditions.
    pub(super) fn holds(
        &self,
        equals: &impl Fn(&str, &str) -> bool,
        condition: &impl Fn(Condition) -> bool,
    ) -> bool {
        match self {
            Self::Equals(parameter, value) => equals(parameter, value),
            Self::Not(inner) => !inner.holds(equals, condition),
            Self::And(all) => all.iter().all(|one| one.holds(equals, condition)),
            Self::Or(all) => all.iter().any(|one| one.holds(equals, condition)),
            Self::Is(other) => condition(*other),
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
