//! Every reference of a template, followed.

use std::collections::BTreeSet;

use serde_yaml::Value;

use super::{Condition, Draft};

/// Names that CloudFormation itself defines.
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Why a template does not hold together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A name was given twice.
    #[error("{name} is defined twice; names of parameters, conditions, resources and outputs are given once")]
    Twice {
        /// The name.
        name: String,
    },
    /// A name that nothing has.
    #[error("{at} refers to {name}, which is neither a resource nor a parameter")]
    Unknown {
        /// Where it is referred to.
        at: String,
        /// The name.
        name: String,
    },
    /// An attribute that the resource's type does not have.
    #[error("{at} asks {name} for {attribute}; {kind} has {}", list(known))]
    UnknownAttribute {
        /// Where it is asked for.
        at: String,
        /// The resource.
        name: String,
        /// Its type.
        kind: &'static str,
        /// The attribute.
        attribute: String,
        /// Those that there are.
        known: &'static [&'static str],
    },
    /// A condition that is not defined.
    #[error("{at} depends on the condition {name}, which is not defined")]
    UnknownCondition {
        /// Where it is used.
        at: String,
        /// The condition.
        name: String,
    },
    /// A condition that asks for one that is defined after it, or not at all.
    #[error("the condition {name} asks for {other}, which is not defined before it")]
    ConditionNotBefore {
        /// The condition.
        name: &'static str,
        /// The one that it asks for.
        other: &'static str,
    },
    /// More conditions, or more combinations of what they are about, than are looked through.
    #[error("the template has more than {most} {what}; split it into several stacks")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// A mapping, or a column of it, that is not defined.
    #[error(
        "{at} looks into the mapping {name}, which is not defined or has rows without the column {column}"
    )]
    UnknownMapping {
        /// Where it is looked into.
        at: String,
        /// The mapping.
        name: String,
        /// The column.
        column: String,
    },
    /// A resource that may be absent when another refers to it.
    #[error(
        "{at} refers to {name}, which only exists under the condition {condition}; refer to it under the same"
    )]
    MayBeAbsent {
        /// Where it is referred to.
        at: String,
        /// The resource.
        name: String,
        /// Its condition.
        condition: &'static str,
    },
    /// A parameter, a condition or a mapping that nothing uses.
    #[error("nothing uses {name}; take it out")]
    Unused {
        /// The name.
        name: &'static str,
    },
    /// A tag of YAML: a Rust enum that should have been a map.
    #[error("{at} has the tag {tag}, which CloudFormation does not know; write a map of one key")]
    Tagged {
        /// Where it is.
        at: String,
        /// The tag.
        tag: String,
    },
    /// A function of CloudFormation that is not written as it must be.
    #[error("{at} is not written as {function} must be")]
    Malformed {
        /// Where it is.
        at: String,
        /// The function.
        function: String,
    },
    /// Something to fill in within what is left as it is: where that ends, those who read templates do not agree.
    #[error("{at} has ${{!{text}}}: what CloudFormation fills in must stand outside of what it leaves alone")]
    Nested {
        /// Where it is.
        at: String,
        /// What stands between the braces, up to the first that closes.
        text: String,
    },
}

fn list(known: &[&str]) -> String {
    if known.is_empty() { "no attributes".to_owned() } else { known.join(", ") }
}

/// Follows every reference.
pub(super) fn check(draft: &Draft) -> Result<(), TemplateError> {
    if let Some(name) = draft.twice.first() {
        return Err(TemplateError::Twice { name: name.clone() });
    }
    let mut walk = Walk { draft, worlds: worlds(draft)?, used: BTreeSet::new() };
    walk.rules()?;
    walk.conditions()?;
    for (id, entry) in &draft.resources {
        let at = format!("Resources.{id}");
        let context = walk.under(&at, entry.condition)?;
        for name in entry.depends_on.iter().flatten() {
            walk.resource(&format!("{at}.DependsOn"), name, context)?;
        }
        walk.value(&format!("{at}.Properties"), &entry.properties, context)?;
    }
    for (name, output) in &draft.outputs {
        let at = format!("Outputs.{name}");
        let context = walk.under(&at, output.condition)?;
        let value = serde_yaml::to_value(output)
            .map_err(|_| TemplateError::Malformed { at: at.clone(), function: "an output".into() })?;
        walk.value(&at, &value, context)?;
    }
    let defined = draft.parameters.keys().chain(draft.mappings.keys()).copied();
    match defined.chain(draft.conditions.keys().map(|c| c.0)).find(|name| !walk.used.contains(*name)) {
        Some(name) => Err(TemplateError::Unused { name }),
        None => Ok(()),
    }
}

/// What is known to be true and to be false at a place: sets of conditions, as bits in the order of their definition.
#[derive(Debug, Clone, Copy, Default)]
struct Context {
    holds: u64,
    fails: u64,
}

