//! Checks the references of a template.

use std::collections::BTreeSet;

use serde_yaml::Value;

use super::{Condition, Draft, TemplateError};

/// CloudFormation's pseudo parameters.
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

/// Checks every reference.
pub(super) fn check(draft: &Draft) -> Result<(), TemplateError> {
    if let Some(name) = draft.twice.first() {
        return Err(TemplateError::Twice { name: name.clone() });
    }
    let mut walk = Walk { draft, used: BTreeSet::new() };
    walk.rules()?;
    walk.conditions()?;
    for (id, entry) in &draft.resources {
        let at = format!("Resources.{id}");
        walk.condition_of(&at, entry.condition)?;
        for name in entry.depends_on.iter().flatten() {
            walk.resource(&format!("{at}.DependsOn"), name)?;
        }
        walk.value(&format!("{at}.Properties"), &entry.properties)?;
    }
    for (name, output) in &draft.outputs {
        let at = format!("Outputs.{name}");
        walk.condition_of(&at, output.condition)?;
        let value = serde_yaml::to_value(output)
            .map_err(|_| TemplateError::Malformed { at: at.clone(), function: "an output".into() })?;
        walk.value(&at, &value)?;
    }
    let mut defined = draft.parameters.keys().copied().chain(draft.conditions.keys().map(|c| c.0));
    match defined.find(|name| !walk.used.contains(*name)) {
        Some(name) => Err(TemplateError::Unused { name }),
        None => Ok(()),
    }
}

struct Walk<'a> {
    draft: &'a Draft,
    used: BTreeSet<String>,
}

impl Walk<'_> {
    fn rules(&mut self) -> Result<(), TemplateError> {
        let rules = self.draft.rules.values();
        let asserted =
            rules.flat_map(|rule| rule.when.iter().chain(rule.assertions.iter().map(|a| &a.assert)));
        let mut names = Vec::new();
        asserted.for_each(|logic| logic.compared_parameters(&mut |name| names.push(name)));
        self.draft
            .conditions
            .values()
            .for_each(|logic| logic.compared_parameters(&mut |name| names.push(name)));
        for name in names {
            if !self.draft.parameters.contains_key(name) {
                return Err(TemplateError::Unknown { at: "Rules".into(), name: name.to_owned() });
            }
            self.used.insert(name.to_owned());
        }
        Ok(())
    }

    /// Checks the conditions that refer to others.
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

    /// Checks that a condition is defined, and marks it as used.
    fn condition(&mut self, at: &str, condition: &str) -> Result<(), TemplateError> {
        self.used.insert(condition.to_owned());
        if self.draft.conditions.keys().any(|known| known.0 == condition) {
            return Ok(());
        }
        Err(TemplateError::UnknownCondition { at: at.to_owned(), name: condition.to_owned() })
    }

    fn condition_of(&mut self, at: &str, condition: Option<Condition>) -> Result<(), TemplateError> {
        condition.map_or(Ok(()), |condition| self.condition(at, condition.0))
    }

    /// Checks a name that `Ref` refers to.
    fn name(&mut self, at: &str, name: &str) -> Result<(), TemplateError> {
        if PSEUDO_PARAMETERS.contains(&name) {
            return Ok(());
        }
        if self.draft.parameters.contains_key(name) {
            self.used.insert(name.to_owned());
            return Ok(());
        }
        self.resource(at, name).map(drop)
    }

    /// Checks that a resource is defined; returns its attributes. Whether it exists under the same conditions as the reference
    /// is cfn-lint's rule W1001.
    fn resource(&mut self, at: &str, name: &str) -> Result<&'static [&'static str], TemplateError> {
        match self.draft.resources.get(name) {
            Some(entry) => {
                self.condition_of(at, entry.condition)?;
                Ok(entry.attributes)
            }
            None => Err(TemplateError::Unknown { at: at.to_owned(), name: name.to_owned() }),
        }
    }

    fn attribute(&mut self, at: &str, name: &str, attribute: &str) -> Result<(), TemplateError> {
        let known = self.resource(at, name)?;
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

    fn value(&mut self, at: &str, value: &Value) -> Result<(), TemplateError> {
        match value {
            Value::Sequence(list) => {
                list.iter().enumerate().try_for_each(|(i, item)| self.value(&format!("{at}[{i}]"), item))
            }
            Value::Mapping(map) => {
                if let (1, Some((Value::String(function), argument))) = (map.len(), map.iter().next())
                    && (function == "Ref" || function.starts_with("Fn::"))
                {
                    return self.function(at, function, argument);
                }
                map.iter().try_for_each(|(key, item)| {
                    self.value(&format!("{at}.{}", key.as_str().unwrap_or("?")), item)
                })
            }
            Value::Tagged(tagged) => {
                Err(TemplateError::Tagged { at: at.to_owned(), tag: tagged.tag.to_string() })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }

    fn function(&mut self, at: &str, function: &str, argument: &Value) -> Result<(), TemplateError> {
        let malformed = || TemplateError::Malformed { at: at.to_owned(), function: function.to_owned() };
        let text = |i: usize| argument.get(i).and_then(Value::as_str).ok_or_else(malformed);
        match function {
            "Ref" => self.name(at, argument.as_str().ok_or_else(malformed)?),
            "Fn::GetAtt" => self.attribute(at, text(0)?, text(1)?),
            "Fn::Sub" => {
                let own = argument.get(1).and_then(Value::as_mapping);
                let pattern = argument.as_str().map_or_else(|| text(0), Ok)?;
                if let Some(text) = nested(pattern) {
                    return Err(TemplateError::Nested { at: at.to_owned(), text: text.to_owned() });
                }
                for name in variables(pattern).filter(|name| own.is_none_or(|own| !own.contains_key(*name))) {
                    match name.split_once('.') {
                        Some((name, attribute)) => self.attribute(at, name, attribute)?,
                        None => self.name(at, name)?,
                    }
                }
                own.into_iter().flatten().try_for_each(|(_, value)| self.value(at, value))
            }
            "Fn::If" => {
                self.condition(at, text(0)?)?;
                let (then, otherwise) = (argument.get(1), argument.get(2));
                self.value(at, then.ok_or_else(malformed)?)?;
                self.value(at, otherwise.ok_or_else(malformed)?)
            }
            _ => self.value(at, argument),
        }
    }
}

/// Returns the variables in `${…}`; `${!…}` is a literal.
fn variables(pattern: &str) -> impl Iterator<Item = &str> {
    let parts = pattern.split("${").skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name).filter(|name| !name.starts_with('!'))
}

/// Returns a literal `${!…}` that contains a variable.
fn nested(pattern: &str) -> Option<&str> {
    let left_alone = pattern.split("${!").skip(1).filter_map(|part| part.split_once('}'));
    left_alone.map(|(text, _)| text).find(|text| text.contains("${"))
}

#[cfg(test)]
mod tests;