struct Walk<'a> {
    draft: &'a Draft,
    /// The sets of conditions that some choice of parameters makes true.
    worlds: BTreeSet<u64>,
    used: BTreeSet<String>,
}

/// How many conditions a template may have: a set of them is the bits of a number.
const MOST_CONDITIONS: usize = u64::BITS as usize;
/// How many combinations of compared values are looked through.
const MOST_CHOICES: usize = 1 << 16;

/// All that parameters can make of the conditions.
fn worlds(draft: &Draft) -> Result<BTreeSet<u64>, TemplateError> {
    if draft.conditions.len() > MOST_CONDITIONS {
        return Err(TemplateError::TooMany { what: "conditions", most: MOST_CONDITIONS });
    }
    let mut compared = BTreeSet::new();
    for logic in draft.conditions.values() {
        logic.comparisons(&mut |name, value| {
            compared.insert((name, value));
        });
    }
    let names: BTreeSet<&str> = compared.iter().map(|(name, _)| *name).collect();
    // One choice for each value that a parameter is compared with, and one for all other values, if there are any.
    let mut choices: Vec<Vec<(&str, Option<&str>)>> = vec![Vec::new()];
    for name in names {
        let parameter = draft
            .parameters
            .get(name)
            .ok_or_else(|| TemplateError::Unknown { at: "Conditions".into(), name: name.to_owned() })?;
        let values: Vec<_> = compared.iter().filter(|(n, _)| *n == name).map(|(_, value)| *value).collect();
        let all_compared = parameter
            .allowed_values
            .as_ref()
            .is_some_and(|all| all.iter().all(|value| values.contains(value)));
        let n_options = values.len() + usize::from(!all_compared);
        if choices.len() * n_options > MOST_CHOICES {
            let what = "combinations of the values that its conditions compare";
            return Err(TemplateError::TooMany { what, most: MOST_CHOICES });
        }
        let options = values.into_iter().map(Some).chain((!all_compared).then_some(None));
        choices = options
            .flat_map(|option| choices.iter().map(move |choice| [&choice[..], &[(name, option)]].concat()))
            .collect();
    }
    let world = |choice: &Vec<(&str, Option<&str>)>| {
        let mut holds = 0;
        for (bit, logic) in draft.conditions.values().enumerate() {
            let equals = |name: &str, value: &str| choice.contains(&(name, Some(value)));
            let condition = |other: Condition| {
                draft.conditions.get_index_of(&other).is_some_and(|bit| holds >> bit & 1 == 1)
            };
            holds |= u64::from(logic.holds(&equals, &condition)) << bit;
        }
        holds
    };
    Ok(choices.iter().map(world).collect())
}

impl Walk<'_> {
    fn rules(&mut self) -> Result<(), TemplateError> {
        let rules = self.draft.rules.values();
        let asserted =
            rules.flat_map(|rule| rule.when.iter().chain(rule.assertions.iter().map(|a| &a.assert)));
        let mut names = Vec::new();
        asserted.for_each(|logic| logic.comparisons(&mut |name, _| names.push(name)));
        self.draft.conditions.values().for_each(|logic| logic.comparisons(&mut |name, _| names.push(name)));
        for name in names {
            if !self.draft.parameters.contains_key(name) {
                return Err(TemplateError::Unknown { at: "Rules".into(), name: name.to_owned() });
            }
            self.used.insert(name.to_owned());
        }
        Ok(())
    }

    /// Conditions that are made of others.
    fn conditions(&mut self) -> Result<(), TemplateError> {
        for (place, (condition, logic)) in self.draft.conditions.iter().enumerate() {
            let mut others = Vec::new();
            logic.conditions(&mut |other| others.push(other));
            for other in others {
                if self.draft.conditions.get_index_of(&other).is_none_or(|earlier| earlier >= place) {
                    return Err(TemplateError::ConditionNotBefore { name: condition.0, other: other.0 });
                }
                self.used.insert(other.0.to_owned());
            }
        }
        Ok(())
    }

    fn bit(&mut self, at: &str, condition: &str) -> Result<u64, TemplateError> {
        let place = self.draft.conditions.keys().position(|known| known.0 == condition);
        self.used.insert(condition.to_owned());
        place
            .map(|place| 1 << place)
            .ok_or_else(|| TemplateError::UnknownCondition { at: at.to_owned(), name: condition.to_owned() })
    }

    fn under(&mut self, at: &str, condition: Option<Condition>) -> Result<Context, TemplateError> {
        let holds = condition.map_or(Ok(0), |condition| self.bit(at, condition.0))?;
        Ok(Context { holds, fails: 0 })
    }

    /// A name that `Ref` may be given.
    fn name(&mut self, at: &str, name: &str, context: Context) -> Result<(), TemplateError> {
        if PSEUDO_PARAMETERS.contains(&name) {
            return Ok(());
        }
        if self.draft.parameters.contains_key(name) {
            self.used.insert(name.to_owned());
            return Ok(());
        }
        self.resource(at, name, context).map(drop)
    }

    /// A resource that must exist wherever the context holds.
    fn resource(
        &mut self,
        at: &str,
        name: &str,
        context: Context,
    ) -> Result<&'static [&'static str], TemplateError> {
        let Some(entry) = self.draft.resources.get(name) else {
            return Err(TemplateError::Unknown { at: at.to_owned(), name: name.to_owned() });
        };
        if let Some(condition) = entry.condition {
            let needed = self.bit(at, condition.0)?;
            let possible =
                |world: &&u64| **world & context.holds == context.holds && **world & context.fails == 0;
            if !self.worlds.iter().filter(possible).all(|world| world & needed != 0) {
                let (at, name) = (at.to_owned(), name.to_owned());
                return Err(TemplateError::MayBeAbsent { at, name, condition: condition.0 });
            }
        }
        Ok(entry.attributes)
    }

    fn attribute(
        &mut self,
        at: &str,
        name: &str,
        attribute: &str,
        context: Context,
    ) -> Result<(), TemplateError> {
        let known = self.resource(at, name, context)?;
        if known.contains(&attribute) {
            return Ok(());
        }
        Err(TemplateError::UnknownAttribute {
            at: at.to_owned(),
            name: name.to_owned(),
            kind: self.draft.resources[name].kind,
            attribute: attribute.to_owned(),
            known,
        })
    }

    fn value(&mut self, at: &str, value: &Value, context: Context) -> Result<(), TemplateError> {
        match value {
            Value::Sequence(list) => list
                .iter()
                .enumerate()
                .try_for_each(|(i, item)| self.value(&format!("{at}[{i}]"), item, context)),
            Value::Mapping(map) => {
                if let (1, Some((Value::String(function), argument))) = (map.len(), map.iter().next())
                    && (function == "Ref" || function.starts_with("Fn::"))
                {
                    return self.function(at, function, argument, context);
                }
                map.iter().try_for_each(|(key, item)| {
                    self.value(&format!("{at}.{}", key.as_str().unwrap_or("?")), item, context)
                })
            }
            Value::Tagged(tagged) => {
                Err(TemplateError::Tagged { at: at.to_owned(), tag: tagged.tag.to_string() })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn function(
        &mut self,
        at: &str,
        function: &str,
        argument: &Value,
        context: Context,
    ) -> Result<(), TemplateError> {
        let malformed = || TemplateError::Malformed { at: at.to_owned(), function: function.to_owned() };
        let text = |i: usize| argument.get(i).and_then(Value::as_str).ok_or_else(malformed);
        match function {
            "Ref" => self.name(at, argument.as_str().ok_or_else(malformed)?, context),
            "Fn::GetAtt" => self.attribute(at, text(0)?, text(1)?, context),
            "Fn::Sub" => {
                let own = argument.get(1).and_then(Value::as_mapping);
                let pattern = argument.as_str().map_or_else(|| text(0), Ok)?;
                if let Some(text) = nested(pattern) {
                    return Err(TemplateError::Nested { at: at.to_owned(), text: text.to_owned() });
                }
                for name in variables(pattern).filter(|name| own.is_none_or(|own| !own.contains_key(*name))) {
                    match name.split_once('.') {
                        Some((name, attribute)) => self.attribute(at, name, attribute, context)?,
                        None => self.name(at, name, context)?,
                    }
                }
                own.into_iter().flatten().try_for_each(|(_, value)| self.value(at, value, context))
            }
            "Fn::If" => {
                let bit = self.bit(at, text(0)?)?;
                let (then, otherwise) = (argument.get(1), argument.get(2));
                let holds = Context { holds: context.holds | bit, ..context };
                let fails = Context { fails: context.fails | bit, ..context };
                self.value(at, then.ok_or_else(malformed)?, holds)?;
                self.value(at, otherwise.ok_or_else(malformed)?, fails)
            }
            "Fn::FindInMap" => {
                let (name, column) = (text(0)?, text(2)?);
                let rows = self.draft.mappings.get(name);
                if !rows.is_some_and(|rows| rows.values().all(|row| row.contains_key(column))) {
                    let (at, name, column) = (at.to_owned(), name.to_owned(), column.to_owned());
                    return Err(TemplateError::UnknownMapping { at, name, column });
                }
                self.used.insert(name.to_owned());
                self.value(at, argument.get(1).ok_or_else(malformed)?, context)
            }
            _ => self.value(at, argument, context),
        }
    }
}

/// The names in `${…}`; `${!…}` is text.
fn variables(pattern: &str) -> impl Iterator<Item = &str> {
    let parts = pattern.split("${").skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name).filter(|name| !name.starts_with('!'))
}

/// What stands in a `${!…}` and would be for CloudFormation to fill in.
fn nested(pattern: &str) -> Option<&str> {
    let left_alone = pattern.split("${!").skip(1).filter_map(|part| part.split_once('}'));
    left_alone.map(|(text, _)| text).find(|text| text.contains("${"))
}

#[cfg(test)]
mod tests;
